// The calls that both clients make: written by hand where something is known to be special, and generated.

import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** A client, as far as a case calls it. */
export type Client = Record<string, (...args: any[]) => any>;

/** What the server answers. */
export interface Answer {
  status?: number;
  headers?: Record<string, string | string[]>;
  /** The body: JSON, unless it is text. */
  body?: unknown;
  text?: string;
  /** Closes the connection: before the answer, or in its body. */
  cut?: 'before' | 'within';
}

/** A call. */
export interface Case {
  name: string;
  call: (nango: Client, host: string, Nango: new (config: object, options?: object) => Client) => unknown;
  answer?: Answer | ((target: string, count: number) => Answer);
  /** What class Nango refuses before it sends anything: one of these must be in the message. */
  refused?: string[];
  /** The differences that it shows. */
  differs?: string[];
  /** The differences that it may show. */
  may?: string[];
  /** Lets time pass a thousand times as fast. */
  fast?: boolean;
}

const page = { providerConfigKey: 'github', connectionId: 'c-1' };
const records = { ...page, model: 'Issue' };
const endpoint = { ...page, endpoint: '/user/repos' };
const uuid = '0b6f5c0e-9d3a-4f1b-8c2d-7e6f5a4b3c2d';
const html: Answer = { text: '<!doctype html><title>Nango</title>', headers: { 'content-type': 'text/html' } };
const tooMany: Answer = {
  status: 429,
  headers: { 'retry-after': '17', 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '0' },
  body: { error: { code: 'too_many_request', method: 'GET', path: '/integrations' } },
};
const unknown: Answer = { status: 404, body: { error: { code: 'not_found', message: 'Failed to find connection' } } };
const broken: Answer = {
  status: 424,
  body: {
    error: { code: 'invalid_credentials', message: 'm', payload: { connection: { metadata: { plan: 'pro' } } } },
  },
};
const connections: Answer = {
  body: { connections: [{ id: 7, connection_id: 'c-1', provider_config_key: 'github', tags: { end_user_id: 'u-1' } }] },
};
const body = '{"from":"nango","type":"auth","text":"héllo 日本"}';
const hmac = createHmac('sha256', 'signing-key').update(body).digest('hex');
const hash = createHash('sha256').update(`signing-key${body}`).digest('hex');

/** Makes a case of a call with plain arguments. */
function plain(method: string, args: unknown[], rest: Partial<Case> = {}): Case {
  const text = args.map((arg) => (arg === undefined ? 'undefined' : JSON.stringify(arg))).join(', ');
  return { name: `${method}(${text.slice(0, 100)})`, call: (nango) => nango[method]!(...args), ...rest };
}

/** A call whose arguments class Nango refuses. */
function refused(method: string, args: unknown[], ...names: string[]): Case {
  return plain(method, args, { refused: names, differs: ['refused'] });
}

/** Verifies with a class of its own, synchronously. */
function verify(name: string, config: object, method: string, args: unknown[], differs: string[] = []): Case {
  return {
    name: `${method}: ${name}`,
    call: (_nango, host, Nango) => new Nango({ host, ...config })[method]!(...args),
    differs,
  };
}

const key = { apiKey: 'api-key', webhookSigningKey: 'signing-key' };
const incoming = 'verifyIncomingWebhookRequest';
const legacy = 'verifyWebhookSignature';

const metadata = ['setMetadata', 'updateMetadata'].flatMap((method) => [
  plain(method, ['github', 'c-1', { plan: 'pro', é: null, deep: { a: [1, 2] } }], {
    answer: { status: 201, body: { a: 1 } },
  }),
  plain(method, ['github', ['c-1', 'c-2'], {}]),
  plain(method, ['github', 'c-1', { a: 'x'.repeat(200_000) }]),
  plain(method, []),
  plain(method, ['', 'c-1', {}]),
  plain(method, ['github']),
  plain(method, ['github', '', {}]),
  plain(method, ['github', 'c-1']),
  plain(method, ['github', 'c-1', { a: 1 }], { answer: unknown }),
  refused(method, ['github', [], {}], 'connectionId'),
  refused(method, ['github', ['ok', 'ü'], {}], 'connectionId'),
  refused(method, ['github', 'c-1', 'text'], 'metadata'),
  refused(method, ['github', 'c-1', [1]], 'metadata'),
]);

const schedules = ['startSync', 'pauseSync'].flatMap((method) => [
  plain(method, ['github', ['issues', { name: 'pulls', variant: 'eu' }], 'c-1'], {
    answer: { body: { success: true } },
  }),
  plain(method, ['github', ['issues', 'pulls']]),
  plain(method, ['github', [], 'c-1']),
  plain(method, ['github']),
  plain(method, []),
  plain(method, ['github', 'issues', 'c-1']),
  plain(method, ['github', '*']),
  plain(method, ['', ['issues']]),
  plain(method, ['github', ['issues']], { answer: unknown }),
  refused(method, ['github', ['issues'], ''], 'connectionId'),
]);

const variants = ['createSyncVariant', 'deleteSyncVariant'].flatMap((method) => {
  const variant = { provider_config_key: 'github', connection_id: 'c-1', name: 'issues', variant: 'eu' };
  return [
    plain(method, [variant]),
    plain(method, [{ ...variant, name: 'a b', variant: 'ü'.normalize('NFC') }], {
      refused: ['variant'],
      differs: ['refused'],
    }),
    plain(method, [{ ...variant, variant: 'a/b' }], { differs: ['encoded'] }),
    plain(method, [variant], { answer: unknown }),
    refused(method, [{ ...variant, name: undefined }], 'name'),
    refused(method, [{ ...variant, variant: '' }], 'variant'),
    refused(method, [{ ...variant, provider_config_key: undefined }], 'providerConfigKey'),
    refused(method, [{}], 'providerConfigKey'),
  ];
});

