// The gateway: takes requests of browsers and sends on what is allowed. What is sent is built anew from what has been
// checked, never copied from the request, so that no spelling of it means one thing here and another at Nango.

import type { BaseClient, FetchResponse } from '../core/types.ts';
import { covers, decode, endpoint, entry, identifier, permits, tagsOf } from './grant.ts';
import type { Row } from './grant.ts';
import { operations } from './operations.ts';
import type { GatewayOperation } from './operations.ts';
import { Refusal, refuse } from './refusal.ts';
import type { GatewayEvent, GatewayOptions, Grant } from './types.ts';

/** What a call is made of once it has been checked. */
interface Call {
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer> | undefined;
  /** Takes out of the answer what is not granted. Undefined where the answer goes through as it is. */
  filter?: ((answer: Answer) => unknown) | undefined;
}

/** The answers that are filtered: lists of connections and of integrations. */
interface Answer {
  connections?: Row[];
  data?: { unique_key: string }[];
}

const connectionHeaders = ['provider-config-key', 'connection-id'];

// Nango, or what is in front of it, would heed these. What is none of them and not passed on is left out quietly, since
// browsers send a dozen headers by themselves.
const dangerous =
  /^(nango|provider[-_]config|connection[-_]id|base-url|retr|decompress|forward-h|x-(async|max-r|(http-)?method|original-url|rewrite)|upgrade$|content-e)/;

/**
 * Creates a handler that gives the pages of your own application access to Nango: in the browser, `createClient({
 * apiKey: null, host: '/api/nango' })` calls it, and it adds the key. Everything that is not allowed explicitly is
 * refused: operations, integrations, connections, paths of the proxy, origins, headers.
 *
 * It mounts as it is in Workers, `Deno.serve`, `Bun.serve`, Next.js route handlers and Hono. Refusals are in the API's
 * own form, `{ error: { code, message } }`.
 *
 * @example
 * ```ts
 * import { createClient } from 'nango-fetch';
 * import { createGateway } from 'nango-fetch/gateway';
 *
 * declare function userOf(request: Request): Promise<{ id: string } | null>;
 *
 * const gateway = createGateway({
 *   client: createClient({ apiKey: '<API-KEY>' }),
 *   basePath: '/api/nango',
 *   allow: ['POST /connect/sessions', 'GET /connections', 'GET /records'],
 *   authorize: async (request) => {
 *     const user = await userOf(request);
 *     return user && { integrations: ['github'], tags: { end_user_id: user.id } };
 *   },
 * });
 * ```
 *
 * @throws TypeError where `allow` names what is no operation of the gateway.
 */
