// A line a call: what was asked, how it ended, how long it took, and every retry and wait in between. Nothing in a line
// is secret: no header, no body, no query.

import { withHooks, withRateLimit, withRetry } from 'nango-fetch';
import type { Fetch } from 'nango-fetch';

/** Makes a fetch that retries, keeps to the rate limit and writes a line for all that happens. */
export function loggedFetch(
  write: (line: string) => void,
  fetch?: Fetch,
): Fetch {
  const ms = (milliseconds: number): string => `${Math.round(milliseconds)} ms`;
  return withHooks({
    fetch: withRetry({ fetch: withRateLimit({ fetch }) }),
    response: ({ operation, attempt, status, milliseconds }) =>
      write(
        `${operation} ${status} in ${ms(milliseconds)}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
      ),
    error: ({ operation, attempt, error, milliseconds }) =>
      write(
        `${operation} failed with ${error} in ${ms(milliseconds)}, attempt ${attempt}`,
      ),
    retry: ({ operation, attempt, status, error, milliseconds }) =>
      write(
        `${operation} attempt ${attempt}: ${status ?? error}, trying again in ${ms(milliseconds)}`,
      ),
    wait: ({ operation, milliseconds }) => write(`${operation} waits ${ms(milliseconds)} for the rate limit`),
  });
}