const actions = ['triggerAction', 'triggerActionAsync'].flatMap((method) => [
  plain(method, ['github', 'c-1', 'create-issue', { title: 'Hi' }], { answer: { status: 202, body: { id: uuid } } }),
  plain(method, ['github', 'c-1', 'create-issue']),
  ...[null, 0, '', false, 'text', [1], {}, 'é\u0000"'].map((input) =>
    plain(method, ['github', 'c-1', 'create-issue', input])
  ),
  ...[null, 5, 'text', false, [1], { a: null }].map((output) =>
    plain(method, ['github', 'c-1', 'create-issue', {}], { answer: { body: output } })
  ),
  plain(method, ['github', 'c-1', 'create-issue', { big: 'x'.repeat(500_000) }]),
  plain(method, ['github', 'c-1', 'create-issue'], {
    answer: { status: 424, body: { error: { code: 'script_http_error' } } },
  }),
  plain(method, ['github', 'c-1', 'create-issue'], { answer: { text: 'plain' }, differs: ['success'] }),
  plain(method, ['github', 'c-1', 'create-issue'], { answer: { text: '' }, differs: ['success'] }),
  refused(method, [], 'providerConfigKey'),
  refused(method, ['github', '', 'create-issue'], 'connectionId'),
  refused(method, ['github', 'c-1', ''], 'actionName'),
  refused(method, ['github', 'c\n1', 'create-issue'], 'connectionId'),
]);

const proxied = ['get', 'post', 'put', 'patch', 'delete'].flatMap((method) => [
  plain(method, [endpoint], { answer: { body: [{ id: 1 }], headers: { 'x-request-id': 'r-1' } } }),
  plain(method, [{ ...endpoint, data: { a: 1, ü: [null] } }]),
  plain(method, [{ ...endpoint, method: 'PUT' }]),
  plain(method, [{ ...endpoint, headers: { 'X-A': 'b', Authorization: 'Bearer own' } }]),
  plain(method, [endpoint], { answer: tooMany }),
  plain(method, [{ ...endpoint, endpoint: undefined }]),
  plain(method, []),
  plain(method, [{ endpoint: '/e', connectionId: 'c-1' }]),
  plain(method, [{ endpoint: '/e', providerConfigKey: 'github' }]),
]);

const bodies: [name: string, config: () => object, differs: string[]][] = [
  ['an array', () => ({ data: [1, 'é'] }), []],
  ['null', () => ({ data: null }), []],
  ['false', () => ({ data: false }), []],
  ['no text', () => ({ data: '' }), []],
  ['text', () => ({ data: 'hello' }), ['proxyType']],
  ['text of a type', () => ({ data: 'a,b', headers: { 'Content-Type': 'text/csv' } }), []],
  ['text of a type in lower case', () => ({ data: 'a,b', headers: { 'content-type': 'text/csv' } }), ['proxyType']],
  ['JSON as text', () => ({ data: '{"a":1}', headers: { 'Content-Type': 'application/json' } }), []],
  ['text as JSON', () => ({ data: 'abc', headers: { 'Content-Type': 'application/json' } }), ['text']],
  ['JSON of a vendor', () => ({ data: { a: 1 }, headers: { 'Content-Type': 'application/vnd.x+json' } }), []],
  ['dates', () => ({ data: { at: new Date(0), gone: undefined, none: null } }), []],
  ['a buffer', () => ({ data: Buffer.from([0, 255, 128]) }), ['proxyType']],
  ['a typed buffer', () => ({ data: Buffer.from([0, 255]), headers: { 'Content-Type': 'image/png' } }), []],
  ['bytes', () => ({ data: new Uint8Array([65, 66]) }), ['proxyType']],
  ['an ArrayBuffer', () => ({ data: new Uint8Array([65, 66]).buffer }), ['proxyType']],
  ['a blob', () => ({ data: new Blob(['xyz'], { type: 'text/csv' }) }), ['proxyType']],
  ['parameters', () => ({ data: new URLSearchParams({ a: '1', ü: '& ' }) }), ['proxyType']],
  ['a stream of Node', () => ({ data: Readable.from(['a', 'b']), headers: { 'Content-Type': 'text/plain' } }), []],
  [
    'an object as a form',
    () => ({
      data: { a: { b: 1, c: [1, { d: 2 }] }, l: [1, 2], n: null, u: undefined, t: true, d: new Date(0), 'k&': 'é ü' },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    }),
    [],
  ],
  [
    'an object as a multipart form',
    () => ({ data: { a: 1, b: { c: 'é' } }, headers: { 'Content-Type': 'multipart/form-data' } }),
    [],
  ],
  ['a form', () => ({ data: form() }), ['proxyType']],
  ['a form of the package form-data', () => ({ data: packageForm() }), ['proxyType']],
  ['its headers too', () => ((data) => ({ data, headers: data.getHeaders() }))(packageForm()), []],
];

function form(): FormData {
  const data = new FormData();
  data.append('name', 'é');
  data.append('file', new Blob(['bytes'], { type: 'text/plain' }), 'a.txt');
  return data;
}

/** Axios brings the package along. */
function packageForm(): { append(name: string, value: string): void; getHeaders(): object } {
  const Form = createRequire(import.meta.url)('form-data') as new () => ReturnType<typeof packageForm>;
  const data = new Form();
  data.append('name', 'é');
  return data;
}

