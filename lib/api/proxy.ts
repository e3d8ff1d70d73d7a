// The proxy: requests to a provider's own API with the credentials of a connection, as one call or as a standard fetch.

import { connectionHeaders, flag, headerRecord, integer, list, pick, refuse, string, text } from '../core/guards.ts';
import type { Client, Fetch } from '../client.ts';
import { withDeadline } from '../core/deadline.ts';
import { resultOf, send } from '../core/send.ts';
import type { RequestOptions } from '../core/send.ts';
import { search } from '../core/request.ts';
import type { ConnectionInput } from './connections.ts';

/** A JSON value, as far as a body goes: the server refuses bare strings, numbers and null. */
export type ProxyJson = object | readonly unknown[];

/** The parameters of a query, as text or by name. Members that are undefined are left out, arrays are repeated. */
export type ProxyParams =
  | string
  | URLSearchParams
  | Readonly<Record<string, ProxyParam | readonly ProxyParam[] | undefined>>;

/** A body that is sent as it is, or as JSON. */
export type ProxyBody =
  | ProxyJson
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream;

/** The value of a parameter. */
export type ProxyParam = string | number | boolean;

/** What {@link proxy} takes. */
export interface ProxyInput extends ConnectionInput {
  /** The path of the provider's API, with or without a query, for example `/user/repos?sort=updated`. */
  endpoint: string;
  /** The method. Defaults to `GET`. `OPTIONS` is answered by Nango itself. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | (string & {}) | undefined;
  /** Headers for the provider. Those of the credentials can be overridden. */
  headers?: RequestInit['headers'] | undefined;
  /** The query, added to what `endpoint` already has. */
  params?: ProxyParams | undefined;
  /**
   * The body: an object or an array is sent as JSON, and the server writes that JSON anew; text, bytes, forms and
   * streams arrive as they are. A `content-type` among the headers wins over that of the body. At most 75 MB, which the
   * server buffers.
   */
  body?: ProxyBody | null | undefined;
  /** How often Nango tries again, after 3, 6, 12 … seconds or as the provider says. Defaults to 0. */
  retries?: number | undefined;
  /** Statuses to try again after, beside 401, 429 and those from 500. */
  retryOn?: readonly number[] | undefined;
  /** A base URL to use instead of the provider's. */
  baseUrlOverride?: string | undefined;
  /** Whether Nango decompresses the answer. */
  decompress?: boolean | undefined;
  /** Whether headers are sent again where the provider redirects to. The default depends on the provider. */
  forwardHeadersOnRedirect?: boolean | undefined;
}

/**
 * Sends a request to a provider's API with the credentials of a connection, and gives its response as it came, whatever
 * the status, streaming. The call has no time limit unless `timeout` sets one, which then covers the body too.
 *
 * `GET|POST|PUT|PATCH|DELETE|HEAD /proxy/{endpoint}`
 *
 * Of an answer that was not streamed to it, Nango passes on the headers `content-type`, `x-request-id`, `x-correlation-
 * id` and
 * `mcp-session-id` only.
 *
 * @example
 * ```ts
 * import { createClient, proxy } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const response = await proxy(client, {
 *   providerConfigKey: 'github',
 *   connectionId: 'c-1',
 *   endpoint: '/user/repos',
 *   params: { sort: 'updated' },
 * });
 * const repositories = await response.json();
 * ```
 *
 * @throws NangoApiError where Nango itself refuses: an unknown connection, a bad key, the rate limit, a provider that
 * cannot be reached.
 * @see https://nango.dev/docs/reference/backend/http-api/proxy/get
 */
