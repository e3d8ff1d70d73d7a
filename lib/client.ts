// The client: where the API is, and what sends requests there with the key. Operations take it as their first argument.

import { check, headerRecord, id, noOthers, object } from './core/guards.ts';
import { networkError } from './core/send.ts';
import type { AnyFunctions } from './core/functions.ts';
import type { BaseClient, Fetch } from './core/types.ts';

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

/**
 * The client of a backend, which holds an API key.
 *
 * @typeParam F The types of your functions. A client that has them fits wherever one without them does.
 */
export interface Client<F = AnyFunctions> extends BaseClient {
  /** The types of your functions; never there at run time. */
  readonly '~functions'?: F;
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
 * @typeParam F The types of your functions, by integration and by name: those of the default exports of `createSync`,
 * `createAction` and `createFunction`. Then models, records, inputs, outputs and metadata are known.
 * @throws TypeError where an option is missing or of the wrong kind.
 */
export function createClient<F extends object = AnyFunctions>(options: ClientOptions): Client<F> {
  const {
    apiKey,
    host = 'https://api.nango.dev',
    fetch,
    headers,
    timeout = 120_000,
    webhookSigningKey,
    ...others
  } = object(options, 'options');
  noOthers(others, 'options');
  if (typeof apiKey !== 'function') bearer(apiKey);
  check(
    typeof host === 'string' && /^(https?:\/)?\/[^/\s?#@][^\s?#@]*$/i.test(host) && URL.canParse(host, 'http://host'),
    'host must be an http(s) URL or a path',
  );
  const root = host.replace(/\/+$/, '');
  const common = headers && headerRecord(headers);
  const client: Client<F> = {
    auth: 'api_key',
    host: root,
    timeout,
    fetch: async (path, init, token) => {
      const authorization = bearer(token ?? (typeof apiKey === 'function' ? await apiKey() : apiKey));
      const request = { ...init, headers: { ...common, ...init.headers, ...authorization } };
      try {
        return await (fetch ?? globalThis.fetch)(root + path, request);
      } catch (cause) {
        throw networkError(cause, init.operation);
      }
    },
    webhookSigningKey: () => webhookSigningKey,
  };
  return Object.freeze(client);
}

/** Gives the header that carries a key, if there is one. */
function bearer(key: string | null): { authorization?: string } {
  return key === null ? {} : { authorization: `Bearer ${id(key, 'apiKey')}` };
}

/**
 * Creates the client of a connect session: a browser may hold its token, which ends after 30 minutes, but never an API
 * key.
 *
 * @throws TypeError where an option is missing or of the wrong kind.
 */
export function createSessionClient(options: SessionClientOptions): SessionClient {
  const { token, fetch, ...rest } = object(options, 'options');
  check(/^nango_connect_session_\w+$/.test(token), 'token must be the token of a connect session');
  const client = createClient({
    ...rest,
    apiKey: null,
    fetch: async (url, init) => {
      // What a session posts are the headless authorizations, and their routes look for the token in the query only.
      const posted = init.method === 'POST';
      const address = posted ? `${url}${url.includes('?') ? '&' : '?'}connect_session_token=${token}` : url;
      const headers = posted ? init.headers : { ...init.headers, authorization: `Bearer ${token}` };
      try {
        return await (fetch ?? globalThis.fetch)(address, { ...init, headers });
      } catch (error) {
        // Deno and Bun name the URL in the error of a failed fetch, and the URL may hold the token.
        throw new TypeError(`${error}`.replaceAll(token, '***'));
      }
    },
  });
  return Object.freeze({ ...client, auth: 'connect_session' as const });
}
