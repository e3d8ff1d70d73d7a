// What the library needs of a fetch, of a client and of a caller. Types only, so that everything may import them.

/** A request as the client hands it to its fetch: an ordinary `init`, and the operation that it is part of. */
export interface FetchInit {
  /** The HTTP method. */
  method: string;
  /** The headers, credentials included. */
  headers: Record<string, string>;
  /** The body: JSON, or what a caller of the proxy sends, as it is. */
  body?: string;
  /** Redirects are never followed: that would hand the key to wherever they point. */
  redirect: 'manual';
  /** Fires when the call ends early. */
  signal: AbortSignal;
  /** Set where the caller is given the response itself, which has to be a `Response` of the platform then. */
  whole?: true;
  /** What Node asks for where the body is a stream. */
  duplex?: 'half';
  /** The method and path template of the operation, for example `GET /connections/{connectionId}`. */
  operation: string;
  /** When the call times out, in milliseconds since 1970, so that what waits for its turn can tell that it will be late. */
  deadline?: number;
}

/** What the library needs of a response. Bodies are read as text unless there is a stream and it is needed. */
export interface FetchResponse {
  /** Whether the status is one of success. */
  readonly ok: boolean;
  /** The HTTP status. */
  readonly status: number;
  /** The headers. */
  readonly headers: {
    /** Gives the value of a header, in whatever case the name is written. */
    get(name: string): string | null;
  };
  /** The body as a stream, where the runtime has streams. */
  readonly body?: unknown;
  /** Reads the body as text. */
  text(): Promise<string>;
}

/**
 * Sends a request and resolves with its response: the one seam of this library. The platform's own `fetch` is one, and
 * so are those of undici and node-fetch.
 */
export type Fetch = (input: string, init: FetchInit) => Promise<FetchResponse>;

/** The shape of the platform's own `fetch`, which every {@link Fetch} of this library that is none of yours has too. */
export type PlatformFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What every call needs to know. */
export interface BaseClient {
  /** The base URL of the API, without a slash at its end. */
  readonly host: string;
  /** How long a call may take, in milliseconds. */
  readonly timeout: number;
  /**
   * Sends a request to a path of the host, with the credentials and headers that the client keeps to itself. A `token`
   * is sent instead of the API key.
   *
   * @throws NangoNetworkError where no answer comes.
   */
  readonly fetch: (path: string, init: FetchInit, token?: string) => Promise<FetchResponse>;
}

/** What each call takes after its input. */
export interface RequestOptions {
  /** Ends the call, also while its body is read; the call then rejects with the `reason` of the signal. */
  signal?: AbortSignal | undefined;
  /**
   * How long the call may take, in milliseconds, its body included. Defaults to the client's. `Infinity`, or anything
   * from 2^31 on, is no limit.
   */
  timeout?: number | undefined;
  /** Headers to add to the request. Those that the operation sets itself win. */
  headers?: RequestInit['headers'] | undefined;
  /** Is called with the response once its headers are there, whatever its status. It must leave the body alone. */
  onResponse?(response: FetchResponse): void;
}
