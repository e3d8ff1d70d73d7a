// The proxy: requests to a provider's own API with the credentials of a connection, as one call or as a standard fetch.

import type { Client } from '../client.ts';
import { NangoApiError } from '../errors.ts';
import { check, headerRecord, id, object } from '../core/guards.ts';
import { connectionHeaders, search } from '../core/request.ts';
import { leaveOpen, networkError, readerOf, readJson, send, withBody } from '../core/send.ts';
import type { Call } from '../core/send.ts';
import type { BaseClient, FetchResponse, PlatformFetch, RequestOptions } from '../core/types.ts';
import type { ConnectionInput } from './connections.ts';

/** A JSON value, as far as a body goes: the server refuses bare strings, numbers and null. A `Map` or a `Date` is none. */
export type ProxyJson =
  | { readonly [member: string]: unknown }
  | (object & { readonly [Symbol.iterator]?: never; readonly [Symbol.toPrimitive]?: never })
  | readonly unknown[];

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
  | ReadableStream
  | AsyncIterable<Uint8Array | string>;

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
 * Sends a request to a provider's API with the credentials of a connection, and gives its response, streaming, whatever
 * the status. The call has no time limit unless `timeout` sets one, which then covers the body too.
 *
 * `GET|POST|PUT|PATCH|DELETE|HEAD /proxy/{endpoint}`
 *
 * Of a success that was not streamed to it, Nango passes on no headers but `content-type`, `x-request-id`,
 * `x-correlation-id` and `mcp-session-id`: where a provider tells the next page by `Link`, ask for pages by number.
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
  const identity = connectionHeaders(input);
  const { endpoint, body, params, retries, retryOn, baseUrlOverride, decompress, forwardHeadersOnRedirect } = input;
  const { method = 'GET' } = input;
  check(typeof method === 'string' && /^[a-z]+$/i.test(method), 'method must be an HTTP method, for example GET');
  const headers: Record<string, string> = {};
  const given = input.headers ? headerRecord(input.headers) : {};
  for (const name in given) headers[`nango-proxy-${name}`] = given[name]!;
  const own = body === undefined || body === null ? undefined : bodyType(body);
  if (own) {
    check(!/^(GET|HEAD)$/i.test(method), `body must be left out of ${method}`);
    // fetch draws the boundary of a form, and says it.
    const type = own === formType ? own : (given['content-type'] ?? own);
    if (own !== formType) headers['content-type'] = type;
    // The outer type tells the server how to read the body, this one how to write it anew: a form with its own boundary.
    headers['nango-proxy-content-type'] = type.replace(/^(multipart\/form-data);.*/i, '$1');
  }
  const wire = {
    retries,
    'retry-on': retryOn?.length ? `${retryOn}` : undefined,
    'base-url-override': baseUrlOverride && id(baseUrlOverride, 'baseUrlOverride'),
    decompress,
    'forward-headers-on-redirect': forwardHeadersOnRedirect,
  };
  for (const [name, value] of Object.entries(wire)) if (value !== undefined) headers[name] = `${value}`;
  const { signal, timeout = Infinity } = object(options, 'options');
  const path = proxyPath(endpoint, params);
  // Node asks for duplex where the body is a stream.
  const init = own &&
    { body: (own === jsonType ? JSON.stringify(body) : bytesOf(body)) as string, duplex: 'half' as const };
  const proxied: BaseClient = client &&
    { ...client, fetch: (_, rest) => client.fetch(path, { ...rest, ...init, whole: true }) };
  // Without either there is nothing to let go of, and the response is given as it came.
  const bounded = signal || timeout < Infinity;
  return send(
    proxied,
    `${method.toUpperCase()} /proxy/{endpoint}`,
    { path: { endpoint: '-' }, headers: { ...headers, ...identity } },
    { ...options, timeout },
    (response, call) => passOn(response, call, bounded ? leaveOpen : (whole) => whole as Response),
  );
}

