// Answers: the server's JSON bodies, error envelopes and HTML pages.

import type { Issue } from './schema.ts';

/** Bytes that can be a body, in the type that each TypeScript version has for them. */
export type Bytes = ReturnType<InstanceType<typeof TextEncoder>['encode']>;

/** The answer of an operation, without the headers that all answers have. */
export interface Answer {
  /** The status. */
  status: number;
  /** A JSON value; a string or bytes if `contentType` is set; `undefined` for no body. */
  body: unknown;
  /** Defaults to JSON. `null` for none. */
  contentType?: string | null | undefined;
  /** Additional headers. */
  headers?: Record<string, string> | undefined;
  /** Whether to omit the entity tag. */
  untagged?: boolean | undefined;
  /** Creates the response itself, given the headers so far, instead of `body`. */
  response?: ((headers: Record<string, string>) => Response) | undefined;
  /** Whether `body` is already serialized. */
  written?: boolean | undefined;
}

/** Thrown to answer with an error. */
export class ApiError extends Error {
  /** The answer. */
  readonly answer: Answer;

  /** Wraps an answer. */
  constructor(answer: Answer) {
    super(`answered with ${answer.status}`);
    this.answer = answer;
  }
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Answer {
  return { status, body };
}

/** A JSON answer that is already serialized. */
export function writtenJson(body: string, status = 200): Answer {
  return { status, body, written: true };
}

/** An answer without a body. */
export function empty(status = 204): Answer {
  return { status, body: undefined, contentType: null };
}

/** The usual error: `{ error: { code, message } }`. */
export function apiError(status: number, code: string, message?: string, more: Record<string, unknown> = {}): ApiError {
  return new ApiError(json({ error: { code, ...(message === undefined ? {} : { message }), ...more } }, status));
}

/** The error of authentication, sync commands and actions: `{ error: { message, code, payload } }`. */
export function apiErrorWithPayload(status: number, code: string, message: string, payload: unknown = {}): ApiError {
  return new ApiError(json({ error: { message, code, payload } }, status));
}

/** The error of a validation: `{ error: { code, errors } }`. */
export function validationError(code: string, issues: Issue[]): ApiError {
  const errors = issues.map(({ code: kind, message, path }) => ({ code: kind, message, path }));
  return new ApiError(json({ error: { code, errors } }, 400));
}

/** The error of an uncaught exception. */
export function internalError(id: string): Answer {
  const message = `An error occurred. Please contact support with this unique id: "${id}"`;
  return json({ error: { message, code: 'generic_error_support', payload: id } }, 500);
}

// Any fixed date will do.
const lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT';

/** The dashboard page: the server's answer to a GET of any unknown path, with status 200. */
export function dashboardPage(): Answer {
  return {
    status: 200,
    body: '<!DOCTYPE html><html><head><title>Nango</title></head><body><div id="root"></div></body></html>\n',
    contentType: 'text/html; charset=utf-8',
    headers: { 'accept-ranges': 'bytes', 'cache-control': 'public, max-age=3600', 'last-modified': lastModified },
  };
}

/** The 404 page for an unknown path and other methods. */
export function notFoundPage(method: string, path: string): Answer {
  const escaped = path
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return {
    status: 404,
    body: '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n' +
      `<pre>Cannot ${method} ${escaped}</pre>\n</body>\n</html>\n`,
    contentType: 'text/html; charset=utf-8',
    untagged: true,
  };
}

/** The bytes of an answer; `null` for none. */
export function bodyBytes(answer: Answer): Bytes | null {
  if (answer.body === undefined) return null;
  if (answer.body instanceof Uint8Array) return answer.body as Bytes;
  const isText = answer.written === true || (answer.contentType !== undefined && typeof answer.body === 'string');
  return new TextEncoder().encode(isText ? (answer.body as string) : JSON.stringify(answer.body));
}

/** The weak entity tag of a body, as Express computes it. */
export async function entityTag(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
  const text = btoa(String.fromCharCode(...digest)).slice(0, 27);
  return `W/"${bytes.length.toString(16)}-${text}"`;
}
