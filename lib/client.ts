// The client: where the API is, and what sends requests there with the key. Operations take it as their first argument.

import { callable, duration, headerRecord, pick, string } from './core/guards.ts';
import type { Check } from './core/guards.ts';

/**
 * Sends a request and resolves with its response: the one seam of this library, and the shape of the platform's own
 * `fetch`.
 */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What {@link createClient} takes. */
export interface ClientOptions {
  /**
   * The API key of an environment (or of an account, for the operations on environments), a function that gives it for
   * each call, or `null` where a gateway adds it. What the function throws comes out of the call as it is.
   */
  apiKey: string | (() => string | Promise<string>) | null;
  /** The base URL of the API, its base path included. Defaults to `https://api.nango.dev`. */
  host?: string | undefined;
  /** Sends the requests. Defaults to the global `fetch`, looked up at each call. */
  fetch?: Fetch | undefined;
  /** Headers to add to each request. Those that a call or an operation sets win. */
  headers?: RequestInit['headers'] | undefined;
  /** How long a call may take, in milliseconds, its body included. Defaults to 120,000; `Infinity` for no limit. */
  timeout?: number | undefined;
  /** The webhook signing key of the environment, or several while one replaces the other. It is not the API key. */
  webhookSigningKey?: string | readonly string[] | undefined;
}

/** What every call needs to know. */
export interface BaseClient {
  /** The base URL of the API, without a slash at its end. */
  readonly host: string;
  /**
   * Prepares a request to a path of the host, with the credentials and headers that the client keeps to itself, and
   * gives the function that sends it. A `token` is sent instead of the API key.
   */
  readonly prepare: (path: string, init: PreparedRequest, token?: string) => Promise<() => Promise<Response>>;
  /** How long a call may take, in milliseconds. */
  readonly timeout: number;
}

/** A request before the client adds to its headers. */
export type PreparedRequest = Omit<RequestInit, 'headers'> & { headers: Record<string, unknown> };

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
  const checks: Record<string, Check> = {
    apiKey: (value, name) => (value === null || typeof value === 'function' ? value : key(value, name)),
    // Without a name the path would become the host; credentials make fetch fail, a query or a fragment swallows the
    // path.
    'host?': string(/^https?:\/\/[^/\s?#@][^\s?#@]*$/i, 'an http(s) URL'),
    'fetch?': callable,
    'headers?': headerRecord,
    'timeout?': duration,
    'webhookSigningKey?': (value, name) => [value].flat().map((item) => key(item, name)),
  };
  const {
    apiKey,
    host = 'https://api.nango.dev',
    fetch,
    headers,
    timeout = 120_000,
    webhookSigningKey,
  } = pick(options, checks, 'options') as unknown as ClientOptions;
  const root = host.replace(/\/+$/, '');
  return Object.freeze({
    auth: 'api_key' as const,
    host: root,
    timeout,
    prepare: async (path: string, init: PreparedRequest, token?: string) => {
      const current = token ?? (typeof apiKey === 'function' ? await apiKey() : apiKey);
      const credentials = current !== null && { authorization: `Bearer ${key(current, 'apiKey')}` };
      const request = { ...init, headers: { ...headers, ...init.headers, ...credentials } } as RequestInit;
      // What throws from here on is a failure of the network.
      return async () => (fetch ?? globalThis.fetch)(root + path, request);
    },
    webhookSigningKey: () => webhookSigningKey,
  });
}

/** Requires a key, as far as a header can carry it. */
const key = /* @__PURE__ */ string(/^[!-~]+$/, 'ASCII characters');

/**
 * Creates the client of a connect session: a browser may hold its token, which ends after 30 minutes, but never an API
 * key.
 *
 * @throws TypeError where an option is missing or of the wrong kind.
 */
export function createSessionClient(options: SessionClientOptions): SessionClient {
  const { token, fetch } = pick(
    options,
    { token: string(/^nango_connect_session_\w+$/, 'the token of a connect session'), 'fetch?': callable },
    'options',
  ) as Pick<SessionClientOptions, 'token' | 'fetch'>;
  const client = createClient({
    ...options,
    apiKey: null,
    fetch: async (url, init) => {
      // What a session posts are the headless authorisations, and their routes look for the token in the query only.
      const posted = init!.method === 'POST';
      const target = posted ? `${url}${`${url}`.includes('?') ? '&' : '?'}connect_session_token=${token}` : url;
      const headers = { ...(init!.headers as object), ...(posted ? {} : { authorization: `Bearer ${token}` }) };
      try {
        return await (fetch ?? globalThis.fetch)(target, { ...init, headers });
      } catch (error) {
        // Deno and Bun name the URL in the error of a failed fetch, and the URL may hold the token.
        throw new TypeError(`${error}`.replaceAll(token, '***'));
      }
    },
  });
  return Object.freeze({ ...client, auth: 'connect_session' as const });
}
