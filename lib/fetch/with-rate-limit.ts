// A fetch that keeps to the rate limit: calls wait until there is room, instead of each of them running into a 429.
//
// The server counts calls in fixed windows of a minute, for a whole account. All that calls share here are numbers: no
// promise, timer or response of one call is ever waited for by another. In Workers those belong to the request that
// made them and end with it, and a gate that relied on one would stay shut.

import { callable, noOthers, object } from '../core/guards.ts';
import { retryAfter, sleep } from '../core/wait.ts';
import { NangoTimeoutError } from '../errors.ts';
import type { InnerFetch } from './events.ts';
import type { Fetch, PlatformFetch } from '../core/types.ts';

/** What {@link withRateLimit} takes. */
export interface RateLimitOptions<F extends Fetch = PlatformFetch> {
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: F | undefined;
}

/** The server's window of a minute, with what its times are rounded by and calls take longer than others. */
const WINDOW = 62_000;

/**
 * Creates a fetch that keeps to the rate limit of the API. All calls through it share one gate.
 *
 * It reads `X-RateLimit-Limit`, `-Remaining` and `-Reset`. Calls pass at once while the window has room. Those beyond it
 * wait for the next, where they leave one after the other, over three seconds for a whole window. A 429 closes the gate
 * as long as `Retry-After` asks, a minute at most. The first call goes ahead alone, for a second at most, to learn the
 * limit. A call that would time out before the window opens fails at once with a `NangoTimeoutError`. What the proxy
 * answers is not read: its headers may be the provider's.
 *
 * @example
 * ```ts
 * import { createClient, withRateLimit, withRetry } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>', fetch: withRetry({ fetch: withRateLimit() }) });
 * ```
 *
 * @returns A fetch of the type of the one it wraps.
 */
export function withRateLimit<F extends Fetch = PlatformFetch>(options: RateLimitOptions<F> = {}): F {
  const { fetch, ...others } = object(options, 'options');
  callable(fetch, 'fetch');
  noOthers(others, 'options');
  // How many calls a window takes (0 until an answer tells), how many it still takes, how many wait for the next, and
  // when that opens.
  let limit = 0;
  let left = 0;
  let waiting = 0;
  let opens = 0;

  const limited: InnerFetch = async (input, init) => {
    const { signal = (input as Partial<Request>).signal, operation, deadline, observe } = init ?? {};
    for (;;) {
      const now = Date.now();
      if (now >= opens) {
        left = limit || 1;
        waiting = 0;
        opens = now + (limit ? WINDOW : 1000);
      }
      if (left > 0) break;
      const wait = limit ? opens - now + waiting++ * 3000 / limit : 50;
      if (now + wait > deadline!) {
        throw new NangoTimeoutError('no whole answer in time: rate limit', 'timeout', operation!);
      }
      observe?.('wait', { milliseconds: wait });
      await sleep(wait, signal);
    }
    left--;
    const response = await ((fetch ?? globalThis.fetch) as InnerFetch)(input, init);
    const { status, headers } = / \/proxy/.test(operation!) ? { headers: new Map<string, string>() } : response;
    const read = (name: string): number => +headers.get(`x-ratelimit-${name}`)!;
    const now = Date.now();
    const seconds = status === 429 ? retryAfter(headers) ?? 0 : read('reset') - now / 1000;
    if (!limit) opens = 0;
    limit = read('limit') >>> 0 || limit || Infinity;
    if (seconds >= 0) {
      const end = now + Math.min(seconds * 1000 + 1000, WINDOW);
      // A window that ends later is one that the server has opened meanwhile.
      left = Math.min(end > opens + 1000 ? limit : left, read('remaining'));
      opens = end;
    }
    return response;
  };
  return limited as Fetch as F;
}
