// What functions throw and catch: the failure of a request in the shape axios gives it, an action's own error, and what the
// platform raises. Functions tell them apart by `code`, `type`, `response` and `isAxiosError`.

import type { Failure } from './protocol.ts';

/** The error of an action, with a payload for its caller. */
export class ActionError<T = Record<string, unknown>> extends Error {
  /** What the caller of the action gets as `error.code`. */
  type = 'action_script_runtime_error';
  /** What the caller of the action gets as `error.payload`. */
  payload?: Record<string, unknown>;

  /** Makes the error. Text and lists stand in a `message`. */
  constructor(payload?: T) {
    super();
    const plain = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
    this.payload = plain ? (payload as Record<string, unknown>) : payload === undefined ? {} : { message: payload };
  }
}

/** An error that the platform raises inside a function. */
export class PlatformError extends Error {
  /** The code, for example `script_aborted`. */
  code: string;
  /** Details. */
  payload: Record<string, unknown>;

  /** Makes the error. */
  constructor(code: string, message = '', payload: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.payload = payload;
  }
}

/** The answer to a request, as axios gives it. */
export interface HttpResponse<T = unknown> {
  /** The body: parsed where it is JSON. */
  data: T;
  /** The status. */
  status: number;
  /** The text beside the status. */
  statusText: string;
  /** The headers, by their names in lower case. */
  headers: Record<string, string>;
  /** The request as it was asked for. */
  config: HttpConfig;
  /** The request as it was sent. */
  request: Record<string, unknown>;
}

/** A request as it was asked for. */
export interface HttpConfig {
  /** The headers, by their names in lower case. */
  // deno-lint-ignore no-explicit-any
  headers: any;
  [member: string]: unknown;
}

/** A request that failed, as axios throws it. */
export class HttpError extends Error {
  /** Always true. */
  readonly isAxiosError = true;
  /** `ERR_BAD_REQUEST`, `ERR_BAD_RESPONSE` or the code of a network failure. */
  code: string;
  /** The request as it was asked for. */
  config: HttpConfig;
  /** The request as it was sent. */
  request: Record<string, unknown>;
  /** The answer, where there was one. */
  response: HttpResponse | undefined;
  /** The status of the answer. */
  status: number | undefined;

  /** Makes the error. */
  constructor(message: string, code: string, config: HttpConfig, response?: HttpResponse) {
    super(message);
    this.name = 'AxiosError';
    this.code = code;
    this.config = config;
    this.request = response?.request ?? {};
    this.response = response;
    this.status = response?.status;
  }

  /** The error without its request's body and headers. */
  toJSON(): Record<string, unknown> {
    const { message, name, code, status } = this;
    return { message, name, code, status: status ?? null };
  }
}

/** The error of an answer that is no success. */
export function statusError(response: HttpResponse): HttpError {
  const code = response.status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
  return new HttpError(`Request failed with status code ${response.status}`, code, response.config, response);
}

/** How a function failed, by what it threw. `file` is the name of its code in stack traces. */
export function failureOf(thrown: unknown, file: string): Failure {
  if (thrown instanceof ActionError) return { kind: 'action', payload: thrown.payload };
  if (thrown instanceof PlatformError) {
    return { kind: 'code', code: thrown.code, message: thrown.message, payload: plain(thrown.payload) };
  }
  if (isHttpError(thrown)) {
    const { response } = thrown;
    if (response) {
      return {
        kind: 'provider',
        status: response.status,
        headers: { ...response.headers },
        body: plain(response.data),
      };
    }
    return { kind: 'code', code: 'script_network_error', message: thrown.message, payload: { code: thrown.code } };
  }
  if (isActionError(thrown)) return { kind: 'action', payload: plain(thrown.payload ?? {}) };
  const error = thrown instanceof Error ? thrown : new Error(textOf(thrown));
  // The frames of the function itself: those of this program tell its author nothing.
  const [head = '', ...frames] = (error.stack ?? `${error.name}: ${error.message}`).split('\n');
  const own = frames.filter((line) => line.includes(file));
  return { kind: 'internal', name: error.name, message: error.message, stack: [head, ...own].join('\n') };
}

function isHttpError(thrown: unknown): thrown is Pick<HttpError, 'message' | 'code' | 'response'> {
  return thrown instanceof Error && 'isAxiosError' in thrown && thrown.isAxiosError === true;
}

// A bundle may bring an ActionError of its own.
function isActionError(thrown: unknown): thrown is { payload?: unknown } {
  return typeof thrown === 'object' && thrown !== null && 'type' in thrown &&
    thrown.type === 'action_script_runtime_error';
}

function textOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : JSON.stringify(plain(thrown)) ?? String(thrown);
}

/** The value as JSON carries it, or its text where JSON cannot. */
export function plain(value: unknown): unknown {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text) as unknown;
  } catch {
    return String(value);
  }
}
