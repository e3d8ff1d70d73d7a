// What can go wrong: a base class, a subclass for each kind of failure, and a guard that also knows errors of another
// copy of this package. Bad arguments are not here: they are plain `TypeError`s.

/**
 * Every value of {@link NangoError.code}: this library's own codes. The server's are in {@link NangoApiError.reason}.
 */
export type NangoErrorCode =
  | 'api_error'
  | 'network_error'
  | 'no_credentials'
  | 'parse_error'
  | 'repeated_cursor'
  | 'timeout'
  | 'wait_timeout';

/** A failed validation of the server, as it sends them. */
export interface ValidationError {
  /** The kind of failure, for example `too_big` or `unrecognized_keys`. */
  code: string;
  /** The failure in words. */
  message: string;
  /** Where it is: keys, and array indexes as strings. Empty for the query or body as a whole. */
  path: string[];
}

/** The base of every error that this library throws, bad arguments and aborts excepted. */
export class NangoError extends Error {
  /** What kind of failure it is. */
  declare readonly code: NangoErrorCode;
  /** The method and path template of the call, for example `GET /connections/{connectionId}`. */
  declare readonly operation: string;

  /** Makes an error. `fields` become its properties. */
  constructor(message: string, code: NangoErrorCode, operation: string, fields?: object) {
    super(`${operation}: ${message}`, fields);
    Object.assign(this, { code, operation }, fields);
    Object.defineProperty(this, Symbol.for('nango-fetch.error'), {});
  }

  /** The name of the class. */
  override get name(): string {
    return 'NangoError';
  }

  /** Gives what is safe to log: everything but what the server sent, its words in the message excepted. */
  toJSON(): Record<string, unknown> {
    const { body, errors, headers, payload, ...safe } = this as Record<string, unknown>;
    return { name: this.name, message: this.message, ...safe };
  }
}

/** The server answered with an error. */
export class NangoApiError extends NangoError {
  /** The code of this kind of error. */
  declare readonly code: 'api_error';
  /** The HTTP status. */
  declare readonly status: number;
  /** The server's own code, for example `unknown_connection`; undefined where it sent none. */
  declare readonly reason: string | undefined;
  /** The failed validations, empty where the server sent none. */
  declare readonly errors: readonly ValidationError[];
  /** The `error.payload` of the answer: details that depend on `reason`. */
  declare readonly payload: unknown;
  /** The body, parsed where it is JSON, else its text. */
  declare readonly body: unknown;
  /** The headers of the answer. */
  declare readonly headers: Headers;
  /** How long to wait before the next try, in seconds, where the server says so. */
  declare readonly retryAfter: number | undefined;
  /** Who refused: Nango itself, or the API behind its proxy. */
  declare readonly origin: 'nango' | 'provider';

  /** The name of the class. */
  override get name(): string {
    return 'NangoApiError';
  }
}

/** No answer came, or the connection broke while it was read. What `fetch` threw is the `cause`. */
export class NangoNetworkError extends NangoError {
  /** The code of this kind of error. */
  declare readonly code: 'network_error';

  /** The name of the class. */
  override get name(): string {
    return 'NangoNetworkError';
  }
}

/** The call, its body included, took longer than `timeout`. */
export class NangoTimeoutError extends NangoError {
  /** The code of this kind of error. */
  declare readonly code: 'timeout';

  /** The name of the class. */
  override get name(): string {
    return 'NangoTimeoutError';
  }
}

/** The server reported success with a body that the API does not send: HTML from a wrong host, JSON that ends early. */
export class NangoParseError extends NangoError {
  /** The code of this kind of error. */
  declare readonly code: 'parse_error';
  /** The HTTP status; undefined where the body is JSON, but lacks what it should have. */
  declare readonly status: number | undefined;

  /** The name of the class. */
  override get name(): string {
    return 'NangoParseError';
  }
}

/** Tells whether a value is an error of this library, of any copy of it, in any realm. */
export function isNangoError(value: unknown): value is NangoError {
  return typeof value === 'object' && value !== null && Symbol.for('nango-fetch.error') in value;
}
