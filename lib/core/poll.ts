// Polling: looks again and again until there is something, and outlives rate limits and failures that pass.

import { duration } from './guards.ts';
import { type NangoApiError, NangoError } from '../errors.ts';
import type { BaseClient, RequestOptions } from './types.ts';
import { sleep } from './wait.ts';

/** How often and how long to look, in milliseconds. */
export interface PollTimes {
  /** The pause between two looks; where pauses grow, the first one. */
  interval: number;
  /** How long to go on. */
  timeout: number;
  /** What the pause is multiplied with after each look, up to 10,000. Defaults to 1. */
  growth?: number;
}

/**
 * Calls `look` until it gives something, at last when the time is up. It fails with what `look` throws, unless that
 * passes: a failed network, a rate limit, or a status of at least `transient`.
 *
 * @param missing What there is not, for the error once the time is up.
 */
export async function poll<T>(
  client: BaseClient,
  operation: string,
  look: (options: RequestOptions) => Promise<T | undefined>,
  { interval, timeout, growth = 1 }: PollTimes,
  transient: number,
  missing: string,
  options: RequestOptions = {},
): Promise<T> {
  duration(interval, 'interval');
  duration(timeout, 'timeout');
  const { signal } = options;
  const deadline = Date.now() + timeout;
  const left = (): number => deadline - Date.now();
  for (let pause = interval, last = false;; pause = Math.max(interval, Math.min(pause * growth, 10_000))) {
    let delay = pause;
    let cause: object | undefined;
    try {
      // The last look starts when the time is up, and has as long as a pause.
      const limit = Math.max(left(), interval);
      const found = await look({ ...options, signal, timeout: Math.min(options.timeout ?? client?.timeout, limit) });
      if (found !== undefined) return found;
    } catch (error) {
      if (signal?.aborted || !(error instanceof NangoError)) throw error;
      const { code, status = 0, retryAfter } = error as Partial<NangoApiError>;
      if (status !== 429 && status < transient && !/^(network_error|timeout)$/.test(code!)) throw error;
      delay = Math.max(pause, 1000, (retryAfter || 0) * 1000);
      cause = { cause: error };
    }
    if (last) throw new NangoError(`no ${missing} in ${timeout} ms`, 'wait_timeout', operation, cause);
    last = delay >= left();
    await sleep(Math.min(delay, left()), signal);
  }
}
