// Answers as the server words them: JSON with an entity tag, the shapes of its errors, its HTML pages.

import type { Issue } from './schema.ts';

/** Bytes as the platform's bodies take them, by whatever type the compiler's version has for that. */
export type Bytes = ReturnType<TextEncoder['encode']>;

/** What an operation answers, before the headers that every answer carries are added. */
export interface Answer {
  /** The status. */
  status: number;
  /** A JSON value, or text or bytes where `contentType` is not JSON; `undefined` for no body. */
  body: unknown;
  /** Defaults to JSON. `null` for none. */
  contentType?: string | null | undefined;
  /** Headers beside those that every answer has. */
  headers?: Record<string, string> | undefined;
  /** True where the server sends no entity tag. */
  untagged?: boolean | undefined;
  /** Makes the whole response, given the headers so far; replaces all of the above but the status. */
  response?: ((headers: Record<string, string>) => Response) | undefined;
  /** True when `body` is JSON text that is ready to be sent. */
  written?: boolean | undefined;
}

/** Thrown by an operation to answer at once. */
export class ApiError extends Error {
  /** What to answer. */
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

/** JSON text that is already written. */
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

/** What the server answers when it did not expect something itself. */
export function internalError(id: string): Answer {
  const message = `An error occurred. Please contact support with this unique id: "${id}"`;
  return json({ error: { message, code: 'generic_error_support', payload: id } }, 500);
}

// When the page was last changed matters to nobody.
const lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT';

/** The page of the dashboard, which every unknown address answers to a GET: a wrong path looks like a success. */
export function dashboardPage(): Answer {
  return {
    status: 200,
    body: '<!DOCTYPE html><html><head><title>Nango</title></head><body><div id="root"></div></body></html>\n',
    contentType: 'text/html; charset=utf-8',
    headers: { 'accept-ranges': 'bytes', 'cache-control': 'public, max-age=3600', 'last-modified': lastModified },
  };
}

/** The page for an unknown address and any other method. */
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

/** The bytes of an answer's body. */
export function bodyBytes(answer: Answer): Bytes | null {
  if (answer.body === undefined) return null;
  if (answer.body instanceof Uint8Array) return answer.body as Bytes;
  const isText = answer.written === true || (answer.contentType !== undefined && typeof answer.body === 'string');
  return new TextEncoder().encode(isText ? (answer.body as string) : JSON.stringify(answer.body));
}

/** The weak entity tag that the server's framework makes of a body. */
export async function entityTag(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
  const text = btoa(String.fromCharCode(...digest)).slice(0, 27);
  return `W/"${bytes.length.toString(16)}-${text}"`;
}
