// Connections beyond their rows: pages, imports of every kind, metadata and tokens, and waiting.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  createConnection,
  getConnection,
  getMetadata,
  getRawTokenResponse,
  getToken,
  isNangoError,
  iterateConnections,
  listConnections,
  patchConnection,
  setMetadata,
  updateMetadata,
  waitForConnection,
} from '../../lib/mod.ts';
import type { Client, CredentialsInput } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';
import type { EmulatorSeed } from '../../lib/testing/mod.ts';
import { collect, json, rejection, scripted, settle } from '../support/support.ts';
import { hurry } from '../support/time.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };

function emulated(seed: EmulatorSeed = {}) {
  const emulator = createEmulator({ integrations: [{ provider: 'github', unique_key: 'github' }], ...seed });
  return { emulator, client: createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch: emulator.fetch }) };
}

/** Answers each look in turn, the last one for ever. */
function looks(...answers: (() => Response | Promise<Response>)[]) {
  let count = 0;
  const client = createClient({
    apiKey: '7c1d0f6e-2a4b-4c8d-9e0f-5b6a7c8d9e0f',
    fetch: async () => answers[Math.min(count++, answers.length - 1)]!(),
  });
  return { client, count: () => count };
}

const none = (): Response => json({ connections: [] });
const found = (): Response => json({ connections: [{ id: 2, connection_id: 'new' }] });
const tags = { end_user_id: 'u-1' };
const forUser = { providerConfigKey: 'github', tags };

test('iterateConnections reads page after page, and gives none twice where new ones shift them', async () => {
  const item = (id: number) => ({ id, connection_id: `c-${id}` });
  const { client, sent } = scripted([
    json({ connections: [item(5), item(4)] }),
    json({ connections: [item(4), item(3)] }),
    json({ connections: [item(2)] }),
  ]);
  const all = await collect(iterateConnections(client, { tags, limit: 2 }));
  assert.equal(all.map(({ id }) => id), [5, 4, 3, 2]);
  const query = (page: number): string => `?limit=2&page=${page}&tags%5Bend_user_id%5D=u-1`;
  assert.equal(sent.map(({ url }) => url.search), [0, 1, 2].map(query));
});

test('createConnection imports every kind of credentials that can be imported', async () => {
  const { client } = emulated({
    integrations: [
      { provider: 'github', unique_key: 'OAUTH2' },
      { provider: 'twitter', unique_key: 'OAUTH1' },
      { provider: 'private-api-bearer', unique_key: 'API_KEY' },
      { provider: 'private-api-basic', unique_key: 'BASIC' },
      { provider: 'unauthenticated', unique_key: 'NONE' },
    ],
  });
  const imports: CredentialsInput[] = [
    { type: 'OAUTH2', access_token: 'a', expires_at: '2100-01-01T00:00:00.000Z' },
    { type: 'OAUTH1', oauth_token: 't', oauth_token_secret: 's' },
    { type: 'API_KEY', apiKey: 'k' },
    { type: 'BASIC', username: 'u', password: '' },
    { type: 'NONE' },
  ];
  for (const credentials of imports) {
    const { type } = credentials;
    const created = await createConnection(client, { provider_config_key: type, connection_id: 'c-1', credentials });
    const read = await getConnection(client, { providerConfigKey: type, connectionId: 'c-1' });
    assert.equal(created.credentials, read.credentials);
    assert.is(read.credentials.type, type === 'NONE' ? undefined : type);
  }
});

test('tags, end user and metadata can be changed, and are found', async () => {
  const { client } = emulated({
    connections: [
      { provider_config_key: 'github', connection_id: 'c-1' },
      { provider_config_key: 'github', connection_id: 'c-2' },
    ],
  });
  await patchConnection(client, { ...connection, body: { tags: { Team: 'a' } } });
  const { connections } = await listConnections(client, { tags: { TEAM: 'a' } });
  assert.equal(connections.map(({ connection_id }) => connection_id), ['c-1']);
  await setMetadata(client, { ...connection, connectionId: ['c-1', 'c-2'], metadata: { a: 1, b: 1 } });
  await updateMetadata(client, { ...connection, metadata: { b: 2 } });
  assert.equal(await getMetadata(client, connection), { a: 1, b: 2 });
  assert.equal(await getMetadata(client, { ...connection, connectionId: 'c-2' }), { a: 1, b: 1 });
});