export function createGateway(options: GatewayOptions): (request: Request) => Promise<Response> {
  const { client, allow, authorize, basePath = '', origins = [], maxBody = 2 ** 20, rateLimit, audit } = options;
  const forwarded = ['nango-proxy-accept', 'nango-proxy-content-type', ...(options.requestHeaders ?? [])];
  const exposed = ['content-type', 'retry-after', ...(options.responseHeaders ?? [])];
  for (const name of ['limit', 'remaining', 'reset']) exposed.push(`x-ratelimit-${name}`);
  const routes = allow.map((operation) => {
    if (!Object.hasOwn(operations, operation)) throw new TypeError(`allow names no operation: ${operation}`);
    const pattern = operation.replace(/{(\w+)}/g, (_, name) => `(?<${name}>${name === 'endpoint' ? '.+' : '[^/]+'})`);
    return [operation, new RegExp(`^${pattern}$`)] as const;
  });

  return async (request) => {
    const { method, headers } = request;
    const { origin, pathname, search, searchParams } = new URL(request.url);
    const event: GatewayEvent = { request };
    // What a provider answers must not act as a page of this origin, nor stay in a cache that others share.
    const shield: Record<string, string> = {
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      vary: 'origin',
    };
    try {
      const caller = headers.get('origin');
      if (caller !== null && origins.includes(caller)) {
        shield['access-control-allow-origin'] = caller;
        shield['access-control-allow-credentials'] = 'true';
        shield['access-control-expose-headers'] = `${exposed}`;
      } else if (
        // Without an Origin, what no page of another origin can send: its forms and images set no headers.
        caller === null
          ? /^(cross|same)-site$/.test(headers.get('sec-fetch-site') ?? '') ||
            (!/^(GET|HEAD)$/.test(method) && !headers.has('x-requested-with'))
          : caller !== origin
      ) refuse(403, 'origin_not_allowed');
      if (method === 'OPTIONS' && caller !== null) {
        shield['access-control-allow-methods'] = 'GET,HEAD,POST,PUT,PATCH,DELETE';
        shield['access-control-allow-headers'] =
          `authorization,content-type,x-requested-with,${connectionHeaders},${forwarded}`;
        return new Response(null, { status: 204, headers: shield });
      }

      const line = `${method} ${pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : ''}`;
      const [operation, pattern] = routes.find((route) => route[1].test(line)) ?? refuse(404, 'operation_not_open');
      event.operation = operation;
      const grant = event.grant = (await authorize(request, operation)) ?? refuse(401, 'not_signed_in');
      if (grant.operations?.includes(operation) === false) refuse(403, 'operation_not_granted');
      const wait = await rateLimit?.(grant, operation);
      if (wait) refuse(429, 'too_many_request', '', { 'retry-after': `${Math.ceil(wait)}` });

      const call = await check(operation, pattern.exec(line)!.groups ?? {}, grant);
      await audit?.(event);
      const response = await upstream(client, operation, call, request.signal);
      const { status } = response;
      // A redirect would lead the page to where no grant has been checked.
      if (status < 200 || (status > 299 && status < 400)) refuse(502, 'bad_gateway');
      const passed: Record<string, string> = {};
      for (const name of exposed) {
        const value = response.headers.get(name);
        if (value !== null) passed[name] = value;
      }
      let content = response.body as BodyInit | null;
      if (call.filter) {
        const answer = parse(await response.text(), 502, 'bad_gateway', grant.credentials ? undefined : withhold);
        content = JSON.stringify(response.ok ? call.filter(answer as Answer) : answer);
      }
      return new Response(content, { status, headers: { ...passed, ...shield } });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const { status, reason: code, message, cause } = refusal;
      await audit?.({ ...event, status, reason: code, cause });
      return new Response(JSON.stringify({ error: { code, message } }), {
        status,
        headers: { ...refusal.headers, ...shield, 'content-type': 'application/json' },
      });
    }

    /** Requires everything that the request carries to be granted, and gives what is to be sent. */
    async function check(operation: GatewayOperation, groups: Record<string, string>, grant: Grant): Promise<Call> {
      const list = operation === 'GET /connections';
      const { integrations = [], limit = 1000 } = grant;
      const members: Record<string, unknown> = {};
      const spec = operations[operation];
      const named = spec[0] === '@';
      const [inQuery, inBody] = spec.replace('@', '').split(' ').map((part) => part.split(',').filter(Boolean));
      const query = new URLSearchParams();
      const sent: Record<string, string> = {};

      for (const [name, value] of headers) {
        if (forwarded.includes(name) || (named && connectionHeaders.includes(name))) sent[name] = value;
        else if (dangerous.test(name)) refuse(403, 'header_not_allowed', name);
      }
      if (named) { for (const name of connectionHeaders) members[name] = sent[name]; }

      let path = '';
      const rule = groups['endpoint'] && endpoint(groups['endpoint']);
      if (rule) {
        // Some frameworks take the method from the query.
        if (searchParams.has('_method')) refuse(403, 'method_not_allowed');
        path = `/proxy/${groups['endpoint']}${search}`;
      } else {
        for (const name in groups) members[name] = identifier(decode(groups[name]!), name);
        path = operation.split(' ')[1]!.replace(/{(\w+)}/g, (_, name) => encodeURIComponent(members[name] as string));
        for (const [name, value] of searchParams) {
          const known = inQuery!.includes(name.replace(/^(tags)\[[\w./-]+\]$/, '$1'));
          if (!known || (name !== 'ids' && query.has(name))) refuse(400, 'invalid_query_params', name);
          query.append(name, members[name] = value);
        }
      }

      const bytes = await read(request, maxBody);
      let body: Record<string, unknown> | undefined;
      if (inBody) {
        if (!/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? '')) refuse(415, 'invalid_content_type');
        body = parse(new TextDecoder().decode(bytes), 400, 'invalid_json') as Record<string, unknown>;
        if (Object(body) !== body || Array.isArray(body)) refuse(400, 'invalid_json');
        for (const name in body) {
          if (!inBody.includes(name)) refuse(400, 'invalid_body', name);
          members[name] = body[name];
        }
      } else if (!rule && bytes.length) refuse(400, 'invalid_body');

      // Everything that names an integration or a connection, in whatever place it travels.
      let keys: string[] = [];
      const connections: string[] = [];
      for (
        const name of [...Object.keys(groups), ...inQuery!, ...(inBody ?? []), ...(named ? connectionHeaders : [])]
      ) {
        const value = members[name];
        if (list && value === undefined) continue;
        if (/^(provider.config.key|integration_?id|uniqueKey|allowed_integrations)$/i.test(name)) {
          const several = name === 'integrationId' ? `${value}`.split(',') : value;
          // A session that names no integrations could connect all of them.
          keys = name[0] === 'a' && !(value as unknown[])?.length ? [...integrations] : each(several, name);
          if (name[0] === 'a') body![name] = keys;
          if (!keys.every((key) => integrations.includes(key))) refuse(403, 'integration_not_granted', name);
        } else if (/^connection.?id$/i.test(name)) connections.push(...each(value, name));
        else if (/^(include|force_refresh|refresh_.*)$/.test(name) && value !== undefined && !grant.credentials) {
          refuse(403, 'credentials_not_granted', name);
        }
      }
      if (list && !keys.length) keys = [...integrations];
      if (/(connections|sessions)$/.test(operation) && !keys.length) refuse(403, 'integration_not_granted');
      for (const id of connections) {
        if (!(await owns(grant, keys, id, request.signal))) refuse(403, 'connection_not_granted');
      }
      if ('id' in groups && !grant.actions?.includes(members['id'] as string)) refuse(403, 'action_not_granted');
      if (rule && !entry(grant.proxy, keys[0]!).some((each) => permits(each, `${method} /${rule}`))) {
        refuse(403, 'path_not_granted');
      }

      const size = Number(members['limit'] ?? limit);
      if (!(Number.isInteger(size) && size > 0 && size <= limit)) refuse(403, 'limit_not_granted');
      if (inQuery!.includes('limit')) query.set('limit', `${size}`);
      if (inBody?.includes('limit')) body!['limit'] = size;

      const tags = tagsOf(grant);
      if (inBody?.includes('tags')) {
        const asked = Object.entries(Object(members['tags'])).map(([key, value]) => [key.toLowerCase(), value]);
        const set = Object.fromEntries(tags);
        if (!tags.length || asked.some(([key, value]) => set[key as string] !== value)) refuse(403, 'tags_not_granted');
        body!['tags'] = set;
      }
      let filter: Call['filter'];
      if (list) {
        // Pages are made here: after filtering, those of the server would be too short.
        const from = size * Number(query.get('page') ?? 0);
        query.delete('page');
        query.delete('limit');
        query.set('integrationId', `${keys}`);
        if (!grant.connections) { for (const [key, value] of tags) query.set(`tags[${key}]`, value); }
        filter = (answer) => ({
          connections: answer.connections!.filter((row) => covers(grant, row)).slice(from, from + size),
        });
      } else if (operation === 'GET /integrations') {
        filter = (answer) => ({ data: answer.data!.filter((row) => integrations.includes(row.unique_key)) });
      } else if (/ \/(connections|integrations)/.test(operation)) filter = (answer) => answer;

      const type = headers.get('content-type');
      if (bytes.length && type) sent['content-type'] = type;
      return {
        path: path + (`${query}` && `?${query}`),
        headers: sent,
        body: body ? JSON.stringify(body) : bytes.length ? bytes : undefined,
        filter,
      };
    }
  };

  /** Tells whether a connection of one of some integrations is granted. Only tags have to be looked up. */
  async function owns(grant: Grant, keys: string[], connection_id: string, signal: AbortSignal): Promise<boolean> {
    if (keys.some((provider_config_key) => covers(grant, { connection_id, provider_config_key }))) return true;
    if (!tagsOf(grant).length) return false;
    const path = `/connections?${new URLSearchParams({ connectionId: connection_id })}`;
    const call = { path, headers: {}, filter: true };
    const response = await upstream(client, 'GET /connections', call, signal);
    if (!response.ok) refuse(502, 'bad_gateway');
    const { connections = [] } = parse(await response.text(), 502, 'bad_gateway') as Answer;
    return connections.some((row) =>
      row.connection_id === connection_id && keys.includes(row.provider_config_key as string) && covers(grant, row)
    );
  }
}