const answers: [name: string, answer: Answer][] = [
  ['JSON', { body: { a: 1 }, headers: { 'set-cookie': ['a=1', 'b=2'], 'X-Two': ['1', '2'] } }],
  ['text', { text: 'héllo', headers: { 'content-type': 'text/plain; charset=utf-8' } }],
  ['half of JSON', { text: '{"a"' }],
  ['JSON of another type', { text: '[1]', headers: { 'content-type': 'text/plain' } }],
  ['nothing', { text: '' }],
  ['no content', { status: 204, text: '' }],
  ['an error of the provider', { status: 422, body: { message: 'no' } }],
  ['an error as text', { status: 503, text: 'busy', headers: { 'retry-after': '3' } }],
  ['a refusal of Nango', tooMany],
  ['a broken stream', { status: 500, text: '' }],
  [
    'an unreachable provider',
    { status: 500, body: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', method: 'get' } },
  ],
];

const responses = ['arraybuffer', 'blob', 'document', 'json', 'text', 'stream', undefined].flatMap((responseType) =>
  answers.map(([name, answer]): Case => ({
    name: `get: ${name} as ${responseType}`,
    call: (nango) => nango['get']!({ ...endpoint, responseType }),
    answer,
    // An error's text is text for both.
    differs: responseType === 'blob' ? ['blob'] : [],
  }))
);

/** The calls that were written by hand. */
export const written: Case[] = [
  plain('listProviders', [{}], { answer: { body: { data: [] } } }),
  plain('listProviders', []),
  plain('listProviders', [{ search: 'git hub' }]),
  plain('listProviders', [{ search: undefined }]),
  plain('listProviders', [{}], { answer: html, differs: ['success'] }),
  plain('listProviders', [{}], { answer: tooMany }),
  plain('listProviders', [{}], { answer: { status: 502, ...html } }),
  plain('listProviders', [{}], { answer: { status: 500, text: '' } }),
  plain('listProviders', [{}], { answer: { status: 304, text: '' } }),
  plain('listProviders', [{}], { answer: { status: 400, body: 'text' } }),
  plain('listProviders', [{}], { answer: { status: 400, body: null } }),
  plain('listProviders', [{}], { answer: { status: 400, text: '{"error":' } }),
  plain('listProviders', [{}], { answer: { text: '{"data":' }, differs: ['success'] }),
  plain('listProviders', [{}], { answer: { text: '' }, differs: ['success'] }),
  plain('listProviders', [{}], { answer: { cut: 'before' }, differs: ['networkWords'] }),
  plain('listProviders', [{}], { answer: { cut: 'within' }, differs: ['brokenAnswers'] }),
  plain('listProviders', [{}], {
    answer: (target) =>
      target === '/elsewhere' ? { body: { data: [] } } : { status: 302, headers: { location: '/elsewhere' }, text: '' },
    differs: ['redirects'],
  }),
  {
    name: 'no server',
    call: async (_nango, _host, Nango) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, 'close');
      // The words name the port.
      return new Nango({ apiKey: 'k', host: `http://127.0.0.1:${port}` })['listProviders']!({}).catch(
        (error: Error) => {
          error.message = error.message.replace(`${port}`, 'port');
          throw error;
        },
      );
    },
  },
  plain('getProvider', [{ provider: 'github' }]),
  plain('getProvider', [{ provider: 'a/b' }], { differs: ['encoded'] }),
  plain('getProvider', [{ provider: 'github' }], { answer: unknown }),
  refused('getProvider', [{}], 'provider'),
  refused('getProvider', [{ provider: '..' }], 'provider'),
  refused('getProvider', ['github'], 'input'),
  refused('getProvider', [], 'input'),
  plain('getProviderTemplates', [{ provider: 'github' }]),
  plain('getProviderTemplates', [{ provider: 'a?b' }], { differs: ['encoded'] }),
  refused('getProviderTemplates', [{}], 'provider'),

  plain('listIntegrations', [], { answer: { body: { data: [{ unique_key: 'github' }] } } }),
  plain('listIntegrations', [], { answer: tooMany }),
  plain('listIntegrations', [], { answer: html, differs: ['success'] }),
  plain('getIntegration', [{ uniqueKey: 'github' }]),
  plain('getIntegration', [{ uniqueKey: 'github' }, { include: ['webhook'] }]),
  plain('getIntegration', [{ uniqueKey: 'github' }, { include: ['webhook', 'credentials'] }], { differs: ['arrays'] }),
  plain('getIntegration', [{ uniqueKey: 'github' }, { include: 'webhook' }]),
  plain('getIntegration', [{ uniqueKey: 'github' }, { include: [] }]),
  plain('getIntegration', ['github'], { differs: ['stringId'] }),
  plain('getIntegration', [{ uniqueKey: 'a#b' }], { differs: ['encoded'] }),
  refused('getIntegration', [{}], 'uniqueKey'),
  plain('createIntegration', [{ provider: 'github', unique_key: 'gh', gone: undefined }]),
  plain('createIntegration', [
    { provider: 'github', unique_key: 'gh', credentials: { type: 'OAUTH2', client_id: 'é', client_secret: 's' } },
  ]),
  plain('createIntegration', [{ provider: 'github', unique_key: 'gh' }], {
    answer: { status: 400, body: { error: { code: 'invalid_body' } } },
  }),
  refused('createIntegration', [], 'input'),
  refused('createIntegration', [{ provider: 'github' }], 'unique_key'),
  plain('createQuickstartIntegration', [{ provider: 'github', unique_key: 'gh', forward_webhooks: false }]),
  refused('createQuickstartIntegration', [{ unique_key: 'gh' }], 'provider'),
  plain('updateIntegration', [{ uniqueKey: 'gh' }, { display_name: 'é', unique_key: 'new' }]),
  plain('updateIntegration', [{ uniqueKey: 'a b' }, {}]),
  plain('updateIntegration', [{ uniqueKey: 'a\\b' }, {}], { differs: ['encoded'] }),
  refused('updateIntegration', [{ uniqueKey: 'gh' }], 'body'),
  plain('deleteIntegration', ['gh'], {
    answer: { body: { success: true }, headers: { 'set-cookie': ['a=1', 'b=2'] } },
  }),
  plain('deleteIntegration', ['a/b'], { differs: ['encoded'] }),
  plain('deleteIntegration', ['gh'], { answer: unknown }),
  refused('deleteIntegration', [], 'uniqueKey'),

  plain('listFunctions', [{ uniqueKey: 'gh' }]),
  plain('listFunctions', [{ uniqueKey: 'gh' }, { type: 'sync', search: 'x', page: 0, limit: 5 }]),
  refused('listFunctions', [{}], 'uniqueKey'),
  plain('getFunction', [{ uniqueKey: 'gh', name: 'issues' }]),
  plain('getFunction', [{ uniqueKey: 'gh', name: 'issues' }, { type: 'action' }]),
  plain('getFunction', [{ uniqueKey: 'gh', name: 'a/b' }], { differs: ['encoded'] }),
  refused('getFunction', [{ uniqueKey: 'gh' }], 'name'),
  plain('getFunctionCode', [{ uniqueKey: 'gh', name: 'issues' }, { type: 'on-event' }]),
  plain('getFunctionCode', [{ uniqueKey: 'gh', name: 'issues' }], {
    answer: { status: 409, body: { error: { code: 'ambiguous_function' } } },
  }),
  plain('deleteFunction', [{ uniqueKey: 'gh', name: 'issues' }, { type: 'sync' }]),
  refused('deleteFunction', [{ uniqueKey: 'gh', name: 'issues' }], 'type'),

  plain('listConnections', [], { answer: connections }),
  plain('listConnections', ['c-1']),
  plain('listConnections', [undefined, 'jane']),
  plain('listConnections', ['c-1', 'jane', { endUserId: 'u', endUserOrganizationId: 'o', limit: 3, page: 2 }]),
  plain('listConnections', ['', '', { limit: 0, page: 0 }]),
  plain('listConnections', ['c-1', undefined, { tags: { a: 'b' }, integrationId: 'gh' }], { differs: ['positional'] }),
  plain('listConnections', [{}]),
  plain('listConnections', [{ connectionId: 'c-1', userId: 'u', integrationId: 'gh', limit: 100 }]),
  plain('listConnections', [
    { integrationId: ['gh', 'slack'], tags: { End_User: 'é&', displayName: 'd', email: 'e' }, page: 1 },
  ]),
  plain('listConnections', [{ tags: {}, limit: 0 }]),
  plain('listConnections', [{ search: 's', endUserOrganizationId: 'o' }], { differs: ['positional'] }),
  plain('listConnections', [{}], { answer: tooMany }),

  plain('getConnection', ['github', 'c-1'], {
    answer: { body: { id: 1, credentials: { type: 'API_KEY', apiKey: 'k' } } },
  }),
  plain('getConnection', ['github', 'c-1', true, true, true]),
  plain('getConnection', ['github', 'c-1', false, true]),
  plain('getConnection', ['git&hub', 'c-1']),
  plain('getConnection', ['github', 'org/team 1'], { differs: ['encoded'] }),
  plain('getConnection', ['github', 'c-1'], { answer: unknown }),
  plain('getConnection', ['github', 'c-1'], { answer: broken }),
  refused('getConnection', [], 'providerConfigKey'),
  refused('getConnection', ['github', ''], 'connectionId'),
  refused('getConnection', ['github', 'ünï'], 'connectionId'),
  plain('patchConnection', [{ connectionId: 'c-1', provider_config_key: 'github' }, { tags: { a: 'b' } }]),
  plain('patchConnection', [{ connectionId: 'a/b', provider_config_key: 'github' }, {}], { differs: ['encoded'] }),
  plain('patchConnection', [{ connectionId: 'c-1', provider_config_key: 'a&b=c' }, {}], { differs: ['encoded'] }),
  refused('patchConnection', [{ connectionId: 'c-1', provider_config_key: 'github' }], 'body'),
  refused('patchConnection', [{ connectionId: 'c-1' }, {}], 'providerConfigKey'),
  plain('deleteConnection', ['github', 'c-1'], { answer: { body: { success: true } } }),
  plain('deleteConnection', ['github', 'a?b'], { differs: ['encoded'] }),
  plain('deleteConnection', ['a+b', 'c-1'], { differs: ['encoded'] }),
  refused('deleteConnection', ['github'], 'connectionId'),
  refused('deleteConnection', [], 'providerConfigKey'),

  ...[
    { type: 'OAUTH2', access_token: 'token', raw: { a: 1 } },
    { type: 'OAUTH1', oauth_token: 't', oauth_token_secret: 's', raw: { b: 1 } },
    { type: 'OAUTH2_CC', token: 'token', raw: {} },
    { type: 'API_KEY', apiKey: 'k' },
    { type: 'APP', access_token: 'token', raw: { c: null } },
    { type: 'BASIC', username: 'u', password: '' },
    {},
  ].flatMap((credentials) => [
    plain('getToken', ['github', 'c-1', true, true], { answer: { body: { credentials } } }),
    plain('getToken', ['github', 'c-1'], { answer: { body: { credentials } } }),
    plain('getRawTokenResponse', ['github', 'c-1', false, true], { answer: { body: { credentials } } }),
  ]),
  plain('getToken', ['github', 'c-1'], { answer: broken }),
  plain('getRawTokenResponse', ['github', 'c-1'], { answer: broken }),
  plain('getMetadata', ['github', 'c-1'], { answer: { body: { metadata: { plan: 'pro' } } } }),
  plain('getMetadata', ['github', 'c-1'], { answer: { body: { metadata: null } } }),
  plain('getMetadata', ['github', 'c-1'], { answer: { body: {} }, differs: ['success'] }),
  plain('getMetadata', ['github', 'c-1'], { answer: broken, differs: ['metadata'] }),
  plain('getMetadata', ['github', 'c-1'], { answer: unknown }),
  plain('getMetadata', []),
  plain('getMetadata', ['github']),
  ...metadata,

  plain('waitForConnection', ['github', 'u-1'], { answer: connections, differs: ['waiting'] }),
  plain('waitForConnection', ['github', 'u-1'], {
    answer: { body: { connections: [] } },
    differs: ['waiting'],
    fast: true,
  }),
  plain('waitForConnection', ['github', 'u-1'], {
    answer: (_target, count) => (count ? connections : tooMany),
    differs: ['waiting'],
    fast: true,
  }),
  plain('waitForConnection', ['github', 'u-1'], { answer: unknown, differs: ['waiting'] }),
  plain('waitForConnection', ['github', 'u-1', { signal: AbortSignal.abort() }]),
  {
    name: 'waitForConnection: aborted while it pauses',
    call: (nango) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 100);
      return nango['waitForConnection']!('github', 'u-1', { signal: controller.signal });
    },
    answer: { body: { connections: [] } },
    differs: ['waiting'],
  },

  plain('getScriptsConfig', [], { answer: { body: [] } }),
  plain('getScriptsConfig', ['openai'], { answer: { body: { data: [] } } }),
  plain('getScriptsConfig', ['nango']),

  plain('listRecords', [records], {
    answer: { body: { next_cursor: null, records: [{ id: '1', _nango_metadata: {} }] } },
  }),
  plain('listRecords', [
    {
      ...records,
      variant: 'eu',
      modifiedAfter: '2026-01-01T00:00:00Z',
      limit: 5,
      filter: 'added,updated',
      cursor: 'YQ==',
    },
  ]),
  plain('listRecords', [{ ...records, delta: '2026-01-01T00:00:00Z', cursor: null, limit: 0, ids: [], filter: '' }]),
  plain('listRecords', [{ ...records, delta: '2025-01-01', modifiedAfter: '2026-01-01' }]),
  plain('listRecords', [{ ...records, ids: ['1', 'a,b', 'ü &'] }]),
  plain('listRecords', [{ ...records, offset: 3 }]),
  plain('listRecords', [records], { answer: unknown }),
  plain('listRecords', [{}]),
  refused('listRecords', [{ ...records, model: '' }], 'model'),
  plain('listRecords', [{ ...records, connectionId: undefined }]),
  refused('listRecords', [{ ...records, providerConfigKey: '' }], 'providerConfigKey'),
  plain('listRecords', [{ ...records, providerConfigKey: undefined }]),
  refused('listRecords', [], 'undefined'),
  refused('listRecords', [{ ...records, connectionId: 'ü' }], 'connectionId'),
  plain('pruneRecords', [{ ...records, untilCursor: 'YQ==' }], { answer: { body: { count: 1, has_more: false } } }),
  plain('pruneRecords', [{ ...records, variant: 'eu', untilCursor: 'YQ==', limit: 3 }]),
  plain('pruneRecords', [{ ...records, untilCursor: 'YQ==', variant: '', limit: 0 }]),
  refused('pruneRecords', [{}], 'providerConfigKey'),
  refused('pruneRecords', [records], 'untilCursor'),

  plain('triggerSync', ['github']),
  plain('triggerSync', ['github', ['issues', { name: 'pulls', variant: 'eu' }], 'c-1'], {
    answer: { body: { success: true } },
  }),
  plain('triggerSync', ['github', [], 'c-1']),
  plain('triggerSync', ['github', undefined, 'c-1']),
  ...[
    {},
    { reset: true },
    { reset: true, emptyCache: true },
    { reset: false, emptyCache: false },
    true,
    false,
    'incremental',
    'full_refresh',
    'full_refresh_and_clear_cache',
  ].map((mode) => plain('triggerSync', ['github', ['issues'], 'c-1', mode])),
  plain('triggerSync', ['github', 'issues']),
  plain('triggerSync', ['github', ['issues']], { answer: unknown }),
  refused('triggerSync', [], 'providerConfigKey'),
  refused('triggerSync', ['github', ['issues'], 'c-1', { emptyCache: true }], 'emptyCache'),
  plain('triggerSync', ['github', ['issues'], 'c-1', 'never']),
  ...schedules,
  plain('syncStatus', ['github', '*', 'c-1'], { answer: { body: { syncs: [] } } }),
  plain('syncStatus', ['github', ['issues', { name: 'pulls', variant: 'eu' }], 'c-1']),
  plain('syncStatus', ['github', ['issues']]),
  plain('syncStatus', ['github']),
  plain('syncStatus', []),
  plain('syncStatus', ['github', 'issues']),
  refused('syncStatus', ['github', [], 'c-1'], 'syncs'),
  plain('updateSyncConnectionFrequency', ['github', 'issues', 'c-1', 'every hour'], {
    answer: { body: { frequency: '1h' } },
  }),
  plain('updateSyncConnectionFrequency', ['github', { name: 'issues', variant: 'eu' }, 'c-1', null]),
  plain('updateSyncConnectionFrequency', ['github', 'issues', 'c-1', 'never'], {
    answer: { status: 400, body: { error: { code: 'server_error' } } },
  }),
  plain('updateSyncConnectionFrequency', ['github', 'issues', 'c-1']),
  plain('updateSyncConnectionFrequency', ['github', 'issues']),
  plain('updateSyncConnectionFrequency', ['github', '', 'c-1', null]),
  plain('updateSyncConnectionFrequency', ['', 'issues', 'c-1', null]),
  ...variants,
  plain('getEnvironmentVariables', [], { answer: { body: [{ name: 'A', value: 'b' }] } }),
  plain('getEnvironmentVariables', [], { answer: tooMany }),

  ...actions,
  plain('getAsyncActionResult', [{ id: uuid }], { answer: { body: { ok: true } } }),
  plain('getAsyncActionResult', [{ statusUrl: `/action/${uuid}` }], { answer: { body: 'text' } }),
  plain('getAsyncActionResult', [{ id: 'ignored', statusUrl: `/action/${uuid}` }]),
  plain('getAsyncActionResult', [{ id: uuid }], { answer: unknown }),
  plain('getAsyncActionResult', [{}]),
  plain('getAsyncActionResult', [{ id: '', statusUrl: '' }]),
  refused('getAsyncActionResult', [{ id: 'action_123456' }], 'id'),
  plain('getAsyncActionResult', [{ statusUrl: '/connections' }], { refused: ['statusUrl'], differs: ['statusUrl'] }),
  plain('getAsyncActionResult', [{ statusUrl: '@127.0.0.1/x' }], { refused: ['statusUrl'], differs: ['statusUrl'] }),

  ...proxied,
  ...responses,
  ...bodies.map(([name, config, differs]): Case => ({
    name: `post: ${name}`,
    call: (nango) => nango['post']!({ ...endpoint, ...config() }),
    differs,
  })),
  ...['GET', 'post', 'PUT', 'patch', 'DELETE', 'PROPFIND', 'report', '', undefined].map((method) =>
    plain('proxy', [{ ...endpoint, method, data: { a: 1 } }])
  ),
  plain('proxy', [{ ...endpoint, method: 'HEAD' }], { differs: ['methods'], answer: { text: '' } }),
  plain('proxy', [{}]),
  plain('proxy', []),
  refused('post', [{ ...endpoint, data: 5 }], 'body'),
  ...['a=1&b=2', '?a=1', '', {}, { a: 1, b: 'x y', e: 'é&' }, { 'k[]': 'v' }].map((params) =>
    plain('get', [{ ...endpoint, params }])
  ),
  plain('get', [{ ...endpoint, params: { a: 1, gone: undefined } }], { differs: ['absent'] }),
  plain('get', [{ ...endpoint, params: { a: [1, 2] } }], { differs: ['arrays'] }),
  plain('get', [{ ...endpoint, endpoint: '/e?x=1', params: { a: 1 } }]),
  plain('get', [{ ...endpoint, endpoint: '/e?x=1', params: 'a=1' }], { differs: ['paramsBeside'] }),
  ...['e', '/e', '//e', '/a b/ü', '/a/../b', '/e?a=b', '/e%2Fx', '', '/', '/e+f', "/e'(x)"].map((path) =>
    plain('get', [{ ...endpoint, endpoint: path }])
  ),
  ...['/../connections', '/%2e%2e/connections', '/e#f', 'https://api.github.com/user'].map((path) =>
    refused('get', [{ ...endpoint, endpoint: path }], 'endpoint')
  ),
  ...[
    { retries: 3 },
    { retryOn: [500, 502] },
    { retryOn: null },
    { baseUrlOverride: 'https://uploads.github.com' },
    { baseUrlOverride: '' },
    { decompress: true },
    { decompress: 'true' },
    { decompress: 'false' },
    { forwardHeadersOnRedirect: true },
    { paginate: { type: 'cursor' } },
    { retryHeader: { at: 'x' } },
  ].map((option) => plain('get', [{ ...endpoint, ...option }])),
  ...[{ retries: 0 }, { decompress: false }, { forwardHeadersOnRedirect: false }].map((option) =>
    plain('get', [{ ...endpoint, ...option }], { differs: ['falsy'] })
  ),
  plain('get', [{ ...endpoint, retryOn: [] }], { differs: ['retryOn'] }),
  plain('get', [{ ...endpoint, headers: { 'Content-Type': 'text/csv', gone: undefined } }]),
  plain('get', [{ ...endpoint, connectionId: '' }], { refused: ['connectionId'], differs: ['refused'] }),
  {
    name: 'get: the connection of the class',
    call: (_nango, host, Nango) =>
      new Nango({ apiKey: 'k', host, connectionId: 'c-9', providerConfigKey: 'slack' })['get']!({ endpoint: '/e' }),
  },
  {
    name: 'get: a sync, a script, a dry run',
    call: (_nango, host, Nango) =>
      new Nango({ apiKey: 'k', host, isSync: true, isScript: true, dryRun: true, activityLogId: 'a-1' })['get']!(
        endpoint,
      ),
  },
  {
    name: 'post: the arguments stay as they are',
    call: async (nango) => {
      const config = { ...endpoint, headers: { a: 'b' }, data: { c: 1 } };
      await nango['post']!(config);
      return config;
    },
  },

  plain('createConnectSession', [{ tags: { end_user_id: 'u-1' }, allowed_integrations: ['github'] }], {
    answer: { status: 201, body: { data: { token: 't' } } },
  }),
  plain('createConnectSession', [{ end_user: { id: 'u-1' } }]),
  refused('createConnectSession', [], 'undefined', 'input'),
  refused('createConnectSession', [{ allowed_integrations: [] }], 'tags'),
  plain('createReconnectSession', [{ connection_id: 'c-1', integration_id: 'github', tags: { a: 'é' } }]),
  refused('createReconnectSession', [{ connection_id: 'c-1' }], 'integration_id'),

  ...[{}, { apiKey: '' }, { apiKey: undefined, secretKey: undefined }, { apiKey: 'k', host: 'no-host' }].map(
    (config): Case => ({
      name: `new Nango(${JSON.stringify(config)})`,
      call: (_nango, _host, Nango) => void new Nango(config),
    }),
  ),
  ...[
    { apiKey: 'k' },
    { secretKey: 'k' },
    { apiKey: 'k', host: '' },
    { apiKey: 'k', host: 'https://n.example/base/', webhookSigningKey: 'w' },
    {
      apiKey: 'k',
      connectionId: 'c',
      providerConfigKey: 'p',
      isSync: true,
      dryRun: true,
      isScript: true,
      activityLogId: 'a',
    },
  ].map((config): Case => ({
    name: `the properties of new Nango(${JSON.stringify(config)})`,
    call: (_nango, _host, Nango) => {
      const nango = new Nango({ ...config }) as Record<string, unknown>;
      const names = [
        'serverUrl',
        'apiKey',
        'secretKey',
        'webhookSigningKey',
        'connectionId',
        'providerConfigKey',
        'isSync',
        'dryRun',
        'isScript',
        'activityLogId',
      ];
      return Object.fromEntries(names.map((name) => [name, nango[name] ?? null]));
    },
  })),
  {
    name: 'new Nango() with an empty apiKey and a secretKey',
    call: (_nango, _host, Nango) => Boolean(new Nango({ apiKey: '', secretKey: 'k' })['apiKey']),
    differs: ['emptySecret'],
  },
  ...['/base', '/base/'].map((path): Case => ({
    name: `a host with ${path}`,
    call: (_nango, host, Nango) => new Nango({ secretKey: 'other', host: host + path })['getEnvironmentVariables']!(),
  })),

  verify('valid', key, incoming, [body, { 'x-nango-hmac-sha256': hmac }]),
  verify('valid, name in capitals', key, incoming, [body, { 'X-NANGO-HMAC-SHA256': hmac }]),
  verify('valid, value in capitals', key, incoming, [body, { 'x-nango-hmac-sha256': hmac.toUpperCase() }]),
  verify('valid, bytes', key, incoming, [Buffer.from(body), { 'x-nango-hmac-sha256': hmac }]),
  verify('valid, by secretKey', { secretKey: 'signing-key' }, incoming, [body, { 'x-nango-hmac-sha256': hmac }]),
  verify('another body', key, incoming, [`${body} `, { 'x-nango-hmac-sha256': hmac }]),
  verify('another key', { ...key, webhookSigningKey: 'other' }, incoming, [body, { 'x-nango-hmac-sha256': hmac }]),
  verify('no header', key, incoming, [body, {}]),
  verify('the older header alone', key, incoming, [body, { 'x-nango-signature': hash }]),
  verify('not hexadecimal', key, incoming, [body, { 'x-nango-hmac-sha256': 'zz' }]),
  verify('too short', key, incoming, [body, { 'x-nango-hmac-sha256': hmac.slice(2) }]),
  verify('too long', key, incoming, [body, { 'x-nango-hmac-sha256': `${hmac}00` }]),
  verify('text of the right length', key, incoming, [body, { 'x-nango-hmac-sha256': 'é'.repeat(32) }]),
  verify('an empty body', key, incoming, [
    '',
    { 'x-nango-hmac-sha256': createHmac('sha256', 'signing-key').digest('hex') },
  ]),
  verify('no key', { apiKey: 'signing-key' }, incoming, [body, { 'x-nango-hmac-sha256': hmac }], ['webhookKey']),
  verify('a Headers object', key, incoming, [body, new Headers({ 'x-nango-hmac-sha256': hmac })], ['webhookHeaders']),
  verify('an array', key, incoming, [body, { 'x-nango-hmac-sha256': [hmac] }], ['webhookHeaders']),
  verify(
    'an ArrayBuffer',
    key,
    incoming,
    [new TextEncoder().encode(body).buffer, { 'x-nango-hmac-sha256': hmac }],
    ['webhookHeaders'],
  ),
  verify('a parsed body', key, incoming, [JSON.parse(body), { 'x-nango-hmac-sha256': hmac }], ['webhookBody']),
  verify('no body', key, incoming, [undefined, { 'x-nango-hmac-sha256': hmac }], ['webhookBody']),
  verify('no headers', key, incoming, [body, undefined], ['refused']),
  verify('valid', key, legacy, [hash, JSON.parse(body)]),
  verify('valid, by secretKey', { secretKey: 'signing-key' }, legacy, [hash, JSON.parse(body)]),
  verify('another body', key, legacy, [hash, { a: 1 }]),
  verify('in capitals', key, legacy, [hash.toUpperCase(), JSON.parse(body)]),
  verify('nothing', key, legacy, [undefined, JSON.parse(body)]),
  verify('a body that is text', key, legacy, [hash, body]),
  verify('no key', { apiKey: 'signing-key' }, legacy, [hash, JSON.parse(body)], ['webhookKey']),
];

