// The gateway: what it lets through, and a table of attacks, none of which reaches Nango. On Node only, since elsewhere a
// request may not be given the headers that browsers write themselves.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient } from '../../lib/mod.ts';
import { createGateway } from '../../lib/gateway/mod.ts';
import type { GatewayEvent, GatewayOperation, Grant } from '../../lib/gateway/mod.ts';
import { apiKey, json, rejection } from '../support/support.ts';

const page = 'https://app.example';
const granted: Grant = {
  integrations: ['github'],
  connections: { github: ['c-1'] },
  tags: { end_user_id: 'u-1' },
  proxy: { github: ['GET /user', 'GET /repos/*', 'POST /files/**'] },
  actions: ['6b2f3c9e-0d3b-4b8e-9a43-0d6f3b1c2e88'],
  limit: 100,
};
const allow: GatewayOperation[] = [
  'GET /records',
  'GET /connections',
  'GET /connections/{connectionId}',
  'DELETE /connections/{connectionId}',
  'GET /integrations',
  'GET /integrations/{uniqueKey}',
  'POST /connections/metadata',
  'POST /connect/sessions',
  'POST /connect/sessions/reconnect',
  'POST /sync/trigger',
  'POST /action/trigger',
  'GET /action/{id}',
  'GET /proxy/{endpoint}',
  'POST /proxy/{endpoint}',
];

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: unknown;
}

/** A gateway on a Nango that answers with one thing. */
function open(answer: () => Response = () => json({}), grant: Grant | null = granted) {
  const sent: Sent[] = [];
  const events: GatewayEvent[] = [];
  const client = createClient({
    apiKey,
    host: 'https://nango.example/base',
    fetch: async (url, { method, headers, body }) => {
      sent.push({ url, method, headers, body });
      return answer();
    },
  });
  const handle = createGateway({
    client,
    allow,
    authorize: () => grant,
    basePath: '/api/nango',
    origins: ['https://friend.example'],
    maxBody: 1000,
    audit: (event) => void events.push({ ...event }),
  });
  return { handle, sent, events };
}

type Headers = Record<string, string>;
const of: Headers = { 'provider-config-key': 'github', 'connection-id': 'c-1' };