test('getMetadata does not need credentials that can be refreshed', async () => {
  const body = (code: string, payload: unknown) => ({ error: { code, message: 'no', payload } });
  for (const status of [400, 424]) {
    const { client } = scripted([
      json(body('invalid_credentials', { connection: { metadata: { plan: 'pro' }, credentials: {} } }), { status }),
      json(body('invalid_credentials', { connection: { metadata: null } }), { status }),
      json(body('invalid_credentials', {}), { status }),
      json(body('generic_error_support', 'an id'), { status: 500 }),
      json({ metadata: null }),
    ]);
    assert.equal(await getMetadata(client, connection), { plan: 'pro' });
    assert.is(await getMetadata(client, connection), null);
    assert.is((await rejection(getMetadata(client, connection))).reason, 'invalid_credentials');
    assert.is((await rejection(getMetadata(client, connection))).reason, 'generic_error_support');
    assert.is(await getMetadata(client, connection), null);
  }
});

test('getToken gives the token where there is one, else the credentials', async () => {
  const raw = { scope: 'repo' };
  const cases: [object, unknown, unknown][] = [
    [{ type: 'OAUTH2', access_token: 'at', raw }, 'at', raw],
    [{ type: 'APP', access_token: 'at', jwtToken: 'no', raw }, 'at', raw],
    [{ type: 'OAUTH2_CC', token: 'cc', client_id: 'i', client_secret: 's', raw }, 'cc', raw],
    [{ type: 'JWT', token: 'jwt' }, 'jwt', undefined],
    [{ type: 'SIGNATURE', username: 'u', password: 'p', token: 'sig' }, 'sig', undefined],
    [{ type: 'TWO_STEP', token: 'two', refresh_token: 'no', raw }, 'two', raw],
    [{ type: 'BILL', username: 'u', organization_id: 'o', dev_key: 'd', session_id: 'sid', raw }, 'sid', raw],
    [
      { type: 'OAUTH1', oauth_token: 't', oauth_token_secret: 's', raw },
      { oAuthToken: 't', oAuthTokenSecret: 's' },
      raw,
    ],
  ];
  for (const type of ['API_KEY', 'BASIC', 'TBA', 'AWS_SIGV4', 'CUSTOM', 'SIGNATURE']) {
    const credentials = { type, apiKey: 'k', username: 'u', session_token: 'st', app: { access_token: 'no' }, raw };
    cases.push([credentials, credentials, raw]);
  }
  for (const [credentials, token, rawToken] of cases) {
    const { client } = scripted([json({ credentials }), json({ credentials })]);
    assert.equal(await getToken(client, connection), token, JSON.stringify(credentials));
    assert.equal(await getRawTokenResponse(client, connection), rawToken);
  }
});

test('credentials that the key may not read are an error, not an empty token', async () => {
  const secret = '11111111-2222-4333-8444-555555555555';
  const { emulator } = emulated({
    connections: [{ provider_config_key: 'github', connection_id: 'c-1' }],
    keys: [{ secret, scopes: ['environment:connections:read'] }],
  });
  const client = createClient({ apiKey: secret, host: emulator.host, fetch: emulator.fetch });
  const reads: ((client: Client, input: typeof connection) => Promise<unknown>)[] = [getToken, getRawTokenResponse];
  for (const get of reads) {
    const error = await rejection(get(client, connection));
    assert.ok(isNangoError(error));
    assert.is(error.code, 'no_credentials');
    assert.is(error.operation, 'GET /connections/{connectionId}');
    assert.match(error.message, 'environment:connections:read_credentials');
  }
});

test('waitForConnection finds a connection once it is there, the newest of the user', async () => {
  const { client, emulator } = emulated({
    integrations: [
      { provider: 'github', unique_key: 'github' },
      { provider: 'github', unique_key: 'other' },
    ],
    connections: [
      { provider_config_key: 'other', connection_id: 'elsewhere', tags },
      { provider_config_key: 'github', connection_id: 'of another', tags: { end_user_id: 'u-2' } },
    ],
  });
  const waiting = hurry(() => waitForConnection(client, forUser));
  while (emulator.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 500));
  emulator.addConnection({ provider_config_key: 'github', connection_id: 'first', tags });
  emulator.addConnection({ provider_config_key: 'github', connection_id: 'second', tags, end_user: { id: 'eu-1' } });
  assert.is((await waiting).connection_id, 'second');
  const legacy = await waitForConnection(client, { providerConfigKey: 'github', userId: 'eu-1' });
  assert.is(legacy.connection_id, 'second');
});