export async function proxy(client: Client, input: ProxyInput, options: RequestOptions = {}): Promise<Response> {
  const { body, retryOn } = input;
  const method = string(/^[a-z]+$/i, 'a method')(input.method ?? 'GET', 'method').toUpperCase();
  const operation = `${method} /proxy/{endpoint}`;
  const headers = {
    ...connectionHeaders(input),
    ...pick(input, {
      'retries?': integer(99, 0),
      'base-url-override?': text,
      'decompress?': flag,
      'forward-headers-on-redirect?': flag,
    }),
  };
  // The server refuses an empty list.
  if (retryOn?.length !== 0) Object.assign(headers, pick(input, { 'retry-on?': list(integer(599), 99) }));
  const forwarded = headerRecord(input.headers);
  const own = body === undefined || body === null ? undefined : bodyType(body);
  for (const name in forwarded) headers[`nango-proxy-${name}`] = forwarded[name];
  if (own) {
    if (/^(GET|HEAD)$/.test(method)) refuse('body', `left out of ${method}`);
    // fetch draws the boundary of a form, and says it.
    const type = own === formType ? own : (forwarded['content-type'] ?? own);
    if (own !== formType) headers['content-type'] = type;
    // The outer type tells the server how to read the body, this one how to write it anew: with a boundary of its own.
    headers['nango-proxy-content-type'] = type.replace(/; *boundary=.*/, '');
  }
  const path = target(client, input);
  const bounded = withDeadline(options, operation);
  const init = {
    body: (own === jsonType ? JSON.stringify(body) : body) as BodyInit | null,
    // Node asks for it where the body is a stream.
    duplex: 'half' as const,
    // The body of the answer is read after the call, and the caller's signal must still end it.
    signal: bounded.signal ?? null,
  };
  return send(client, operation, { path: () => path, headers, init }, bounded, passOn);
}

const jsonType = 'application/json';
const formType = 'multipart/form-data';

/** Gives the content type of a body. Its tag tells what it is, also where it is a polyfill's, and loads no class. */
function bodyType(body: unknown): string {
  const tag = Object.prototype.toString.call(body).slice(8, -1);
  const types: Record<string, string> = {
    Array: jsonType,
    FormData: formType,
    Object: jsonType,
    String: 'text/plain;charset=UTF-8',
    URLSearchParams: 'application/x-www-form-urlencoded',
  };
  return (
    types[tag] ??
      (/Blob|File|Stream|Buffer|Array|View/.test(tag)
        ? (body as Blob).type || 'application/octet-stream'
        : refuse('body', 'JSON, text, bytes, a form or a stream'))
  );
}

