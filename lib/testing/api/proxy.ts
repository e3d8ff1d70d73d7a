// /proxy: any request to the provider, with its credentials. What reaches the provider, and what of its response comes
// back, is up to the server's own rules.

import { ApiError, apiError, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { connectionId, isPrivateHost, providerConfigKey } from '../server/fields.ts';
import { parseQuery } from '../server/query.ts';
import type { QueryValue } from '../server/query.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { looseObject, number, oneOf, optional, string, union, withDefault } from '../server/schema.ts';
import type { Read } from '../server/schema.ts';
import { freshCredentials } from '../state/connections.ts';
import { askProvider, baseUrlOf, credentialHeaders, credentialQuery } from '../state/provider-requests.ts';
import type { CatalogProvider } from '../state/providers.ts';
import { findConnection } from '../state/store.ts';

const switchText = () => optional(oneOf(['true', 'false']));

const proxyHeaders = () =>
  looseObject({
    'provider-config-key': providerConfigKey(),
    'connection-id': connectionId(),
    retries: withDefault(number({ coerce: true, min: 0 }), 0),
    'base-url-override': optional(union(string({ format: 'url' }), oneOf(['']))),
    decompress: switchText(),
    'retry-on': optional(string({ pattern: /^\d+(,\d+)*$/ })),
    'nango-activity-log-id': optional(string({ max: 255 })),
    'nango-is-sync': switchText(),
    'nango-is-dry-run': switchText(),
    'forward-headers-on-redirect': switchText(),
  });

const networkCodes = [
  'ECONNRESET',
  'ETIMEDOUT',
  'ECONNABORTED',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
];
const firstWait = 3000;
const longestWait = 600_000;
const mostRedirects = 5;

const prefix = 'nango-proxy-';
const bodylessMethods = ['GET', 'HEAD'];
const bufferedHeaders = ['content-type', 'mcp-session-id', 'x-request-id', 'x-correlation-id'];

/** The URL at the provider. */
function targetUrl(call: Call, baseUrl: string, credentials: readonly [string, string][]): string {
  const path = call.request.path.replace(/^\/proxy\/*/i, '');
  const added = new URLSearchParams([...credentials]).toString();
  const query = [call.request.search, added].filter(Boolean).join('&');
  return `${baseUrl}/${path}${query === '' ? '' : `?${query}`}`;
}

function checkOverride(override: string): string {
  const { hostname } = new URL(override);
  if (isPrivateHost(hostname)) {
    const message = 'This base URL override is not allowed by server configuration.';
    throw apiError(400, 'base_url_override_not_allowed', message);
  }
  // The server looks names up; the one ending that never resolves is all that can be told here.
  if (hostname.endsWith('.invalid')) {
    throw apiError(400, 'base_url_override_not_allowed', 'This outbound URL is not allowed by server configuration.');
  }
  return override.replace(/\/+$/, '');
}

/** The body as the provider receives it, and its content type; `null` if the body sets its own. */
async function outgoingBody(
  call: Call,
  wanted: string | null,
): Promise<{ body: BodyInit | null; contentType: string | null }> {
  if (bodylessMethods.includes(call.request.method)) return { body: null, contentType: null };
  const sent = call.request.headers.get('content-type') ?? '';
  const { bytes } = call.request;
  const form = 'application/x-www-form-urlencoded';
  const expectsBody = call.request.method === 'POST' || call.request.method === 'PUT' ||
    call.request.method === 'PATCH';
  if (!bytes || bytes.length === 0) return { body: null, contentType: wanted ?? (expectsBody ? form : null) };
  if (/^application\/json\b/i.test(sent)) {
    return { body: JSON.stringify(call.request.body), contentType: wanted ?? 'application/json' };
  }
  if (sent.toLowerCase().startsWith(form)) {
    // The server parses forms, and writes repeated names as lists.
    const fields = parseQuery(new TextDecoder().decode(bytes));
    if (wanted === form) return { body: writeForm(fields), contentType: form };
    return { body: JSON.stringify(fields), contentType: wanted ?? 'application/json' };
  }
  if (/^multipart\/form-data\b/i.test(sent)) {
    const parts = [...await new Response(bytes, { headers: { 'content-type': sent } }).formData()];
    const fields = parts.filter((part): part is [string, string] => typeof part[1] === 'string');
    if (new Set(fields.map(([name]) => name)).size < fields.length) throw new Error('a multipart field is repeated');
    // Without exactly this value the server drops the files.
    if (wanted?.startsWith('multipart/form-data')) {
      const kept = wanted === 'multipart/form-data' ? parts : fields;
      return { body: rebuildForm(kept), contentType: null };
    }
    return { body: JSON.stringify(Object.fromEntries(fields)), contentType: wanted ?? 'application/json' };
  }
  return { body: bytes, contentType: wanted ?? form };
}

function writeForm(fields: Record<string, QueryValue>): string {
  const written = new URLSearchParams();
  const append = (name: string, value: QueryValue): void => {
    if (typeof value === 'string') written.append(name, value);
    else if (Array.isArray(value)) { for (const item of value) append(`${name}[]`, item); }
    else for (const [key, item] of Object.entries(value)) append(`${name}[${key}]`, item);
  };
  for (const [name, value] of Object.entries(fields)) append(name, value);
  return written.toString();
}

function rebuildForm(parts: readonly [string, FormDataEntryValue][]): FormData {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value);
    // The server reads the UTF-8 of a file name as Latin-1.
    else form.append(name, value, String.fromCharCode(...new TextEncoder().encode(value.name)));
  }
  return form;
}

function outgoingHeaders(call: Call, credentials: Record<string, string>, contentType: string | null): Headers {
  const headers = new Headers({ accept: 'application/json, text/plain, */*', 'user-agent': 'axios/1.18.0' });
  if (contentType !== null) headers.set('content-type', contentType);
  for (const [name, value] of Object.entries(credentials)) headers.set(name, value);
  call.request.headers.forEach((value, name) => {
    if (name.startsWith(prefix) && name !== `${prefix}content-type`) headers.set(name.slice(prefix.length), value);
  });
  return headers;
}

function shouldRetry(status: number, retryOn: readonly number[], provider: CatalogProvider | undefined): boolean {
  if (retryOn.includes(status)) return true;
  const codes = provider?.proxy?.retry?.error_code;
  if (!codes) return status >= 500 || status === 429 || status === 401;
  return codes.some((code) => code === String(status) || (code.endsWith('xx') && code[0] === String(status)[0]));
}

/** The answer if the provider cannot be reached, which has no envelope. */
function unreachable(call: Call, error: unknown): Answer {
  const failure = error instanceof Error ? error : new Error(String(error));
  const { code } = failure as Error & { code?: unknown };
  const text = typeof code === 'string' ? { code } : {};
  return json({ message: failure.message, ...text, method: call.request.method.toLowerCase() }, 500);
}

async function ask(call: Call, request: Request, forwards: boolean): Promise<Response> {
  let current = request;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const response = await askProvider(call.context, current.clone());
    const location = response.headers.get('location');
    if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    const url = new URL(location, current.url);
    const keepsBody = response.status === 307 || response.status === 308;
    const headers = new Headers(current.headers);
    if (url.host !== new URL(current.url).host && !forwards) headers.delete('authorization');
    if (!keepsBody) headers.delete('content-type');
    const method = keepsBody || current.method === 'HEAD' ? current.method : 'GET';
    const body = keepsBody && !bodylessMethods.includes(method) ? await current.arrayBuffer() : null;
    current = new Request(url, { method, headers, body });
  }
  throw Object.assign(new Error('Maximum number of redirects exceeded'), { code: 'ERR_FR_TOO_MANY_REDIRECTS' });
}