/** Gives numbers from 0 to 1, the same ones for the same seed. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ids = [
  'github',
  'c-1',
  'my key',
  'user@example.com',
  "o'brien",
  'a:b',
  'x,y',
  '~t',
  'A.B',
  '1',
  '$x',
  '(y)',
  'a=b',
  '{z}',
  '|p',
  '"q"',
  'c;d',
  '[e]',
  'a_b',
  'x'.repeat(255),
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  'a&b',
  'a+b',
  '100%',
  'a%2Fb',
  '../x',
  './x',
  '',
  ' lead',
  'trail ',
  'x'.repeat(256),
  'ünï',
  '日本',
  'a\nb',
  '\u0000',
  '.',
  '..',
  '👋',
  5,
  null,
  undefined,
  {},
  [],
] as const;
const texts = ['x', 'é ü', '日本 👋', 'a&b=c', '"\'', '%', '+', 'a'.repeat(900), '<tag>', '0'];

/** An id of a call, and where it goes: paths and raw queries are where encoding matters. */
interface Id {
  name: string;
  value: unknown;
  place: 'path' | 'query' | 'other';
}

/** A method, and how its arguments are drawn. */
type Draw = (id: (name: string, place: Id['place']) => any, some: <T>(values: readonly T[]) => T) => unknown[];

