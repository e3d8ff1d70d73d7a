// A fetch that tries again where that is safe: a request that was not processed, or that may be processed twice.

import { callable, check, duration, noOthers, object } from '../core/guards.ts';
import type { Fetch, PlatformFetch } from '../core/types.ts';
import { retryAfter, sleep as timer } from '../core/wait.ts';
import { failureOf } from './events.ts';
import type { InnerFetch, RetryEvent } from './events.ts';

/** What {@link withRetry} takes. */
export interface RetryOptions<F extends Fetch = PlatformFetch> {
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: F | undefined;
  /** How often a request is sent again at most. Defaults to 2. */
  limit?: number | undefined;
  /**
   * The longest wait before an attempt, in milliseconds. A server that asks for more gets no further attempt. Defaults
   * to 60,000.
   */
  maxDelay?: number | undefined;
  /** Is called before each wait. What it returns or throws changes nothing. */
  onRetry?: ((event: RetryEvent) => unknown) | undefined;
  /** Gives the jitter, from 0 to 1. Defaults to `Math.random`. */
  random?: (() => number) | undefined;
  /** Waits for a number of milliseconds, and rejects once the signal fires. Defaults to a timer. */
  sleep?: ((milliseconds: number, signal?: AbortSignal | null) => Promise<unknown>) | undefined;
}

/**
 * What another attempt does not change: a permission that Deno or Node was not given, a certificate, an argument that
 * is invalid.
 */
const PERMANENT = /NotCapable|Denied|ERR_INVALID|CERT|SIGNED|VERIFY/i;

/**
 * Creates a fetch that retries.
 *
 * GET, HEAD, PUT, DELETE and OPTIONS are sent again after a network failure and after the status 408, 425, 429, 500,
 * 502, 503 and 504; POST and PATCH only after 429, and after 503 with `Retry-After`, which both say that nothing was
 * done. It waits as long as `Retry-After` says, at least a second, else until `X-RateLimit-Reset`, else half a second
 * that doubles up to 8 seconds, with jitter. Failures that will not pass (a missing permission, a bad certificate, an
 * invalid request) are not retried, streams are never sent twice, and requests with Nango's own `Retries` header are
 * left to the server.
 *
 * @example
 * ```ts
 * import { createClient, withRetry } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>', fetch: withRetry({ limit: 3 }) });
 * ```
 *
 * @returns A fetch of the type of the one it wraps. It resolves with the last response, whatever its status, or rejects
 * with the last failure.
 */
export function withRetry<F extends Fetch = PlatformFetch>(options: RetryOptions<F> = {}): F {
  const {
    fetch,
    limit = 2,
    maxDelay = 60_000,
    onRetry,
    random = Math.random,
    sleep = timer,
    ...others
  } = object(options, 'options');
  for (const [name, value] of Object.entries({ fetch, onRetry, random, sleep })) callable(value, name);
  check(Number.isInteger(limit) && limit >= 0, 'limit must be a whole number of retries, 0 for none');
  duration(maxDelay, 'maxDelay');
  noOthers(others, 'options');
  const retrying: InnerFetch = async (input, init) => {
    // Only a request object has these members.
    const request = input as Partial<Request>;
    const { method = request.method ?? 'GET', signal = request.signal } = init ?? {};
    const repeatable = /^(GET|HEAD|PUT|DELETE|OPTIONS)$/i.test(method);
    const last = (attempt: number): unknown => {
      const body = (init?.body ?? request.body) as Partial<ReadableStream> | undefined;
      // Node takes any asynchronous iterable for a stream, and not every browser's stream is one. Not every browser
      // shows the body of a request object, but all tell whether it is gone.
      return attempt > limit || body?.getReader || body?.[Symbol.asyncIterator] || request.bodyUsed ||
        new Headers(init?.headers ?? request.headers).has('retries');
    };
    for (let attempt = 1;; attempt++) {
      const jitter = random();
      let delay = jitter * Math.min(8000, 250 * 2 ** attempt);
      let status: number | undefined;
      let error: string | undefined;
      try {
        const again = attempt > 1 ? { ...init, attempt } : init;
        const response = await ((fetch ?? globalThis.fetch) as InnerFetch)(input, again);
        const { headers } = response;
        status = response.status;
        const after = retryAfter(headers);
        const refused = status === 429 || (status === 503 && after !== undefined);
        const failed = repeatable && /^(408|425|50[0234])$/.test(`${status}`);
        // Every answer tells when the window of the rate limit ends, but only a 429 has to wait for it.
        const reset = status === 429 ? +(headers.get('x-ratelimit-reset') ?? NaN) - Date.now() / 1000 : NaN;
        const asked = Math.max(1, after ?? reset) * 1000;
        if (!(refused || failed) || asked > maxDelay || last(attempt)) return response;
        // The server rounds down, and all that wait for the same window would come at once.
        delay = asked + jitter * 1000 || delay;
        // An unread body would hold its connection. Ignore cancel errors: it may have been read, or have failed.
        (response.body as Partial<ReadableStream> | null)?.cancel?.().catch(() => {});
      } catch (failure) {
        error = failureOf(failure);
        if (!repeatable || signal?.aborted || PERMANENT.test(error) || last(attempt)) throw failure;
      }
      delay = Math.min(delay, maxDelay);
      const event = { operation: init?.operation ?? method, attempt, status, error, milliseconds: delay };
      init?.observe?.('retry', event);
      // What observes must not be able to break a call.
      (async () => onRetry?.(event))().catch(() => {});
      await sleep(delay, signal);
    }
  };
  return retrying as Fetch as F;
}