const jsonType = 'application/json';
const formType = 'multipart/form-data';

/** Gives the content type of a body. Its tag tells what it is, also where it is a polyfill's, and loads no class. */
function bodyType(body: ProxyBody): string {
  const tag = Object.prototype.toString.call(body).slice(8, -1);
  const types: Record<string, string> = {
    Array: jsonType,
    FormData: formType,
    Object: jsonType,
    String: 'text/plain;charset=UTF-8',
    URLSearchParams: 'application/x-www-form-urlencoded',
  };
  if (tag === 'FormData') {
    const names = [...(body as FormData).keys()];
    check(
      new Set(names).size === names.length,
      'body must not repeat a field of its form: the server cannot read that',
    );
  }
  const binary = isIterable(body) || /Blob|File|Stream|Buffer|Array$|View/.test(tag);
  const type = tag === 'Array' || !binary ? types[tag] : (body as Blob).type || 'application/octet-stream';
  check(type, 'body must be a JSON object or array, text, bytes, a form or a stream');
  return type;
}

/** Gives a body as fetch takes it everywhere: the streams of Node, and other async iterables, as a stream of the web. */
function bytesOf(body: ProxyBody | null | undefined): unknown {
  if (!isIterable(body)) return body;
  const items = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await items.next();
      if (done) return controller.close();
      controller.enqueue(typeof value === 'string' ? new TextEncoder().encode(value) : value);
    },
    cancel: (reason) => void items.return?.(reason),
  });
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array | string> {
  const { getReader, [Symbol.asyncIterator]: iterate } = Object(body) as Partial<ReadableStream>;
  return !getReader && typeof iterate === 'function';
}