const json = (some: <T>(values: readonly T[]) => T): Record<string, unknown> => ({
  [some(texts)]: some<unknown>([1, true, null, 'é', [1, 'a'], { deep: { [some(texts)]: some(texts) } }]),
  [some(texts)]: some(texts),
});
const flag = [true, false, undefined];
const syncs = [['issues'], ['issues', { name: 'pulls', variant: 'eu' }], [], ['a::b', 'c']];

const draws: Record<string, Draw> = {
  getProvider: (id) => [{ provider: id('provider', 'path') }],
  getProviderTemplates: (id) => [{ provider: id('provider', 'path') }],
  getIntegration: (id, some) => [
    { uniqueKey: id('uniqueKey', 'path') },
    some([undefined, {}, { include: ['credentials'] }]),
  ],
  updateIntegration: (id, some) => [{ uniqueKey: id('uniqueKey', 'path') }, json(some)],
  deleteIntegration: (id) => [id('uniqueKey', 'path')],
  createIntegration: (id, some) => [
    { provider: id('provider', 'other'), unique_key: id('unique_key', 'other'), ...json(some) },
  ],
  listFunctions: (id, some) => [
    { uniqueKey: id('uniqueKey', 'path') },
    some([undefined, { limit: 3 }, { type: 'sync', page: 1 }]),
  ],
  getFunction: (id, some) => [
    { uniqueKey: id('uniqueKey', 'path'), name: id('name', 'path') },
    some([undefined, { type: 'sync' }]),
  ],
  deleteFunction: (id) => [{ uniqueKey: id('uniqueKey', 'path'), name: id('name', 'path') }, { type: 'action' }],
  getConnection: (id, some) => [
    id('providerConfigKey', 'other'),
    id('connectionId', 'path'),
    some(flag),
    some(flag),
    some(flag),
  ],
  getToken: (id, some) => [id('providerConfigKey', 'other'), id('connectionId', 'path'), some(flag), some(flag)],
  patchConnection: (id, some) => [
    { connectionId: id('connectionId', 'path'), provider_config_key: id('providerConfigKey', 'query') },
    json(some),
  ],
  deleteConnection: (id) => [id('providerConfigKey', 'query'), id('connectionId', 'path')],
  listRecords: (id, some) => [
    {
      providerConfigKey: id('providerConfigKey', 'other'),
      connectionId: id('connectionId', 'other'),
      model: 'Issue',
      cursor: some(texts),
      ids: [some(texts)],
    },
  ],
  pruneRecords: (id, some) => [
    {
      providerConfigKey: id('providerConfigKey', 'other'),
      connectionId: id('connectionId', 'other'),
      model: 'Issue',
      untilCursor: some(texts),
    },
  ],
  triggerAction: (id, some) => [
    id('providerConfigKey', 'other'),
    id('connectionId', 'other'),
    id('actionName', 'other'),
    json(some),
  ],
  triggerActionAsync: (id, some) => [
    id('providerConfigKey', 'other'),
    id('connectionId', 'other'),
    id('actionName', 'other'),
    json(some),
  ],
  startSync: (id, some) => [id('providerConfigKey', 'other'), some(syncs), id('connectionId', 'other')],
  syncStatus: (id, some) => [
    id('providerConfigKey', 'other'),
    some(['*' as const, ['issues', 'pulls']]),
    id('connectionId', 'other'),
  ],
  createSyncVariant: (id) => [
    {
      provider_config_key: id('providerConfigKey', 'other'),
      connection_id: id('connectionId', 'other'),
      name: id('name', 'path'),
      variant: id('variant', 'path'),
    },
  ],
  setMetadata: (id, some) => [id('providerConfigKey', 'other'), id('connectionId', 'other'), json(some)],
  createReconnectSession: (id, some) => [
    { connection_id: id('connection_id', 'other'), integration_id: id('integration_id', 'other'), tags: json(some) },
  ],
  post: (id, some) => [
    {
      providerConfigKey: id('providerConfigKey', 'other'),
      connectionId: id('connectionId', 'other'),
      endpoint: some(['/a', 'b/c', '/é?x=1']),
      data: json(some),
      params: { q: some(texts) },
    },
  ],
  get: (id, some) => [
    {
      providerConfigKey: id('providerConfigKey', 'other'),
      connectionId: id('connectionId', 'other'),
      endpoint: some(['/a', '/b c']),
      headers: { 'X-A': 'b' },
      params: { [some(['a', 'é'])]: some(texts) },
    },
  ],
};