test('waitForConnection says what it waited for and how long', async () => {
  const { client, count } = looks(none);
  const error = await rejection(hurry(() => waitForConnection(client, { ...forUser, interval: 10_000 })));
  assert.ok(isNangoError(error));
  assert.is(error.code, 'wait_timeout');
  assert.is(
    error.message,
    'GET /connections: no connection of github with {"tags":{"end_user_id":"u-1"}} in 60000 ms',
  );
  assert.is(count(), 7, 'one each 10 s, and one when the time is up');
  assert.not('cause' in error);
});

test('waitForConnection outlives a rate limit, and waits as long as it asks', async () => {
  const limited = (after: string) => () =>
    json({ error: { code: 'too_many_request' } }, { status: 429, headers: { 'retry-after': after } });
  for (const [after, least] of [['0', 1000], ['5', 5000], ['soon', 1000]] as const) {
    const { client, count } = looks(limited(after), found);
    const took = await hurry(async () => {
      const start = Date.now();
      assert.is((await waitForConnection(client, { ...forUser, interval: 10 })).connection_id, 'new');
      return Date.now() - start;
    });
    assert.is(count(), 2);
    assert.is(took, least);
  }
  const { client, count } = looks(limited('3600'));
  const error = await rejection(hurry(() => waitForConnection(client, forUser)));
  assert.is(error.code, 'wait_timeout');
  assert.is(error.cause.status, 429);
  assert.is(count(), 2, 'and one last look when the time is up');
});

test('waitForConnection outlives failures that pass, and no others', async () => {
  const fails = (): never => {
    throw new TypeError('fetch failed');
  };
  const html = () => new Response('<html>', { status: 502 });
  const crash = () => json({ error: { code: 'server_error' } }, { status: 500 });
  const { client } = looks(fails, html, crash, none, found);
  assert.is((await hurry(() => waitForConnection(client, forUser))).connection_id, 'new');

  const refused = looks(none, () => json({ error: { code: 'forbidden' } }, { status: 403 }), found);
  const error = await rejection(hurry(() => waitForConnection(refused.client, forUser)));
  assert.is(error.reason, 'forbidden');
  assert.is(refused.count(), 2);

  const wrongHost = looks(() => new Response('<html>', { status: 200 }));
  assert.is((await rejection(waitForConnection(wrongHost.client, forUser))).code, 'parse_error');
});

test('waitForConnection ends in time also where no answer comes', async () => {
  const { client } = looks(() => new Promise<Response>(() => {}));
  await hurry(async () => {
    const start = Date.now();
    const error = await rejection(waitForConnection(client, { ...forUser, timeout: 4000 }));
    assert.is(error.code, 'wait_timeout');
    assert.is(error.cause.code, 'timeout');
    const took = Date.now() - start;
    assert.ok(took >= 6000 && took <= 6001, `${took} ms: 4 s, and a pause more for the last look`);
  });
});

test('waitForConnection stops at once on abort, with the reason as it is', async () => {
  for (const reason of [new Error('enough'), 'text', { code: 'mine' }]) {
    for (const answer of [none, () => new Promise<Response>(() => {})]) {
      const { client } = looks(answer);
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = rejection(waitForConnection(client, { ...forUser, interval: 60_000 }, { signal }));
      await settle();
      controller.abort(reason);
      assert.is(await waiting, reason);
    }
    const { client, count } = looks(none);
    assert.is(await rejection(waitForConnection(client, forUser, { signal: AbortSignal.abort(reason) })), reason);
    assert.is(count(), 0);
  }
});

test('waitForConnection tells an abort from a failure that passes, also while it looks for the last time', async () => {
  let last!: () => void;
  const looking = new Promise<void>((resolve) => (last = resolve));
  const { client } = looks(none, () => {
    last();
    return new Promise<Response>(() => {});
  });
  const controller = new AbortController();
  const waiting = rejection(waitForConnection(client, { ...forUser, interval: 60_000, timeout: 1 }, controller));
  await looking;
  const broken = looks(() => Promise.reject(new TypeError('fetch failed')));
  const reason = await rejection(getConnection(broken.client, connection));
  assert.is(reason.code, 'network_error');
  controller.abort(reason);
  assert.is(await waiting, reason);
});

test('waitForConnection refuses a wait for no user in particular', async () => {
  const { client, count } = looks(found);
  const wait = waitForConnection as (client: Client, input: object) => Promise<unknown>;
  for (const input of [{ ...connection }, { ...connection, tags: {} }, { ...connection, userId: null }]) {
    assert.instance(await rejection(wait(client, input)), TypeError);
  }
  assert.is(count(), 0);
});

test.run();