/** Gives the path and the query of a request. */
function proxyPath(endpoint: string, params: ProxyParams = ''): string {
  check(
    typeof endpoint === 'string' && /^(?!\w+:)[^\p{Cc}#\\]*$/u.test(endpoint),
    'endpoint must be a path of the provider without a fragment, for example /user/repos',
  );
  const path = `/proxy/${endpoint.replace(/^\//, '')}`;
  // URL parsers resolve dots, encoded ones too, and what leaves the proxy would be an operation of the API.
  check(new URL(`http://localhost${path}`).pathname.startsWith('/proxy/'), 'endpoint must not lead out of the proxy');
  const query = typeof params === 'string' || params instanceof URLSearchParams
    ? `${params}`.replace(/^\?/, '')
    : search(object(params, 'params') as Record<string, unknown>).slice(1);
  return `${path}${query && (path.includes('?') ? '&' : '?')}${query}`;
}

/** No error of Nango is longer. */
const LONGEST_ERROR = 65_536;

/** Gives the response of the provider, or throws what Nango itself answered. */
async function passOn(response: FetchResponse, call: Call, leave: typeof leaveOpen): Promise<Response> {
  const { status, headers } = response;
  const length = Number(headers.get('content-length'));
  const type = headers.get('content-type');
  // An answer to HEAD, or without a body, says too little to be taken from the caller.
  const foreign = status < 400 || response.body === null || (type && !/json/i.test(type)) || length > LONGEST_ERROR;
  if (foreign || call.operation.startsWith('HEAD')) return leave(response, call);
  const reader = readerOf(response);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let text;
  try {
    if (!reader) text = await (response as Response).clone().text();
    for (let size = 0; reader && size <= LONGEST_ERROR;) {
      const { done, value } = await reader.read();
      if (done) {
        text = await new Blob(chunks).text();
        break;
      }
      chunks.push(value as Uint8Array<ArrayBuffer>);
      size += value.length;
    }
  } catch (cause) {
    throw networkError(cause, call.operation);
  }
  if (text === undefined) return leaveOpen(response, call, reader, chunks);
  if (refusedByNango(status, text)) return readJson(response, call, text);
  return reader ? withBody(response as Response, new Blob(chunks)) : (response as Response);
}

/** No header tells who answered, so the body must: Nango's own codes, and the shapes of its failures. */
function refusedByNango(status: number, text: string): boolean {
  // A stream that broke on its way to Nango leaves an empty answer.
  if (!text) return status === 500;
  try {
    const { error, message, code, method, status: _, ...others } = JSON.parse(text);
    return error
      ? nangoCodes.test(error.code) ||
        (error.code === 'server_error' && /^Failed to get connection/.test(error.message))
      // The provider could not be reached.
      : status === 500 && message && code && method && !Object.keys(others).length;
  } catch {
    // Any other text is the provider's.
    return false;
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
  /**
   * What becomes of a refusal by Nango itself, for example of an unknown connection. It is thrown as an error, or given
   * as a response with the status and the body of the refusal, which SDKs report better. Defaults to `throw`.
   */
  refusals?: 'throw' | 'response' | undefined;
}

/**
 * Creates a standard `fetch` that sends its requests through the proxy, for SDKs that take one. Paths, and URLs below
 * `baseUrl`, go to the provider; URLs of `origins` go there. `Authorization` is left to Nango. It rejects with a
 * {@link NangoApiError} where Nango itself refuses, unless `refusals` says otherwise. Most answers lose their `Link`
 * header on the way, as {@link proxy} tells, so an SDK that follows it stops after the first page.
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
export function createProxyFetch(client: Client, input: ProxyFetchInput): PlatformFetch {
  const { baseUrl, origins = [], refusals, ...connection } = object(input, 'input');
  connectionHeaders(connection);
  const base = baseUrl === undefined ? undefined : locate(baseUrl, 'baseUrl').path.replace(/\/*$/, '/');
  const allowed = [...origins].map((origin) => locate(origin, 'origins').origin);
  return async (resource, init = {}) => {
    const request = typeof resource === 'object' && 'headers' in resource ? resource : undefined;
    const method = (init.method ?? request?.method ?? 'GET').toUpperCase();
    const headers = headerRecord(init.headers ?? request?.headers);
    // Credentials are what the proxy is for, and the others tell of the connection to Nango.
    for (const name of ['authorization', 'host', 'connection', 'content-length', 'accept-encoding']) {
      delete headers[name];
    }
    // Only some runtimes stream the body of a Request, and Nango buffers it anyway.
    const full = request && init.body === undefined && !/^(GET|HEAD)$/.test(method);
    const bytes = full ? await request.arrayBuffer() : undefined;
    const { endpoint, baseUrlOverride } = route(request ? request.url : `${resource}`);
    try {
      return await proxy(
        client,
        {
          ...connection,
          endpoint,
          baseUrlOverride,
          method,
          headers,
          body: (init.body ?? (bytes?.byteLength ? bytes : undefined)) as ProxyBody | undefined,
        },
        { signal: init.signal ?? request?.signal },
      );
    } catch (error) {
      if (refusals !== 'response' || !(error instanceof NangoApiError)) throw error;
      return new Response(JSON.stringify(error.body), { status: error.status, headers: error.headers as Headers });
    }
  };

  function route(address: string): { endpoint: string; baseUrlOverride?: string } {
    const { origin, path, search } = locate(address, 'input', RELATIVE);
    const below = path.slice(origin.length) + search;
    if (origin === RELATIVE) return { endpoint: below };
    if (base && `${path}/`.startsWith(base)) return { endpoint: path.slice(base.length) + search };
    check(allowed.includes(origin), 'input must be a path, or a URL below baseUrl or of one of the origins');
    return { baseUrlOverride: origin, endpoint: below };
  }
}

/** The origin of addresses that have none. */
const RELATIVE = 'http://relative.invalid';

/** Takes a URL apart, as far as it says where a request goes. */
function locate(address: string, name: string, base?: string): { origin: string; path: string; search: string } {
  try {
    const { origin, pathname, search } = new URL(address, base);
    return { origin, path: origin + pathname, search };
  } catch {
    throw new TypeError(`${name} must be a URL`);
  }
}