/** The official client checks these itself, in words that class Nango has kept. */
const checked: Record<string, RegExp> = {
  setMetadata: /^(providerConfigKey|connectionId)$/,
  startSync: /^providerConfigKey$/,
  syncStatus: /^providerConfigKey$/,
};

const outcomes: Answer[] = [
  { body: { credentials: { type: 'API_KEY', apiKey: 'k' }, list: ['é'] } },
  { status: 201, body: { ok: true } },
  ...[400, 401, 403, 404, 409, 429, 500, 503].map((status) => ({
    status,
    body: { error: { code: 'some_code', message: 'é', errors: [] } },
  })),
  { status: 502, ...html },
  { status: 500, text: '' },
];

/** Generates cases: `count` for each method. */
export function generated(seed: number, count: number): Case[] {
  const next = random(seed);
  const some = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!;
  const cases: Case[] = [];
  for (const [method, draw] of Object.entries(draws)) {
    for (let index = 0; index < count; index++) {
      const drawn: Id[] = [];
      const args = draw((name, place) => {
        // Most are good, or few calls would get through.
        const value = next() < 0.5 ? some(ids.slice(0, 20)) : some(ids);
        drawn.push({ name, value, place });
        return value;
      }, some);
      const answer = some(outcomes);
      const bad = drawn.filter(({ name, value }) =>
        !good(value) && !optional(method, name, value) && !judged(name, value)
      );
      // What both find missing they say in the same words.
      const [first] = drawn.filter(({ name, value }) => !value && checked[method]?.test(name));
      if (first) cases.push(plain(method, args, { answer }));
      else if (bad.length) {
        cases.push(plain(method, args, { answer, refused: bad.map(({ name }) => name), may: ['refused'] }));
      } else {
        const differs = drawn.some(
          ({ value, place }) =>
            (place === 'path' && /[/\\?#%]/.test(value as string)) ||
            (place === 'query' && /[&+#%]/.test(value as string)),
        );
        cases.push(plain(method, args, { answer, differs: differs ? ['encoded'] : [] }));
      }
    }
  }
  return cases;
}

function good(value: unknown): boolean {
  return typeof value === 'string' && /^[ -~]+$/.test(value) && !/^ | $|^\.\.?$/.test(value);
}

/** What is in a body is for the server to judge, unless it is not there. */
function judged(name: string, value: unknown): boolean {
  return /^(connection_id|integration_id|unique_key)$/.test(name) && (value ?? undefined) !== undefined;
}

/** The connection of a sync may be left out. */
function optional(method: string, name: string, value: unknown): boolean {
  return /^(startSync|syncStatus)$/.test(method) && name === 'connectionId' && value === undefined;
}