function request(line: string, headers: Headers = {}, body?: unknown): Request {
  const [method = 'GET', path = '/'] = line.split(/ (.*)/s);
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const type = text === undefined ? undefined : { 'content-type': 'application/json' };
  return new Request(`${page}/api/nango${path}`, {
    method,
    headers: { origin: page, ...type, ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
}

test('what is granted goes through with the key, and nothing else of the request', async () => {
  const { handle, sent, events } = open(() =>
    json({ records: [], next_cursor: null }, { headers: { 'set-cookie': 'a=b', 'x-secret': 's' } })
  );
  const response = await handle(request('GET /records?model=Issue', { ...of, cookie: 'session=1', 'x-other': 'y' }));
  assert.is(response.status, 200);
  assert.equal(await response.json(), { records: [], next_cursor: null });
  assert.is(sent[0]!.url, 'https://nango.example/base/records?model=Issue&limit=100');
  assert.equal(sent[0]!.headers, { ...of, authorization: `Bearer ${apiKey}` });
  assert.equal([response.headers.get('set-cookie'), response.headers.get('x-secret')], [null, null]);
  assert.equal(events.map(({ operation, status }) => [operation, status]), [['GET /records', undefined]]);
});

test('lists hold what is granted, and no credentials', async () => {
  const rows = [
    { connection_id: 'c-1', provider_config_key: 'github', tags: {}, credentials: { apiKey: 'x' } },
    { connection_id: 'c-2', provider_config_key: 'github', tags: { end_user_id: 'u-1' }, connection_config: { a: 1 } },
    { connection_id: 'c-3', provider_config_key: 'github', tags: { end_user_id: 'u-2' } },
    { connection_id: 'c-1', provider_config_key: 'slack', tags: { end_user_id: 'u-1' } },
  ];
  const { handle, sent } = open(() => json({ connections: rows }));
  const { connections } = await (await handle(request('GET /connections'))).json();
  assert.equal(connections.map((row: Sent & { connection_id: string }) => row.connection_id), ['c-1', 'c-2']);
  assert.not.match(JSON.stringify(connections), 'apiKey');
  assert.is(new URL(sent[0]!.url).searchParams.get('integrationId'), 'github');
});

test('the proxy is open where its paths are, and streams', async () => {
  const { handle, sent } = open(() => new Response('[1]', { headers: { 'content-type': 'application/json' } }));
  const response = await handle(request('GET /proxy/repos/nango%20fetch?per_page=1', of));
  assert.is(await response.text(), '[1]');
  assert.is(sent[0]!.url, 'https://nango.example/base/proxy/repos/nango%20fetch?per_page=1');
});

test('a session gets the tags of its caller', async () => {
  const { handle, sent } = open();
  await handle(request('POST /connect/sessions', {}, { tags: {}, allowed_integrations: [] }));
  assert.equal(JSON.parse(sent[0]!.body as string), { tags: { end_user_id: 'u-1' }, allowed_integrations: ['github'] });
});

const id = granted.actions![0]!;
const meta = { provider_config_key: 'github', connection_id: 'c-1', metadata: {} };

/** Attacks: a request, and the status that refuses it. */
const attacks: [name: string, request: () => Request, status: number][] = [
  ['an operation that is not open', () => request('GET /environment-variables'), 404],
  ['an operation of the keys', () => request('POST /environments/1/api-keys', {}, {}), 404],
  ['the root', () => request('GET /'), 404],
  [
    'outside the base path',
    () => new Request(`${page}/records?model=Issue`, { headers: { origin: page, ...of } }),
    404,
  ],
  [
    'a sibling of the base path',
    () => new Request(`${page}/api/nangox/records?model=Issue`, { headers: { origin: page } }),
    404,
  ],
  ['a double slash', () => request('GET //records?model=Issue', of), 404],
  ['a trailing slash', () => request('GET /records/?model=Issue', of), 404],
  ['a trailing dot', () => request('GET /records.?model=Issue', of), 404],
  ['another case of names', () => request('GET /Records?model=Issue', of), 404],
  ['an encoded letter', () => request('GET /%72ecords?model=Issue', of), 404],
  ['another method', () => request('DELETE /records?model=Issue', of), 404],
  ['HEAD where GET is open', () => request('HEAD /records?model=Issue', of), 404],
  ['PUT', () => request('PUT /sync/update-connection-frequency', {}, {}), 404],
  // Identifiers in headers
  [
    'a foreign connection in a header',
    () => request('GET /records?model=Issue', { ...of, 'connection-id': 'c-9' }),
    403,
  ],
  [
    'a foreign integration in a header',
    () => request('GET /records?model=Issue', { ...of, 'provider-config-key': 'slack' }),
    403,
  ],
  ['no connection', () => request('GET /records?model=Issue', { 'provider-config-key': 'github' }), 400],
  ['no integration', () => request('GET /records?model=Issue', { 'connection-id': 'c-1' }), 400],
  [
    'two connections in one header',
    () => request('GET /records?model=Issue', { ...of, 'connection-id': 'c-1, c-9' }),
    403,
  ],
  ['a connection of another case', () => request('GET /records?model=Issue', { ...of, 'connection-id': 'C-1' }), 403],
  ['a connection with dots', () => request('GET /records?model=Issue', { ...of, 'connection-id': 'c-1/../c-9' }), 400],
  ['an encoded connection', () => request('GET /records?model=Issue', { ...of, 'connection-id': 'c%2D1' }), 400],
  [
    'prototype members as integration',
    () => request('GET /records?model=Issue', { ...of, 'provider-config-key': '__proto__' }),
    403,
  ],
  // Identifiers in paths
  ['a foreign connection in a path', () => request('GET /connections/c-9?provider_config_key=github'), 403],
  ['a foreign integration in a query', () => request('GET /connections/c-1?provider_config_key=slack'), 403],
  ['no integration in a query', () => request('GET /connections/c-1'), 400],
  ['an encoded slash', () => request('GET /connections/c-1%2F..%2Fc-9?provider_config_key=github'), 400],
  ['a double encoded slash', () => request('GET /connections/c-1%252F..%252Fc-9?provider_config_key=github'), 400],
  ['encoded dots', () => request('GET /connections/%2e%2e?provider_config_key=github'), 404],
  ['double encoded dots', () => request('GET /connections/%252e%252e?provider_config_key=github'), 400],
  ['an encoded backslash', () => request('GET /connections/..%5Cc-9?provider_config_key=github'), 400],
  ['an encoded null', () => request('GET /connections/c-1%00?provider_config_key=github'), 400],
  ['an encoded line end', () => request('GET /connections/c-1%0d%0ax:y?provider_config_key=github'), 400],
  ['a malformed encoding', () => request('GET /connections/%zz?provider_config_key=github'), 400],
  ['an encoded question mark', () => request('GET /connections/c-1%3Fx=y?provider_config_key=github'), 400],
  ['an encoded hash', () => request('GET /connections/c-1%23x?provider_config_key=github'), 400],
  ['a foreign deletion', () => request('DELETE /connections/c-9?provider_config_key=github'), 403],
  ['a foreign integration in a path', () => request('GET /integrations/slack'), 403],
  // Queries
  [
    'an integration twice',
    () => request('GET /connections/c-1?provider_config_key=github&provider_config_key=slack'),
    400,
  ],
  ['an unknown query member', () => request('GET /records?model=Issue&debug=1', of), 400],
  ['an array in a query', () => request('GET /connections/c-1?provider_config_key[]=slack'), 400],
  ['a foreign integration in a list', () => request('GET /connections?integrationId=github,slack'), 403],
  ['a foreign connection in a list', () => request('GET /connections?connectionId=c-9'), 403],
  ['a page that is too large', () => request('GET /records?model=Issue&limit=101', of), 403],
  ['a page of no size', () => request('GET /records?model=Issue&limit=0', of), 403],
  ['a negative page', () => request('GET /records?model=Issue&limit=-1', of), 403],
  ['a page that is no number', () => request('GET /records?model=Issue&limit=1e9', of), 403],
  ['two limits', () => request('GET /records?model=Issue&limit=1&limit=1000', of), 400],
  ['credentials of an integration', () => request('GET /integrations/github?include=credentials'), 403],
  ['a forced refresh', () => request('GET /connections/c-1?provider_config_key=github&force_refresh=true'), 403],
  ['a refresh token', () => request('GET /connections/c-1?provider_config_key=github&refresh_token=true'), 403],
  // Bodies
  [
    'a foreign connection in a body',
    () => request('POST /connections/metadata', {}, { ...meta, connection_id: 'c-9' }),
    403,
  ],
  [
    'a foreign connection in a batch',
    () => request('POST /connections/metadata', {}, { ...meta, connection_id: ['c-1', 'c-9'] }),
    403,
  ],
  ['an empty batch', () => request('POST /connections/metadata', {}, { ...meta, connection_id: [] }), 400],
  [
    'a foreign integration in a body',
    () => request('POST /connections/metadata', {}, { ...meta, provider_config_key: 'slack' }),
    403,
  ],
  ['an object for an id', () => request('POST /connections/metadata', {}, { ...meta, connection_id: { a: 1 } }), 400],
  ['an unknown member', () => request('POST /connections/metadata', {}, { ...meta, connectionId: 'c-9' }), 400],
  ['a list for a body', () => request('POST /connections/metadata', {}, [meta]), 400],
  ['no JSON', () => request('POST /connections/metadata', {}, '{'), 400],
  ['another content type', () => request('POST /connections/metadata', { 'content-type': 'text/plain' }, meta), 415],
  [
    'a form',
    () => request('POST /connections/metadata', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b'),
    415,
  ],
  [
    'a body that is too large',
    () => request('POST /connections/metadata', {}, { ...meta, metadata: 'x'.repeat(2000) }),
    413,
  ],
  ['a body where none belongs', () => request('DELETE /connections/c-1?provider_config_key=github', {}, {}), 400],
  [
    'every connection of a sync',
    () => request('POST /sync/trigger', {}, { provider_config_key: 'github', syncs: [] }),
    400,
  ],
  [
    'a sync of a foreign connection',
    () => request('POST /sync/trigger', {}, { ...meta, metadata: undefined, connection_id: 'c-9', syncs: [] }),
    403,
  ],
  [
    'an action of a foreign connection',
    () => request('POST /action/trigger', { ...of, 'connection-id': 'c-9' }, { action_name: 'a' }),
    403,
  ],
  ['the result of a foreign action', () => request('GET /action/7b2f3c9e-0d3b-4b8e-9a43-0d6f3b1c2e88'), 403],
  ['foreign tags', () => request('POST /connect/sessions', {}, { tags: { end_user_id: 'u-2' } }), 403],
  [
    'other tags beside',
    () => request('POST /connect/sessions', {}, { tags: { END_USER_ID: 'u-1', admin: 'yes' } }),
    403,
  ],
  [
    'a session for a foreign integration',
    () => request('POST /connect/sessions', {}, { tags: {}, allowed_integrations: ['slack'] }),
    403,
  ],
  ['an end user of a session', () => request('POST /connect/sessions', {}, { tags: {}, end_user: { id: 'u-2' } }), 400],
  [
    'reconnecting a foreign connection',
    () => request('POST /connect/sessions/reconnect', {}, { tags: {}, connection_id: 'c-9', integration_id: 'github' }),
    403,
  ],
  // The proxy
  ['a path that is not open', () => request('GET /proxy/admin', of), 403],
  ['a deeper path', () => request('GET /proxy/repos/a/b', of), 403],
  ['a method that is not open', () => request('POST /proxy/user', of, {}), 403],
  ['an absolute URL', () => request('GET /proxy/https://evil.example/user', of), 400],
  ['a URL without a scheme', () => request('GET /proxy//evil.example/user', of), 400],
  ['encoded slashes in the proxy', () => request('GET /proxy/repos/a%2Fb', of), 400],
  ['encoded dots in the proxy', () => request('GET /proxy/repos/%252e%252e', of), 400],
  ['a backslash in the proxy', () => request('GET /proxy/repos/a%5Cb', of), 400],
  ['user information', () => request('GET /proxy/@evil.example/user', of), 400],
  [
    'an override of the base URL',
    () => request('GET /proxy/user', { ...of, 'base-url-override': 'https://evil.example' }),
    403,
  ],
  ['retries', () => request('GET /proxy/user', { ...of, retries: '99' }), 403],
  ['a header for the provider', () => request('GET /proxy/user', { ...of, 'nango-proxy-authorization': 'x' }), 403],
  ['a foreign connection through the proxy', () => request('GET /proxy/user', { ...of, 'connection-id': 'c-9' }), 403],
  ['a method in the query', () => request('GET /proxy/user?_method=DELETE', of), 403],
  // Headers
  ['internal headers', () => request('GET /records?model=Issue', { ...of, 'nango-is-script': 'true' }), 403],
  [
    'an asynchronous action',
    () => request('POST /action/trigger', { ...of, 'x-async': 'true' }, { action_name: 'a' }),
    403,
  ],
  ['a method override', () => request('POST /sync/trigger', { 'x-http-method-override': 'DELETE' }, {}), 403],
  [
    'another URL',
    () => request('GET /records?model=Issue', { ...of, 'x-original-url': '/environment-variables' }),
    403,
  ],
  ['an upgrade', () => request('GET /records?model=Issue', { ...of, upgrade: 'websocket' }), 403],
  ['an encoded body', () => request('POST /connections/metadata', { 'content-encoding': 'gzip' }, meta), 403],
  // Origins
  ['a foreign origin', () => request('GET /records?model=Issue', { ...of, origin: 'https://evil.example' }), 403],
  ['a null origin', () => request('GET /records?model=Issue', { ...of, origin: 'null' }), 403],
  [
    'a forged origin',
    () => request('GET /records?model=Issue', { ...of, origin: 'https://app.example.evil.example' }),
    403,
  ],
  ['another scheme', () => request('GET /records?model=Issue', { ...of, origin: 'http://app.example' }), 403],
  ['another port', () => request('GET /records?model=Issue', { ...of, origin: 'https://app.example:8443' }), 403],
  ['a change without an origin', () => {
    const changed = request('POST /connections/metadata', {}, meta);
    changed.headers.delete('origin');
    return changed;
  }, 403],
  ['a read from another site without an origin', () => {
    const read = request('GET /records?model=Issue', { ...of, 'sec-fetch-site': 'cross-site' });
    read.headers.delete('origin');
    return read;
  }, 403],
  ['a preflight of a foreign origin', () => request('OPTIONS /records', { origin: 'https://evil.example' }), 403],
];

test(`there are ${attacks.length} attacks, each with a name of its own`, () => {
  assert.ok(attacks.length >= 80);
  assert.is(new Set(attacks.map(([name]) => name)).size, attacks.length);
});

for (const [name, make, status] of attacks) {
  test(`refuses ${name}`, async () => {
    const { handle, sent, events } = open(() => json({ connections: [] }));
    const response = await handle(make());
    const text = await response.text();
    assert.is(response.status, status, text);
    // Whether tags cover a connection has to be looked up, and is all that is sent.
    assert.equal(sent.filter(({ url, method }) => method !== 'GET' || !url.includes('/connections?connectionId=')), []);
    assert.type(JSON.parse(text).error.code, 'string');
    assert.is(events.at(-1)!.status, status);
    assert.not.match(text, apiKey);
  });
}

test('refuses who is not signed in, and what a grant leaves out', async () => {
  const anonymous = open(undefined, null);
  assert.is((await anonymous.handle(request('GET /records?model=Issue', of))).status, 401);
  const narrow = open(undefined, { ...granted, operations: ['GET /connections'] });
  assert.is((await narrow.handle(request('GET /records?model=Issue', of))).status, 403);
  const nothing = open(undefined, {});
  assert.is((await nothing.handle(request('GET /records?model=Issue', of))).status, 403);
  assert.is((await nothing.handle(request('GET /connections'))).status, 403);
  assert.equal([anonymous.sent, narrow.sent, nothing.sent], [[], [], []]);
});

test('passes on no redirect, and nothing of a Nango that cannot be reached', async () => {
  const moved = open(() => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }));
  const response = await moved.handle(request('GET /proxy/user', of));
  assert.equal([response.status, response.headers.get('location')], [502, null]);
  const down = open(() => {
    throw new TypeError(`connect ECONNREFUSED ${apiKey}`);
  });
  const failed = await down.handle(request('GET /proxy/user', of));
  assert.is(failed.status, 502);
  assert.not.match(await failed.text(), apiKey);
  assert.instance(down.events.at(-1)!.cause, Error, 'the audit is told');
});

test('answers a friend across origins, and a preflight', async () => {
  const { handle } = open(() => json({ data: {} }));
  const response = await handle(request(`GET /action/${id}`, { origin: 'https://friend.example' }));
  assert.equal([response.status, response.headers.get('access-control-allow-origin')], [200, 'https://friend.example']);
  const preflight = await handle(request('OPTIONS /records', { origin: 'https://friend.example' }));
  assert.is(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-headers')!, 'connection-id');
});

test('holds back a caller as the rate limit says', async () => {
  const client = createClient({ apiKey, fetch: async () => json({}) });
  const handle = createGateway({
    client,
    allow,
    authorize: () => granted,
    basePath: '/api/nango',
    rateLimit: () => 2.5,
  });
  const response = await handle(request('GET /integrations'));
  assert.equal([response.status, response.headers.get('retry-after')], [429, '3']);
});

test('refuses to open what it does not know', async () => {
  const client = createClient({ apiKey });
  const error = await rejection(async () =>
    createGateway({ client, allow: ['GET /environment-variables' as never], authorize: () => null })
  );
  assert.instance(error, TypeError);
  assert.match(error.message, 'GET /environment-variables');
});

test.run();
