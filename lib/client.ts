// The client: where the API is, and a fetch that knows the key. It has no methods; operations take it as an argument.

import { headerRecord, refuse, string } from './check.ts';

/** Sends a request and resolves with its response: the one seam of this library, and the shape of the platform's own `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What {@link createClient} takes. */
export interface ClientOptions {
  /**
   * The API key of an environment (or of an account, for the operations on environments), a function that gives it for each
   * call, or `null` where a gateway adds it.
   */
  apiKey: string | (() => string | Promise<string>) | null;
  /** The base URL of the API, its base path included. Defaults to `https://api.nango.dev`. */
  host?: string | undefined;
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: Fetch | undefined;
  /** Headers to add to each request. Those that a call or an operation sets win. */
  headers?: HeadersInit | undefined;
  /** How long a call may take, in milliseconds, its body included. Defaults to 120,000; `Infinity` for no limit. */
  timeout?: number | undefined;
  /** The webhook signing key of the environment, or several while one replaces the other. It is not the API key. */
  webhookSigningKey?: string | readonly string[] | undefined;
}

/** What every call needs to know. */
export interface BaseClient {
  /** The base URL of the API, without a slash at its end. */
  readonly host: string;
  /** Sends a request to a path of the host with the client's credentials, which it keeps to itself. */
  readonly fetch: (path: string, init: PreparedRequest) => Promise<Response>;
  /** Headers that each request carries. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** How long a call may take, in milliseconds. */
  readonly timeout: number;
}

/** A request whose headers are there to be added to. */
export type PreparedRequest = RequestInit & { method: string; headers: Record<string, string> };

/** The client of a backend, which holds an API key. */
export interface Client extends BaseClient {
  /** What the client authenticates with. */
  readonly auth: 'api_key';
  /** Gives the webhook signing key, or several. */
  readonly webhookSigningKey: () => string | readonly string[] | undefined;
}

/** The client of one connect session, for browsers: only the operations that a session may call accept it. */
export interface SessionClient extends BaseClient {
  /** What the client authenticates with. */
  readonly auth: 'connect_session';
}

/** What {@link createSessionClient} takes. */
export interface SessionClientOptions extends Pick<ClientOptions, 'host' | 'fetch' | 'timeout'> {
  /** The token of a connect session, as `createConnectSession` gives it. */
  token: string;
}

/**
 * Creates the client of a backend.
 *
 * @example
 * ```ts
 * import { createClient, listRecords } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const page = await listRecords(client, { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' });
 * ```
 *
 * @throws TypeError where an option is missing or of the wrong kind.
 */
export function createClient(options: ClientOptions): Client {
  const { apiKey, host = 'https://api.nango.dev', fetch, headers, timeout = 120_000, webhookSigningKey } = options;
  const key = string(/^[!-~]+$/);
  if (apiKey !== null && typeof apiKey !== 'function') key(apiKey, 'apiKey');
  if (fetch && typeof fetch !== 'function') refuse('fetch', 'a function');
  if (!(timeout > 0)) refuse('timeout', 'above 0');
  // Credentials would make fetch fail, and a query or a fragment would swallow the path.
  const root = string(/^https?:\/\/[^\s?#@]+$/)(host, 'host').replace(/\/+$/, '');
  return Object.freeze({
    auth: 'api_key' as const,
    host: root,
    headers: headerRecord(headers),
    timeout,
    fetch: async (path: string, init: PreparedRequest) => {
      const current = typeof apiKey === 'function' ? await apiKey() : apiKey;
      if (current !== null) init.headers['authorization'] = `Bearer ${key(current, 'apiKey')}`;
      return (fetch ?? globalThis.fetch)(root + path, init);
    },
    webhookSigningKey: () => webhookSigningKey,
  });
}

/**
 * Creates the client of a connect session: a browser may hold its token, which ends after 30 minutes, but never an API key.
 *
 * @throws TypeError where an option is missing or of the wrong kind.
 */
export function createSessionClient(options: SessionClientOptions): SessionClient {
  const { token, fetch, ...rest } = options;
  string(/^nango_connect_session_\w+$/)(token, 'token');
  const client = createClient({ ...rest, apiKey: null, fetch });
  return Object.freeze({
    ...client,
    auth: 'connect_session' as const,
    fetch: async (path: string, init: PreparedRequest) => {
      // What a session posts are the headless authorisations, and their routes look for the token in the query only.
      if (init.method !== 'POST') init.headers['authorization'] = `Bearer ${token}`;
      else path += `${path.includes('?') ? '&' : '?'}connect_session_token=${token}`;
      try {
        return await client.fetch(path, init);
      } catch (error) {
        // Deno and Bun name the URL in the error of a failed fetch, and the URL may hold the token.
        throw new TypeError(`${(error as Error).message}`.replaceAll(token, '***'));
      }
    },
  });
}
