// A fetch that tries again where that is safe: a request that was not processed, or that may be processed twice.

import { callable, check, duration, noOthers, object } from '../core/guards.ts';
import type { Fetch, PlatformFetch } from '../core/types.ts';
import { retryAfter, sleep as timer } from '../core/wait.ts';

/** What {@link withRetry} takes. */
export interface RetryOptions<F extends Fetch = PlatformFetch> {
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: F | undefined;
  /** How often a request is sent again at most. Defaults to 2. */
  limit?: number | undefined;
  /**
   * The longest wait before a try, in milliseconds. A server that asks for more gets no further try. Defaults to
   * 60,000.
   */
  maxDelay?: number | undefined;
  /** Gives the jitter, from 0 to 1. Defaults to `Math.random`. */
  random?: (() => number) | undefined;
  /** Waits for a number of milliseconds, and rejects once the signal fires. Defaults to a timer. */
  sleep?: ((milliseconds: number, signal?: AbortSignal | null) => Promise<unknown>) | undefined;
}

/**
 * Creates a fetch that retries.
 *
 * GET, HEAD, PUT, DELETE and OPTIONS are sent again after a network failure and after the status 408, 425, 429, 500,
 * 502, 503 and 504; POST and PATCH only after 429, and after 503 with `Retry-After`, which both say that nothing was
 * done. It waits as long as `Retry-After` says, at least a second, else until `X-RateLimit-Reset`, else half a second
 * that doubles up to 8 seconds, with jitter. Streams are never sent twice, and requests with Nango's own `Retries`
 * header are left to the server.
 *
 * @example
 * ```ts
 * import { createClient, withRetry } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>', fetch: withRetry({ limit: 3 }) });
 * ```
 *
 * @returns A fetch that resolves with the last response, whatever its status, or rejects with the last failure.
 */
export function withRetry<F extends Fetch = PlatformFetch>(options: RetryOptions<F> = {}): F {
  const {
    fetch,
    limit = 2,
    maxDelay = 60_000,
    random = Math.random,
    sleep = timer,
    ...others
  } = object(options, 'options');
  noOthers(others, 'options');
  callable(fetch, 'fetch');
  check(Number.isInteger(limit) && limit >= 0, 'limit must be an integer from 0');
  duration(maxDelay, 'maxDelay');
  callable(random, 'random');
  callable(sleep, 'sleep');
  const retrying: PlatformFetch = async (input, init) => {
    // Only a request object has these members.
    const request = input as Partial<Request>;
    const { method = request.method ?? 'GET', signal = request.signal } = init ?? {};
    const body = (init?.body ?? request.body) as Partial<ReadableStream> | undefined;
    const repeatable = /^(GET|HEAD|PUT|DELETE|OPTIONS)$/i.test(method);
    // Node takes any asynchronous iterable for a stream, and not every browser's stream is one.
    const streamed = body?.getReader || body?.[Symbol.asyncIterator];
    const tries = streamed || new Headers(init?.headers ?? request.headers).has('retries') ? 0 : limit;
    for (let attempt = 0;; attempt++) {
      const jitter = random();
      let delay = jitter * Math.min(8000, 500 * 2 ** attempt);
      // Not every browser shows the body of a request object, but all tell whether it is gone.
      const last = (): unknown => attempt >= tries || request.bodyUsed;
      try {
        const response = await ((fetch ?? globalThis.fetch) as PlatformFetch)(input, init);
        const { status, headers } = response;
        const after = retryAfter(headers);
        const refused = status === 429 || (status === 503 && after !== undefined);
        const failed = repeatable && /^(408|425|50[0234])$/.test(`${status}`);
        // Every answer tells when the window of the rate limit ends, but only a 429 has to wait for it.
        const reset = status === 429 ? +(headers.get('x-ratelimit-reset') ?? NaN) - Date.now() / 1000 : NaN;
        const asked = Math.max(1, after ?? reset) * 1000;
        if (last() || !(refused || failed) || asked > maxDelay) return response;
        // The server rounds down, and all that wait for the same window would come at once.
        delay = asked + jitter * 1000 || delay;
        // An unread body would hold its connection. That it cannot be cancelled any more changes nothing.
        response.body?.cancel().catch(() => {});
      } catch (failure) {
        if (last() || !repeatable || signal?.aborted) throw failure;
      }
      await sleep(Math.min(delay, maxDelay), signal);
    }
  };
  return retrying as Fetch as F;
}