/** Sends a call with the key. */
async function upstream(
  client: BaseClient,
  operation: GatewayOperation,
  { path, headers, body, filter }: Omit<Call, 'filter'> & { filter?: unknown },
  signal: AbortSignal,
): Promise<FetchResponse> {
  const init = {
    method: operation.split(' ')[0]!,
    headers,
    ...(body && { body: body as string }),
    redirect: 'manual' as const,
    signal,
    operation,
    // There is no deadline: whoever asks the gateway sets the limit, by their signal.
    // What is not filtered is streamed.
    ...(!filter && { whole: true as const }),
  };
  try {
    return await client.fetch(path, init);
  } catch (cause) {
    return refuse(502, 'bad_gateway', '', {}, cause);
  }
}

/** Reads a body, as far as it may go. Firefox has no stream of it. */
async function read(request: Request, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let left = most - Number(request.headers.get('content-length'));
  if (left >= 0) left = most;
  const reader = (request.body ?? new Blob([await request.arrayBuffer()]).stream()).getReader();
  while (left >= 0) {
    const { value } = await reader.read();
    if (!value) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    left -= value.length;
    chunks.push(value);
  }
  // Ignore cancel errors.
  reader.cancel().catch(() => {});
  return refuse(413, 'body_too_large');
}

/** Parses JSON, or refuses what is none. */
function parse(text: string, status: number, reason: string, reviver?: typeof withhold): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return refuse(status, reason);
  }
}

/** Empties what holds credentials, as Nango does for keys that may not read them. */
function withhold(name: string, value: unknown): unknown {
  return /^(credentials|connection_config)$/.test(name) ? {} : value;
}

/** Requires one identifier or several, and gives them as a list. */
function each(value: unknown, name: string): string[] {
  const list = Array.isArray(value) && /^(connection_id|allowed_.*|integrationId)$/.test(name) ? value : [value];
  if (!list.length) refuse(400, 'invalid_identifier', name);
  return list.map((item) => identifier(item, name));
}
