// The one place that sends a request and reads its answer: time limits, aborts, and the errors of all operations.

import { abortSignal, callable, duration, headerRecord, pick, refuse } from './guards.ts';
import type { BaseClient, PreparedRequest } from '../client.ts';
import { NangoApiError, NangoError, NangoNetworkError, NangoParseError, NangoTimeoutError } from '../errors.ts';
import type { ValidationError } from '../errors.ts';
import { retryAfter } from './wait.ts';

/** What each call takes after its input. */
export interface RequestOptions {
  /** Ends the call, also while its body is read; the call then rejects with the `reason` of the signal. */
  signal?: AbortSignal | undefined;
  /**
   * How long the call may take, in milliseconds, its body included. Defaults to the client's; `Infinity` for no limit.
   */
  timeout?: number | undefined;
  /** Headers to add to the request. Those that the operation sets itself win. */
  headers?: RequestInit['headers'] | undefined;
  /** Is told the response once its headers are there, whatever its status. It must leave the body alone. */
  onResponse?: ((response: Response) => void) | undefined;
}

/** What an operation sends, beside its method and path. */
export interface RequestParts {
  /** Fills the path template. */
  path?: ((template: string) => string) | undefined;
  /** The query, its question mark included. */
  query?: string | undefined;
  /** The headers of the operation itself. */
  headers?: Record<string, unknown> | undefined;
  /** What else is handed to fetch: the body, and what depends on it. It wins over what send says. */
  init?: (RequestInit & { duplex?: 'half' }) | undefined;
}

/** Gives the parts that send a value as JSON, with the headers of the operation. */
export function json(value: unknown, headers?: Record<string, unknown>): RequestParts {
  return { headers: { 'content-type': 'application/json', ...headers }, init: { body: JSON.stringify(value) } };
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
  read: (response: Response, operation: string) => Promise<T> = readJson,
): Promise<T> {
  if (!client?.prepare) refuse('client', 'made by createClient');
  const checks = { 'signal?': abortSignal, 'timeout?': duration, 'headers?': headerRecord, 'onResponse?': callable };
  const { signal, timeout = client.timeout, headers, onResponse } = pick(options, checks, 'options') as RequestOptions;
  const [method, template] = operation.split(' ') as [string, string];
  const target = (parts.path ? parts.path(template) : template) + (parts.query ?? '');
  signal?.throwIfAborted();

  const controller = new AbortController();
  const stop = controller.signal;
  const follow = (): void => controller.abort(signal!.reason);
  signal?.addEventListener('abort', follow);
  const expire = (): void =>
    controller.abort(new NangoTimeoutError(`no whole answer in ${timeout} ms`, 'timeout', operation));
  // Timers end at 2^31 ms, and longer ones fire at once.
  const timer = setTimeout(expire, Math.min(timeout, 2 ** 31 - 1));
  const broken = (cause: unknown): never => {
    throw cause instanceof NangoError
      ? cause
      : new NangoNetworkError(`no whole answer: ${cause}`, 'network_error', operation, { cause });
  };
  return new Promise<T>((resolve, reject) => {
    // A fetch that does not heed its signal must not hold the call.
    stop.addEventListener('abort', () => reject(stop.reason));
    client
      .prepare(target, {
        method,
        headers: { ...(headers as object), ...parts.headers },
        // Following a redirect would hand the key to wherever it points.
        redirect: 'manual',
        signal: stop,
        ...parts.init,
      } as PreparedRequest)
      .then((request) => request().catch(broken))
      .then((response) => {
        onResponse?.(response);
        return read(response, operation).catch(broken);
      })
      .then(resolve, reject);
  }).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', follow);
  });
}

/**
 * Reads a JSON answer, or throws the error that it is. An answer without content gives undefined.
 *
 * @param peek Is told the text so far after each piece.
 */
export async function readJson<T>(response: Response, operation: string, peek?: (text: string) => void): Promise<T> {
  const { ok } = response;
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  // An error needs no more than 64 KiB to explain itself.
  while (reader && (ok || text.length < 65_536)) {
    // Where the body of an error breaks off, its status still says what happened.
    const { value } = await reader.read().catch(ok ? undefined : () => ({ value: undefined }));
    if (!value) break;
    text += decoder.decode(value, { stream: true });
    peek?.(text);
  }
  // That the rest cannot be cancelled changes nothing.
  reader?.cancel().catch(() => {});
  return resultOf(response, operation, text);
}

/** Gives the result that the text of an answer holds, or throws the error that it is. */
export function resultOf<T>(response: Response, operation: string, text: string): T {
  const { ok, status, headers } = response;
  let body: unknown = text;
  try {
    body = status === 204 ? undefined : JSON.parse(text);
  } catch {
    // What is no JSON may still be an error: load balancers and proxies answer with anything.
    if (ok) {
      const contentType = headers.get('content-type');
      throw new NangoParseError(`${status} ${contentType} is not JSON: wrong host or id?`, 'parse_error', operation, {
        status,
        contentType,
        // What looks like JSON may hold credentials. The engine's own message would quote it, so it is no cause.
        excerpt: /^\s*[^\s"[{][^]{0,199}/.exec(text)?.[0],
      });
    }
  }
  if (ok) return body as T;
  // Most errors are in an envelope, `{ error: { … } }`, some are bare, some are text.
  const { code, message, errors, payload } = ((body as { error?: ErrorBody } | null)?.error ?? body ?? {}) as ErrorBody;
  // JSON-RPC has numbers for codes.
  const reason = typeof code === 'string' ? code : undefined;
  const failures = [errors ?? []].flat() as ValidationError[];
  const first = [[failures[0]?.path ?? []].flat().join('.'), failures[0]?.message].filter(Boolean).join(': ');
  const detail = status < 400 && status !== 304 ? 'redirects are not followed' : (message ?? first);
  throw new NangoApiError([status, reason, detail].filter(Boolean).join(' '), 'api_error', operation, {
    status,
    reason,
    errors: failures,
    payload,
    body,
    headers,
    retryAfter: retryAfter(headers),
    origin: 'nango',
  });
}

/** What may be in the body of an error. */
type ErrorBody = Partial<{ code: unknown; message: string; errors: unknown; payload: unknown }>;
