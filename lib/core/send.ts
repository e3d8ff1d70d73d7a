// One call: what is sent, how it ends, and what its answer means. All operations go through here.

import { NangoApiError, NangoError, NangoNetworkError, NangoParseError, NangoTimeoutError } from '../errors.ts';
import type { ValidationError } from '../errors.ts';
import { check, headerRecord, object } from './guards.ts';
import { target } from './request.ts';
import type { RequestParts } from './request.ts';
import type { BaseClient, FetchInit, FetchResponse, RequestOptions } from './types.ts';
import { retryAfter } from './wait.ts';

/** A call that is under way. */
export interface Call {
  /** The method and path template. */
  readonly operation: string;
  /** Fires when the call times out or is aborted. */
  readonly signal: AbortSignal;
  /** Whether its timer and its listener outlive `send`, because the body is read after it. `end` must be called then. */
  open: boolean;
  /** Ends the call when it takes too long. */
  readonly timer: number | { unref?(): void } | undefined;
  /** Lets go of the timer and of the caller's signal. */
  end(): void;
}

/**
 * Sends a request and reads its answer.
 *
 * @param operation The method and path template, for example `GET /connections/{connectionId}`.
 * @param read Turns the response into the result. It reads JSON unless it is given.
 */
export async function send<T>(
  client: BaseClient,
  operation: string,
  parts: RequestParts = {},
  options: RequestOptions = {},
  read: (response: FetchResponse, call: Call) => T | Promise<T> = readJson,
): Promise<T> {
  check(client?.fetch, 'client must be made by createClient');
  const { signal, timeout = client.timeout, headers, onResponse } = object(options, 'options');
  const [method, template] = operation.split(' ') as [string, string];
  const path = target(template, parts);
  const { body } = parts;
  const controller = new AbortController();
  const request: FetchInit = {
    method,
    headers: {
      ...(headers && headerRecord(headers)),
      ...(body && { 'content-type': 'application/json' }),
      ...parts.headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: controller.signal,
    operation,
    deadline: Date.now() + timeout,
  };
  return new Promise((resolve, reject) => {
    // Settle even if fetch ignores its signal.
    const stop = (reason?: unknown): void => {
      controller.abort(reason);
      reject(controller.signal.reason);
      call.end();
    };
    const abort = (): void => stop(signal!.reason);
    const expire = (): void => stop(new NangoTimeoutError(`no answer in ${timeout} ms`, 'timeout', operation));
    signal?.addEventListener('abort', abort);
    const call: Call = {
      operation,
      signal: controller.signal,
      open: false,
      // Timers end at 2^31 ms, and longer ones fire at once.
      timer: timeout < 2 ** 31 ? setTimeout(expire, timeout) : undefined,
      end: () => {
        clearTimeout(call.timer as number);
        signal?.removeEventListener('abort', abort);
      },
    };
    if (signal?.aborted) return abort();
    const settle = <V>(how: (value: V) => void) => (value: V): void => {
      if (!call.open) call.end();
      how(value);
    };
    client
      .fetch(path, request)
      .then((response) => {
        onResponse?.(response);
        return read(response, call);
      })
      .then(settle(resolve), settle(reject));
  });
}

/**
 * Reads a JSON answer, or throws the error that it is. An answer without content gives undefined.
 *
 * @param text The body, where it has been read already.
 */
export async function readJson<T>(
  response: FetchResponse,
  { operation }: { readonly operation: string },
  text: string | Promise<string> = response.text(),
): Promise<T> {
  const { ok, status, headers } = response;
  let body: unknown;
  try {
    body = await text;
  } catch (cause) {
    // Where the body of an error breaks off, its status still says what happened.
    if (ok) throw networkError(cause, operation);
  }
  try {
    body = status === 204 ? undefined : JSON.parse(body as string);
  } catch {
    // What is no JSON may still be an error: load balancers and proxies answer with anything.
    if (ok) {
      const type = headers.get('content-type');
      // The engine's own message would quote the body, which may hold credentials, so it is no cause.
      throw new NangoParseError(
        `${status} ${type} is not JSON: ${/json/.test(type!) ? 'cut off' : 'wrong host or id?'}`,
        'parse_error',
        operation,
        { status },
      );
    }
  }
  if (ok) return body as T;
  // Most errors are in an envelope, `{ error: { … } }`, some are bare, some are text.
  const detail = (body as { error?: ErrorBody } | null)?.error ?? (body as ErrorBody | null) ?? {};
  const { code, message, payload } = detail;
  // JSON-RPC has numbers for codes.
  const reason = typeof code === 'string' ? code : undefined;
  const errors = [detail.errors ?? []].flat() as ValidationError[];
  const [first] = errors;
  const at = [[first?.path ?? []].flat().join('.'), first?.message].filter(Boolean).join(': ');
  const words = status < 400 && status !== 304
    ? 'redirects are not followed'
    : [message, at || first, detail, detail[0]].find((text) => typeof text === 'string');
  throw new NangoApiError(
    [status, reason, words].filter(Boolean).join(' ').replace(/\s+/g, ' ').slice(0, 200),
    'api_error',
    operation,
    { status, reason, errors, payload, body, headers, retryAfter: retryAfter(headers), origin: 'nango' },
  );
}

/** What may be in the body of an error. */
type ErrorBody = { code?: unknown; message?: unknown; errors?: unknown; payload?: unknown; 0?: unknown };

/**
 * Leaves the body of a response to the caller. The call ends once the body has been read, has failed or was canceled.
 *
 * @param head What has been read of the body already.
 */
export function leaveOpen(
  response: FetchResponse,
  call: Call,
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined = readerOf(response),
  head: Uint8Array[] = [],
): Response {
  if (!reader) return response as Response;
  call.open = true;
  // No process should wait for a body that nobody reads.
  (call.timer as { unref?(): void } | undefined)?.unref?.();
  const { signal } = call;
  const body = new ReadableStream<Uint8Array>(
    {
      // Settle even if the body ignores its signal.
      start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
      pull: async (controller) => {
        try {
          const piece = head.shift() ?? (await reader.read()).value;
          if (piece) return controller.enqueue(piece);
          controller.close();
        } catch (cause) {
          controller.error(cause);
        }
        call.end();
      },
      cancel: (reason) => {
        call.end();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return withBody(response as Response, body);
}

/** Gives a response another body. */
export function withBody(response: Response, body: RequestInit['body']): Response {
  const { status, statusText, headers, url } = response;
  // Some providers answer with a status above 599 (LinkedIn with 999), which no Response can be made with.
  const made = new Response(body, { status: Math.min(status, 599), statusText, headers });
  return Object.defineProperties(made, { url: { value: url }, status: { value: status } });
}

/** Gives the reader of a body, where it is a stream of the web. Some fetches have none, or one of Node. */
export function readerOf({ body }: FetchResponse): ReadableStreamDefaultReader<Uint8Array> | undefined {
  return (body as Partial<ReadableStream<Uint8Array>> | null | undefined)?.getReader?.();
}

/** Throws unless a success is what the API sends. */
export function expect(holds: unknown, operation: string, missing: string): asserts holds {
  if (!holds) throw new NangoParseError(`the server sent ${missing}`, 'parse_error', operation);
}

/** Gives the error of a call without a whole answer. It names what happened at last, which is the deepest cause. */
export function networkError(cause: unknown, operation: string): Error {
  if (cause instanceof NangoError) return cause;
  let deepest = cause as { cause?: typeof deepest; message?: string; code?: string } | null | undefined;
  while (deepest?.cause) deepest = deepest.cause;
  // What comes of several addresses has a code, and no message.
  const words = deepest?.message || deepest?.code || cause;
  return new NangoNetworkError(`no answer: ${words}`, 'network_error', operation, { cause });
}