async function writeResponse(call: Call, response: Response): Promise<Answer> {
  const { status } = response;
  const all = Object.fromEntries([...response.headers].filter(([name]) => name !== 'transfer-encoding'));
  const reading = call.request.method === 'HEAD';
  if (status >= 300) {
    // Whatever is no success is passed on whole. Errors are decoded as text, which is why binary ones arrive broken.
    const { 'content-length': _length, 'content-type': contentType = null, ...headers } = all;
    return { status, body: await response.text(), contentType: contentType ?? 'text/html; charset=utf-8', headers };
  }
  const disposition = response.headers.get('content-disposition') ?? '';
  const chunked = response.headers.get('transfer-encoding') === 'chunked';
  if (!reading && (chunked || /^(attachment|inline)\b/i.test(disposition))) {
    const { body } = response;
    return {
      status,
      body: undefined,
      response: (headers) => new Response(body, { status, headers: { ...headers, ...all } }),
    };
  }
  if (status === 204) return { status, body: undefined, contentType: null };
  const kept = Object.fromEntries(Object.entries(all).filter(([name]) => bufferedHeaders.includes(name)));
  const { 'content-type': contentType, ...headers } = kept;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status, body: bytes, contentType: contentType ?? 'application/octet-stream', headers };
}

async function proxy(call: Call, headers: Read<ReturnType<typeof proxyHeaders>>): Promise<Answer> {
  const { context, environment } = call;
  const integration = environment.integrations.get(headers['provider-config-key']);
  if (!integration) {
    const message = 'Provider config not found for the given provider config key. ' +
      'Please make sure the provider config exists in the Nango dashboard.';
    throw apiError(404, 'unknown_provider_config', message);
  }
  const connection = findConnection(environment, integration.uniqueKey, headers['connection-id']);
  if (!connection) throw apiError(400, 'server_error', 'Failed to get connection');
  const override = headers['base-url-override'];
  const overridden = override === undefined || override === '' ? undefined : checkOverride(override);
  const provider = context.store.providers.get(integration.provider);
  const state = await freshCredentials(context, environment, connection, false);
  if (state === 'backing-off') {
    throw apiError(
      424,
      'connection_refresh_backoff',
      'The credentials could not be refreshed. Please try again later.',
    );
  }
  if (state === 'failed') throw apiError(400, 'server_error', 'Failed to get connection credentials');
  const baseUrl = overridden ?? baseUrlOf(provider, integration, connection);
  if (baseUrl === undefined) throw apiError(400, 'unsupported_provider', 'unsupported_provider');

  const { body, contentType } = await outgoingBody(call, call.request.headers.get(`${prefix}content-type`));
  const credentials = credentialHeaders(provider, integration, connection);
  const request = new Request(targetUrl(call, baseUrl, credentialQuery(provider, connection)), {
    method: call.request.method,
    headers: outgoingHeaders(call, credentials, contentType),
    body,
  });
  const forwards = headers['forward-headers-on-redirect'] !== 'false';
  const retryOn = (headers['retry-on'] ?? '').split(',').filter(Boolean).map(Number);
  for (let attempt = 0;; attempt++) {
    const last = attempt >= headers['retries'];
    try {
      const response = await ask(call, request.clone(), forwards);
      if (response.status < 400 || last || !shouldRetry(response.status, retryOn, provider)) {
        return await writeResponse(call, response);
      }
      await response.body?.cancel();
    } catch (error) {
      if (error instanceof ApiError) throw error;
      const { code } = error as { code?: unknown };
      if (last || typeof code !== 'string' || !networkCodes.includes(code)) return unreachable(call, error);
    }
    await context.clock.sleep(Math.min(firstWait * 2 ** attempt, longestWait));
  }
}

/** The proxy. */
export const proxyRoutes = (): Route[] => [
  route('proxy', '* /proxy/*', {
    scopes: ['environment:proxy'],
    anyContentType: true,
    query: anyQuery(),
    headers: proxyHeaders(),
    handle: (call) => proxy(call, call.headers),
  }),
];