/** Gives the path and the query of a request. */
function target(client: Client, { endpoint, params = '' }: ProxyInput): string {
  const path = string(/^(?!\w+:)[^\0-\x1f\x7f#\\]*$/, 'a path')(endpoint, 'endpoint').replace(/^\//, '');
  const query = typeof params === 'string' || params instanceof URLSearchParams
    ? `${params}`.replace(/^\?/, '')
    : search(params).slice(1);
  const root = `${client?.host}/proxy/`;
  // URL parsers resolve dots, encoded ones too, and what leaves the proxy would be an operation of the API.
  if (!new URL(root + path).href.startsWith(new URL(root).href)) refuse('endpoint', 'below the proxy');
  return `/proxy/${path}${query && (path.includes('?') ? '&' : '?')}${query}`;
}

/** Gives the response of the provider, or throws what Nango itself answered. */
async function passOn(response: Response, operation: string): Promise<Response> {
  // An answer without a body, as to HEAD, says too little to be taken from the caller.
  if (response.status < 400 || !response.body || operation.startsWith('HEAD')) return response;
  const text = await response.clone().text();
  return refusedByNango(response.status, text) ? resultOf<never>(response, operation, text) : response;
}

/** No header tells who answered, so the body must: Nango's own codes, and the shapes of its failures. */
function refusedByNango(status: number, text: string): boolean {
  try {
    const { error, message, code, method, status: _, ...others } = JSON.parse(text);
    return error
      ? nangoCodes.test(error.code) ||
        (error.code === 'server_error' && /^Failed to get connection/.test(error.message))
      // The provider could not be reached.
      : status === 500 && message && code && method && !Object.keys(others).length;
  } catch {
    // A stream that broke on its way to Nango leaves an empty answer. Any other text is the provider's.
    return status === 500 && !text;
  }
}

const nangoCodes = /* @__PURE__ */ new RegExp(
  '^(invalid_(headers|json|secret_key_format|query_params|certificate_or_key_format)' +
    '|missing_(auth_header|api_url|provider)|malformed_auth_header|unknown_(account|error|provider(_config)?)' +
    '|unsupported_(auth|provider)|forbidden|too_many_request|plan_limit|connection_refresh_\\w+' +
    '|base_url_override_\\w+|failed_to_get_connection|proxy_redirect_to_denied_host|generic_error_support)$',
);

/** What {@link createProxyFetch} takes. */
export interface ProxyFetchInput extends ConnectionInput {
  /** The base URL that the caller of the fetch builds its URLs on: what is below it goes to the provider. */
  baseUrl?: string | undefined;
  /** Other origins that may be called, for example `https://uploads.github.com`. All others are refused. */
  origins?: readonly string[] | undefined;
}

/**
 * Creates a standard `fetch` that sends its requests through the proxy, for any SDK that takes one. Paths, and URLs
 * below
 * `baseUrl`, go to the provider; URLs of `origins` go there. `Authorization` is left to Nango. It rejects with a
 * {@link NangoApiError} where Nango itself refuses.
 *
 * `GET|POST|PUT|PATCH|DELETE|HEAD /proxy/{endpoint}`
 *
 * @example
 * ```ts
 * import { createClient, createProxyFetch } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const github = createProxyFetch(client, {
 *   providerConfigKey: 'github',
 *   connectionId: 'c-1',
 *   baseUrl: 'https://api.github.com',
 * });
 * const user = await (await github('https://api.github.com/user')).json();
 * ```
 *
 * @see https://nango.dev/docs/reference/backend/http-api/proxy/get
 */
export function createProxyFetch(client: Client, input: ProxyFetchInput): Fetch {
  const { baseUrl, origins = [], ...connection } = input;
  connectionHeaders(connection);
  const base = baseUrl === undefined ? undefined : locate(baseUrl, 'baseUrl').path.replace(/\/*$/, '/');
  const allowed = origins.map((origin) => locate(origin, 'origins').origin);
  return async (resource, init = {}) => {
    const request = typeof resource === 'object' && 'headers' in resource ? resource : undefined;
    const method = (init.method ?? request?.method ?? 'GET').toUpperCase();
    const headers = new Headers(init.headers ?? request?.headers);
    // Credentials are what the proxy is for, and the others tell of the connection to Nango.
    for (const name of ['authorization', 'host', 'connection', 'content-length', 'accept-encoding']) {
      headers.delete(name);
    }
    // Only some runtimes stream the body of a Request, and Nango buffers it anyway.
    const full = request && init.body === undefined && !/^(GET|HEAD)$/.test(method);
    const bytes = full ? await request.arrayBuffer() : undefined;
    return proxy(
      client,
      {
        ...connection,
        ...route(request ? request.url : `${resource}`),
        method,
        headers,
        body: (init.body ?? (bytes?.byteLength ? bytes : undefined)) as ProxyInput['body'],
      },
      { signal: init.signal ?? request?.signal },
    );
  };

  function route(address: string): Pick<ProxyInput, 'endpoint' | 'baseUrlOverride'> {
    if (!/^[a-z][a-z\d+.-]*:/i.test(address)) return { endpoint: address.replace(/#.*/, '') };
    const { origin, path, search } = locate(address, 'input');
    if (base && `${path}/`.startsWith(base)) return { endpoint: path.slice(base.length) + search };
    if (!allowed.includes(origin)) refuse('input', 'a path, or a URL below baseUrl or of one of the origins');
    return { baseUrlOverride: origin, endpoint: path.slice(origin.length) + search };
  }
}

/** Takes a URL apart, as far as it says where a request goes. */
function locate(address: string, name: string): { origin: string; path: string; search: string } {
  try {
    const { origin, pathname, search } = new URL(address);
    return { origin, path: origin + pathname, search };
  } catch {
    return refuse(name, 'a URL');
  }
}
