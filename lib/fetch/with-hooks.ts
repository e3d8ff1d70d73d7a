// A fetch that tells what happens: for logs, metrics and traces.

import { callable, noOthers, object } from '../core/guards.ts';
import { failureOf } from './events.ts';
import type { CallEvent, FailureEvent, InnerFetch, ResponseEvent, RetryEvent, WaitEvent } from './events.ts';
import type { Fetch, PlatformFetch } from '../core/types.ts';

/** What {@link withHooks} takes. */
export interface HooksOptions<F extends Fetch = PlatformFetch> {
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: F | undefined;
  /** Is called before a request is sent. */
  request?: ((event: CallEvent) => unknown) | undefined;
  /** Is called once the headers of the response are there, whatever its status. */
  response?: ((event: ResponseEvent) => unknown) | undefined;
  /** Is called where no response came. */
  error?: ((event: FailureEvent) => unknown) | undefined;
  /** Is called where a `withRetry` inside will send the request again. */
  retry?: ((event: RetryEvent) => unknown) | undefined;
  /** Is called where a `withRateLimit` inside holds the call back. */
  wait?: ((event: WaitEvent) => unknown) | undefined;
}

/**
 * Creates a fetch that calls hooks. They observe: what they return, throw or reject with changes nothing, and no event
 * holds a header, a body or a query.
 *
 * Around {@link withRetry} and {@link withRateLimit} the hooks see calls, with their retries and waits. Inside of them
 * they see each attempt that goes over the wire.
 *
 * @example
 * ```ts
 * import { createClient, withHooks, withRateLimit, withRetry } from 'nango-fetch';
 *
 * const fetch = withHooks({
 *   fetch: withRetry({ fetch: withRateLimit() }),
 *   response: ({ operation, status, milliseconds }) => console.log(operation, status, `${milliseconds} ms`),
 *   retry: ({ operation, status, error }) => console.warn(operation, status ?? error, 'trying again'),
 * });
 * const client = createClient({ apiKey: '<API-KEY>', fetch });
 * ```
 *
 * @returns A fetch of the type of the one it wraps.
 */
export function withHooks<F extends Fetch = PlatformFetch>(options: HooksOptions<F> = {}): F {
  const { fetch, request, response, error, retry, wait, ...others } = object(options, 'options');
  const hooks = { request, response, error, retry, wait };
  for (const [name, value] of Object.entries({ fetch, ...hooks })) callable(value, name);
  noOthers(others, 'options');
  const hooked: InnerFetch = async (input, init) => {
    const operation = init?.operation ?? init?.method ?? (input as Partial<Request>).method ?? 'GET';
    let attempt = init?.attempt ?? 1;
    const start = Date.now();
    const emit = async (kind: keyof typeof hooks, event?: object): Promise<void> => {
      try {
        await hooks[kind]?.({ operation, attempt, ...event } as never);
      } catch {
        // A hook must not be able to break a call.
      }
    };
    emit('request');
    try {
      const answer = await ((fetch ?? globalThis.fetch) as InnerFetch)(input, {
        ...init,
        observe: (kind, event) => {
          emit(kind, event);
          init?.observe?.(kind, event);
          if (event.attempt) attempt = event.attempt + 1;
        },
      });
      emit('response', { status: answer.status, milliseconds: Date.now() - start });
      return answer;
    } catch (failure) {
      emit('error', { error: failureOf(failure), milliseconds: Date.now() - start });
      throw failure;
    }
  };
  return hooked as Fetch as F;
}
