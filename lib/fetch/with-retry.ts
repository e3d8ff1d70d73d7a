// A fetch that tries again where that is safe: a request that was not processed, or that may be processed twice.

import { callable, check, integer, pick } from '../check.ts';
import type { Fetch } from '../client.ts';
import { retryAfter, sleep as timer } from '../wait.ts';

/** What {@link withRetry} takes. */
export interface RetryOptions {
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: Fetch | undefined;
  /** How often a request is sent again at most. Defaults to 2. */
  limit?: number | undefined;
  /** The longest wait before a try, in milliseconds. A server that asks for more gets no further try. Defaults to 60,000. */
  maxDelay?: number | undefined;
  /** Gives the jitter, from 0 to 1. Defaults to `Math.random`. */
  random?: (() => number) | undefined;
  /** Waits for a number of milliseconds, and rejects once the signal fires. Defaults to a timer. */
  sleep?: ((milliseconds: number, signal?: AbortSignal | null) => Promise<unknown>) | undefined;
}

/**
 * Creates a fetch that retries.
 *
 * GET, HEAD, PUT, DELETE and OPTIONS are sent again after a network failure and after the status 408, 425, 429, 500, 502, 503
 * and 504; POST and PATCH only after 429, and after 503 with `Retry-After`, which both say that nothing was done. It waits as long
 * as `Retry-After` says, at least a second, else until `X-RateLimit-Reset`, else half a second that doubles up to 8 seconds,
 * with jitter. Streams are never sent twice, and requests with Nango's own `Retries` header are left to the server.
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
export function withRetry(options: RetryOptions = {}): Fetch {
  const { fetch, limit, maxDelay, random, sleep } = {
    limit: 2,
    maxDelay: 60_000,
    random: Math.random,
    sleep: timer,
    ...pick(
      options,
      {
        'fetch?': callable,
        'limit?': integer(1e6, 0),
        'maxDelay?': check((value) => typeof value === 'number' && value >= 0, 'a number from 0'),
        'random?': callable,
        'sleep?': callable,
      },
      'options',
    ),
  } as RetryOptions & { limit: number; maxDelay: number; random: () => number; sleep: typeof timer };
  return async (input, init) => {
    const request = typeof input === 'object' && 'headers' in input ? input : undefined;
    const signal = init?.signal ?? request?.signal;
    const body = (init?.body ?? request?.body) as ReadableStream | undefined;
    const repeatable = /^(GET|HEAD|PUT|DELETE|OPTIONS)$/i.test(init?.method ?? request?.method ?? 'GET');
    // Node takes any asynchronous iterable for a stream, and not every browser's stream is one.
    const streamed = body?.getReader || body?.[Symbol.asyncIterator];
    const tries = streamed || new Headers(init?.headers ?? request?.headers).has('retries') ? 0 : limit;
    for (let attempt = 0; ; attempt++) {
      let delay = random() * Math.min(8000, 500 * 2 ** attempt);
      // Not every browser shows the body of a request object, but all tell whether it is gone.
      const last = (): unknown => attempt >= tries || request?.bodyUsed;
      try {
        const response = await (fetch ?? globalThis.fetch)(input, init);
        const { status, headers } = response;
        const after = retryAfter(headers);
        const refused = status === 429 || (status === 503 && after !== undefined);
        const failed = repeatable && /^(408|425|500|502|503|504)$/.test(`${status}`);
        if (last() || !(refused || failed)) return response;
        const reset = headers.get('x-ratelimit-reset');
        // Every answer tells when the window of the rate limit ends, but only a 429 has to wait for it.
        const seconds = after ?? (status === 429 && reset ? +reset - Date.now() / 1000 : NaN);
        // The server rounds down, and all that wait for the same window would come at once.
        if (!isNaN(seconds)) {
          const asked = Math.max(1, seconds) * 1000;
          if (asked > maxDelay) return response;
          delay = asked + random() * 1000;
        }
        // An unread body would hold its connection. That it cannot be cancelled any more changes nothing.
        response.body?.cancel().catch(() => {});
      } catch (failure) {
        if (last() || !repeatable || signal?.aborted) throw failure;
      }
      await sleep(Math.min(delay, maxDelay), signal);
    }
  };
}
