// The time limit of calls whose body is read after them: `send` can only limit what it reads itself.

import { NangoTimeoutError } from '../errors.ts';
import type { RequestOptions } from './send.ts';

/** Gives options that bound the body too, which is read after the call. */
export function withDeadline(
  { timeout = Infinity, signal, ...options }: RequestOptions,
  operation: string,
): RequestOptions {
  // An impossible timeout is refused by send.
  if (!(timeout < 2 ** 31) || timeout <= 0) return { ...options, signal, timeout };
  const controller = new AbortController();
  const stop = controller.signal;
  const expire = (): void =>
    controller.abort(new NangoTimeoutError(`no whole answer in ${timeout} ms`, 'timeout', operation));
  const timer = setTimeout(expire, timeout) as number | { unref?(): void };
  // The body may have been read long before, and no process should wait for this.
  (timer as { unref?(): void }).unref?.();
  if (signal?.aborted) controller.abort(signal.reason);
  signal?.addEventListener('abort', () => controller.abort(signal.reason), { signal: stop });
  return { ...options, signal: stop, timeout: Infinity };
}
