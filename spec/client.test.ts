// Creating clients: what they hold, what they refuse, and that they keep their secrets.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  createSessionClient,
  isNangoError,
  iterateRecordPages,
  listConnections,
  listRecords,
  verifyIncomingWebhookRequest,
} from '../lib/mod.ts';
import { send } from '../lib/core/send.ts';
import { apiKey, json, rejection, script, scripted, slow, textOf } from './support/support.ts';
import type { Step } from './support/support.ts';
import { testWhere } from './support/where.ts';

const token = `nango_connect_session_${'5e'.repeat(32)}`;
const empty = { connections: [] };

test('a client goes to the public API with its key', async () => {
  const { client, sent } = scripted([json(empty)]);
  assert.equal(await listConnections(client), empty);
  assert.is(sent[0]!.url.href, 'https://api.nango.dev/connections');
  assert.equal(sent[0]!.headers, { authorization: `Bearer ${apiKey}` });
});

for (
  const [host, expected] of [
    ['http://localhost:3003', 'http://localhost:3003/connections'],
    ['https://nango.example.com/', 'https://nango.example.com/connections'],
    ['https://example.com/base/path', 'https://example.com/base/path/connections'],
    ['https://example.com/base/path//', 'https://example.com/base/path/connections'],
    ['HTTPS://Example.com', 'https://example.com/connections'],
    ['http://[::1]:3003', 'http://[::1]:3003/connections'],
  ] as const
) {
  test(`the host ${host} keeps its base path`, async () => {
    const { client, sent } = scripted([json(empty)], { host });
    await listConnections(client);
    assert.is(sent[0]!.url.href, expected);
  });
}

test('the global fetch is looked up at each call and called bare', async () => {
  const original = globalThis.fetch;
  const client = createClient({ apiKey });
  const receivers: unknown[] = [];
  try {
    globalThis.fetch = async function (this: unknown) {
      receivers.push(this);
      return json(empty);
    };
    await listConnections(client);
  } finally {
    globalThis.fetch = original;
  }
  assert.is(receivers.length, 1);
  assert.ok(receivers[0] === undefined || receivers[0] === globalThis, 'no client as `this`');
});

test('a fetch of one’s own is called bare', async () => {
  let receiver: unknown = 'none';
  const client = createClient({
    apiKey,
    fetch: async function (this: unknown) {
      receiver = this;
      return json(empty);
    },
  });
  await listConnections(client);
  assert.is(receiver, undefined);
});

test('a function gives the key for each call, also later', async () => {
  const keys = ['first-key', 'second-key'];
  const { client, sent } = scripted([json(empty), json(empty)], { apiKey: async () => keys.shift()! });
  await listConnections(client);
  await listConnections(client);
  assert.equal(
    sent.map(({ headers }) => headers['authorization']),
    ['Bearer first-key', 'Bearer second-key'],
  );
  const plain = scripted([json(empty)], { apiKey: () => 'plain-key' });
  await listConnections(plain.client);
  assert.is(plain.sent[0]!.headers['authorization'], 'Bearer plain-key');
});

for (
  const [name, key] of Object.entries({
    nothing: undefined,
    'an empty key': '',
    'a key with a line break': 'secret\r\nx: y',
    'a number': 5,
  })
) {
  test(`a function that gives ${name} is a TypeError, and nothing is sent`, async () => {
    const { client, sent } = scripted([], { apiKey: (async () => key) as never });
    const error = await rejection(listConnections(client));
    assert.instance(error, TypeError);
    assert.match(error.message, 'apiKey');
    assert.not.match(error.message, 'secret');
    assert.is(sent.length, 0);
  });
}

test('what the function of the key throws comes out as it is', async () => {
  const failure = new Error('the vault is closed');
  const { client, sent } = scripted([], {
    apiKey: () => {
      throw failure;
    },
  });
  assert.is(await rejection(listConnections(client)), failure);
  assert.is(sent.length, 0);
});

test('a function of the key that never answers is ended by the timeout and by an abort', async () => {
  const { client, sent } = scripted([], { apiKey: () => new Promise<string>(() => {}) });
  assert.is((await rejection(listConnections(client, {}, { timeout: 5 }))).name, 'NangoTimeoutError');
  const controller = new AbortController();
  const call = rejection(listConnections(client, {}, { signal: controller.signal }));
  controller.abort('enough');
  assert.is(await call, 'enough');
  assert.is(sent.length, 0);
});

test('a null key leaves the authorization to a gateway', async () => {
  for (const none of [null, () => null as never]) {
    const { client, sent } = scripted([json(empty)], { apiKey: none });
    await listConnections(client);
    assert.equal(sent[0]!.headers, {});
  }
});

test('headers of the client are sent, those of the call win over them, those of the operation over all', async () => {
  const { client, sent } = scripted([json({ records: [], next_cursor: null })], {
    headers: new Headers({
      'X-Trace': 'client',
      'X-Client': 'yes',
      Authorization: 'Basic x',
      'Connection-Id': 'wrong',
    }),
  });
  const input = { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' };
  await listRecords(client, input, {
    headers: [
      ['x-trace', 'call'],
      ['connection-id', 'wrong too'],
    ],
  });
  assert.equal(sent[0]!.headers, {
    authorization: `Bearer ${apiKey}`,
    'connection-id': 'c-1',
    'provider-config-key': 'github',
    'x-client': 'yes',
    'x-trace': 'call',
  });
});

test('a client is frozen and has no methods of its own besides what it lends to operations', () => {
  const client = createClient({ apiKey });
  assert.ok(Object.isFrozen(client));
  assert.is(Object.getPrototypeOf(client), Object.prototype);
  assert.is(client.host, 'https://api.nango.dev');
  assert.is(client.timeout, 120_000);
});

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };

/** Tells whether the environment can be set. Deno lets nobody without a permission. */
function canSetEnvironment(): boolean {
  try {
    process!.env['NANGO_HOST'] = '';
    delete process!.env['NANGO_HOST'];
    return true;
  } catch {
    return false;
  }
}

const whereSet = testWhere(test, canSetEnvironment(), 'no environment can be set here, and reading one would throw');

whereSet('the environment is not read', () => {
  const { env } = process!;
  env['NANGO_SECRET_KEY'] = env['NANGO_HOST'] = 'https://from-the-environment.example';
  try {
    assert.throws(() => createClient({} as never), /apiKey/);
    assert.is(createClient({ apiKey }).host, 'https://api.nango.dev');
  } finally {
    delete env['NANGO_SECRET_KEY'];
    delete env['NANGO_HOST'];
  }
});

test('a session client authenticates with its token: in the header, and in the query of what it posts', async () => {
  const { fetch, sent } = script(json({}), json({}), json({}));
  const client = createSessionClient({ token, fetch, host: 'http://localhost:3003' });
  await send(client, 'GET /providers');
  await send(client, 'POST /auth/x');
  await send(client, 'POST /auth/x', { query: { a: 1 } });
  assert.equal(
    sent.map(({ url, headers }) => [url.pathname + url.search, headers['authorization']]),
    [
      ['/providers', `Bearer ${token}`],
      [`/auth/x?connect_session_token=${token}`, undefined],
      [`/auth/x?a=1&connect_session_token=${token}`, undefined],
    ],
  );
});

// Secrets. Each failure is provoked once, and everything that can be had from the error and the client is searched.

const input = { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' };
const hang: Step = () => new Promise<Response>(() => {});
const failures: Record<string, Step> = {
  'a network failure': new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') }),
  'an API error': () => json({ error: { code: 'unknown_account', message: 'no' } }, { status: 401 }),
  'an error in HTML': () =>
    new Response('<h1>Bad Gateway</h1>', { status: 502, headers: { 'content-type': 'text/html' } }),
  'HTML instead of JSON': () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
  'truncated JSON': () => new Response('{"records":[', { headers: { 'content-type': 'application/json' } }),
  'a redirect': () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } }),
  'a timeout': hang,
  'a broken body': () => {
    const body = slow();
    body.fail(new TypeError('terminated'));
    return body.response;
  },
};

for (const [name, step] of Object.entries(failures)) {
  test(`the key is in nothing that comes of ${name}`, async () => {
    const { client, sent } = scripted([step, step], { timeout: 20, webhookSigningKey: 'signing-key-secret' });
    const errors = [
      await rejection(listRecords(client, input)),
      await rejection(iterateRecordPages(client, input).next()),
    ];
    for (const error of errors) assert.ok(isNangoError(error), `an error of this library: ${error}`);
    const text = textOf([client, errors]);
    assert.not.match(text, apiKey);
    assert.not.match(text, 'signing-key-secret');
    assert.match(text, 'GET /records');
    assert.is(sent[0]!.headers['authorization'], `Bearer ${apiKey}`, 'it was sent, though');
  });

  test(`the token of a session is in nothing that comes of ${name}`, async () => {
    const { fetch } = script(
      step instanceof Error
        ? ({ url }) => Promise.reject(new TypeError(`cannot fetch ${url}`, { cause: { url } }))
        : step,
    );
    const client = createSessionClient({ token, fetch, timeout: 20 });
    // What posts has its token in the URL, which some runtimes put into the error.
    const error = await rejection(send(client, 'POST /auth/thing', { body: {} }));
    assert.ok(isNangoError(error), `an error of this library: ${error}`);
    assert.not.match(textOf([client, error]), token);
  });
}

test('the key is in nothing that comes of an abort or of a bad argument', async () => {
  const { client } = scripted([hang]);
  const controller = new AbortController();
  const call = rejection(listRecords(client, input, { signal: controller.signal }));
  controller.abort();
  const errors = [
    await call,
    await rejection(listRecords(client, { ...input, model: '' })),
    await rejection(() => createClient({ apiKey: `${apiKey}\n` })),
    await rejection(() => createClient({ apiKey, host: `https://${apiKey}@host.example` })),
    await rejection(() => createClient({ apiKey, headers: { authorization: `${apiKey}\nx` } })),
    await rejection(() => createClient({ apiKey, headers: { [`x ${apiKey}`]: 'x' } })),
    await rejection(listConnections(client, {}, { headers: { authorization: `${apiKey}\0` } })),
    await rejection(() => createSessionClient({ token: `${token} ${apiKey}` })),
  ];
  assert.not.match(textOf([client, errors]), apiKey);
  assert.not.match(textOf(errors), token);
});

test('headers of the client, which may be credentials too, are in no property either', async () => {
  const { client, sent } = scripted([json(empty)], { headers: { cookie: 'session=hidden' } });
  await listConnections(client);
  assert.is(sent[0]!.headers['cookie'], 'session=hidden');
  assert.not.match(textOf(client), 'hidden');
});

test('the webhook signing key is in no error and no property', async () => {
  const client = createClient({ apiKey, webhookSigningKey: ['signing-key-secret'] });
  const error = await rejection(verifyIncomingWebhookRequest(client, {} as never, {}));
  assert.instance(error, TypeError);
  assert.not.match(textOf([client, error]), 'signing-key-secret');
});

test.run();
