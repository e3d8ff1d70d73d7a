// The server as a fetch: takes what the platform makes of the arguments, and settles as the platform's fetch does.

import type { PlatformFetch } from '../../core/types.ts';
import type { WireRequest } from './request.ts';

/** Creates a fetch on a function that answers raw requests. */
export function createFetch(answer: (request: WireRequest) => Promise<Response>): PlatformFetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    if (signal?.aborted === true) throw signal.reason;
    const { pathname, search } = new URL(request.url);
    // Firefox has no `body` on requests, so read them all.
    const bytes = new Uint8Array(await request.arrayBuffer());
    const body = bytes.length > 0 ? bytes : undefined;
    const { method, headers } = request;
    const response = await untilAborted(answer({ method, target: pathname + search, headers, body, signal }), signal);
    const redirects = response.status >= 300 && response.status < 400 && response.headers.has('location');
    if (redirects && request.redirect === 'error') {
      throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
    }
    return response;
  };
}

/** Settles with the work, or rejects once the signal fires. The work goes on, as it does on a server. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}
