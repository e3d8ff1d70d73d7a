import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type EmulatorSeed } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const limited = '20000000-0000-4000-8000-000000000001';

function seeded(more: EmulatorSeed = {}) {
  return createEmulator({
    keys: [{ secret: limited, scopes: ['environment:connections:read', 'environment:connections:list'] }],
    integrations: [
      { provider: 'github', unique_key: 'github' },
      { provider: 'unauthenticated', unique_key: 'plain' },
      { provider: 'private-api-bearer', unique_key: 'bearer' },
    ],
    ...more,
  });
}

const imported = {
  provider_config_key: 'github',
  connection_id: 'gh-1',
  credentials: { type: 'OAUTH2', access_token: 'at', refresh_token: 'rt', expires_at: '2030-01-01T00:00:00.000Z' },
  metadata: { plan: 'pro', n: 1 },
  tags: { end_user_id: 'user-1', Project: 'P1' },
};

test('an import answers 201 with the connection, its tags in lower case', async () => {
  const emulator = seeded();
  const { status, body } = await call(emulator, 'POST /connections', { body: imported });
  assert.is(status, 201);
  assert.equal(Object.keys(body), [
    'id',
    'connection_id',
    'provider_config_key',
    'provider',
    'errors',
    'end_user',
    'tags',
    'metadata',
    'connection_config',
    'webhook_url_override',
    'created_at',
    'updated_at',
    'last_fetched_at',
    'credentials',
  ]);
  assert.equal(body.tags, { project: 'P1', end_user_id: 'user-1' });
  assert.equal(body.credentials, { ...imported.credentials, raw: imported.credentials });
  assert.match(body.created_at, /Z$/);
});

test('importing again overwrites, and resets what is left out', async () => {
  const emulator = seeded();
  const first = await call(emulator, 'POST /connections', { body: imported });
  const { provider_config_key, connection_id, credentials } = imported;
  const again = await call(emulator, 'POST /connections', {
    body: { provider_config_key, connection_id, credentials },
  });
  assert.is(again.body.id, first.body.id);
  assert.equal(again.body.tags, {});
  assert.equal(again.body.metadata, {});
});

test('imports are refused where the integration or its auth mode do not fit', async () => {
  const emulator = seeded();
  const wrong = (body: object) => call(emulator, 'POST /connections', { body: { ...imported, ...body } });
  assert.is(refusal(await wrong({ provider_config_key: 'nope' })), '404 not_found');
  const mode = await wrong({ credentials: { type: 'API_KEY', apiKey: 'x' } });
  assert.is(mode.body.error.message, 'Provider OAUTH2 does not support API_KEY auth');
  assert.is(refusal(await wrong({ credentials: { type: 'XX' } })), '400 invalid_body invalid_union@credentials.type');
  assert.is(refusal(await wrong({ credentials: undefined })), '400 invalid_body invalid_type@credentials');
  assert.is(refusal(await wrong({ tags: { 'bad key!': 'x' } })), '400 invalid_body invalid_key@tags.bad key!');
  assert.is(refusal(await wrong({ tags: { a: '1', A: '2' } })), '400 invalid_body custom@tags');
  assert.is(refusal(await wrong({ tags: { end_user_email: 'no' } })), '400 invalid_body custom@tags.end_user_email');
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`t${index}`, 'x']));
  assert.is(refusal(await wrong({ tags: eleven })), '400 invalid_body custom@tags');
});

test('reading leaves refresh tokens out unless asked, and credentials without their scope', async () => {
  const emulator = seeded();
  await call(emulator, 'POST /connections', { body: imported });
  const path = 'GET /connections/gh-1?provider_config_key=github';
  const plain = (await call(emulator, path)).body;
  assert.equal(Object.keys(plain.credentials), ['type', 'access_token', 'expires_at', 'raw']);
  assert.is(plain.credentials.raw.refresh_token, undefined);
  assert.match(plain.created_at, /\+00:00$/);
  assert.ok(plain.last_fetched_at);
  assert.is((await call(emulator, `${path}&refresh_token=yes`)).body.credentials.refresh_token, 'rt');
  const without = await call(emulator, path, { key: limited });
  assert.is(without.status, 200);
  assert.equal(without.body.credentials, {});
  assert.is(refusal(await call(emulator, `${path}&force_refresh=true`, { key: limited })), '403 forbidden');
});

test('what is not there has its own code everywhere', async () => {
  const emulator = seeded({ connections: [{ provider_config_key: 'plain', connection_id: 'c1' }] });
  assert.is(refusal(await call(emulator, 'GET /connections/c1?provider_config_key=github')), '404 not_found');
  assert.is(
    refusal(await call(emulator, 'GET /connections/c1?provider_config_key=nope')),
    '400 unknown_provider_config',
  );
  assert.is(
    refusal(await call(emulator, 'GET /connections/c1')),
    '400 invalid_query_params invalid_type@provider_config_key',
  );
  assert.is(
    refusal(await call(emulator, 'DELETE /connections/nope?provider_config_key=plain')),
    '400 unknown_connection',
  );
  const metadata = { provider_config_key: 'plain', connection_id: ['c1', 'nope'], metadata: { a: 1 } };
  const refused = await call(emulator, 'POST /connections/metadata', { body: metadata });
  assert.is(refusal(refused), '404 unknown_connection');
  assert.match(refused.body.error.message, 'No actions were taken');
  assert.equal((await call(emulator, 'GET /connections/c1?provider_config_key=plain')).body.metadata, {});
});

test('lists are newest first and can be searched, filtered and paged', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const emulator = seeded({ now: () => (now += 1000) });
  emulator.addConnection({
    provider_config_key: 'plain',
    connection_id: 'a',
    tags: { Team: 'red', end_user_id: 'u1' },
  });
  emulator.addConnection({
    provider_config_key: 'bearer',
    connection_id: 'b',
    end_user: { id: 'u2', email: 'b@example.com' },
  });
  emulator.addConnection({ provider_config_key: 'plain', connection_id: 'ab' });
  const list = async (query: string): Promise<string> => {
    const { body } = await call(emulator, `GET /connections?${query}`);
    return body.connections.map(({ connection_id: id }: { connection_id: string }) => id).join(' ');
  };
  assert.is(await list(''), 'ab b a');
  assert.is(await list('limit=2&page=1'), 'a');
  assert.is(await list('search=B'), 'ab b');
  assert.is(await list('search=example.com'), 'b');
  assert.is(await list('integrationId=plain,%20bearer'), 'ab b a');
  assert.is(await list('integrationId=bearer'), 'b');
  assert.is(await list('tags[TEAM]=red'), 'a');
  assert.is(await list('endUserId=u2'), 'b');
  assert.is(await list('endUserId=u1'), '', 'tags do not make an end user');
  assert.is(refusal(await call(emulator, 'GET /connections?limit=2001')), '400 invalid_query_params too_big@limit');
  assert.is(
    refusal(await call(emulator, 'GET /connections?integrationId=a&integrationId=b')),
    '400 invalid_query_params invalid_type@integrationId',
  );
  assert.is(
    refusal(await call(emulator, 'GET /connections?integrationId[]=a')),
    '400 invalid_query_params invalid_type@integrationId',
  );
  const [item] = (await call(emulator, 'GET /connections?connectionId=a')).body.connections;
  assert.equal(Object.keys(item), [
    'id',
    'connection_id',
    'provider_config_key',
    'provider',
    'errors',
    'end_user',
    'tags',
    'metadata',
    'created',
  ]);
});

test('metadata is replaced or merged at the top, and the answer is what was sent', async () => {
  const emulator = seeded({
    connections: [{ provider_config_key: 'plain', connection_id: 'c1', metadata: { old: 1 } }],
  });
  const body = (metadata: object) => ({ provider_config_key: 'plain', connection_id: 'c1', metadata });
  const set = await call(emulator, 'POST /connections/metadata', { body: body({ a: 1, b: { c: 1 } }) });
  assert.is(set.status, 201);
  assert.equal(set.body, body({ a: 1, b: { c: 1 } }));
  const patched = await call(emulator, 'PATCH /connections/metadata', { body: body({ b: { d: 1 } }) });
  assert.equal(patched.body, body({ b: { d: 1 } }));
  const { metadata } = (await call(emulator, 'GET /connections/c1?provider_config_key=plain')).body;
  assert.equal(metadata, { a: 1, b: { d: 1 } });
});

test('a patch replaces tags, and sets and clears the webhook address', async () => {
  const emulator = seeded({ connections: [{ provider_config_key: 'plain', connection_id: 'c1', tags: { old: 'x' } }] });
  const path = 'PATCH /connections/c1?provider_config_key=plain';
  const read = async () => (await call(emulator, 'GET /connections/c1?provider_config_key=plain')).body;
  await call(emulator, path, { body: { tags: { New: 'y' } } });
  assert.equal((await read()).tags, { new: 'y' });
  await call(emulator, path, { body: { end_user: { id: 'e1', tags: { tier: 'gold' } }, tags: { a: 'b' } } });
  assert.equal((await read()).tags, { a: 'b', tier: 'gold', end_user_id: 'e1' });
  assert.is((await read()).end_user.id, 'e1');
  await call(emulator, path, { body: { webhook_url_override: 'https://hooks.example.com/x' } });
  assert.is((await read()).webhook_url_override, 'https://hooks.example.com/x');
  await call(emulator, path, { body: { webhook_url_override: '' } });
  assert.is((await read()).webhook_url_override, null);
  assert.is(
    refusal(await call(emulator, path, { body: { webhook_url_override: null } })),
    '400 invalid_body invalid_union@webhook_url_override',
  );
  assert.is(
    refusal(await call(emulator, path, { body: { webhook_url_override: 'http://127.0.0.1/x' } })),
    '400 invalid_body custom@webhook_url_override',
  );
  assert.is(refusal(await call(emulator, path)), '400 invalid_body invalid_type@');
});

test('credentials are refreshed when forced or about to expire, and a failure backs off', async () => {
  let now = Date.parse('2029-12-31T00:00:00Z');
  let fails = false;
  const emulator = seeded({
    now: () => now,
    refresh: () => {
      if (fails) throw new Error('no');
      return { access_token: 'fresh', expires_at: '2030-06-01T00:00:00.000Z' };
    },
  });
  await call(emulator, 'POST /connections', { body: imported });
  const path = 'GET /connections/gh-1?provider_config_key=github';
  assert.is((await call(emulator, path)).body.credentials.access_token, 'at');
  now = Date.parse('2029-12-31T23:50:00Z');
  assert.is((await call(emulator, path)).body.credentials.access_token, 'fresh');
  fails = true;
  const failed = await call(emulator, `${path}&force_refresh=true`);
  assert.is(refusal(failed), '400 invalid_credentials');
  assert.equal(failed.body.error.payload.connection.credentials, {});
  assert.is(failed.body.error.payload.connection.errors[0].type, 'auth');
  assert.is(refusal(await call(emulator, `${path}&force_refresh=true`)), '400 invalid_credentials', 'when forced');
  const backingOff = await call(emulator, path);
  assert.is(refusal(backingOff), '424 invalid_credentials', 'although the token is still valid');
  assert.is(
    backingOff.body.error.message,
    'A recent refresh attempt failed. Backing off before retrying.',
  );
  assert.is(backingOff.body.error.payload.connection.connection_id, 'gh-1');
  now += 31_000;
  assert.is((await call(emulator, path)).status, 200, 'half a minute later');
  fails = false;
  assert.is((await call(emulator, `${path}&force_refresh=true`)).status, 200);
  await emulator.settled();
  const told = emulator.webhooks.deliveries.filter(({ event }) => event['operation'] === 'refresh');
  assert.is(told.length, 2);
});

test('deleting removes the connection with its records', async () => {
  const emulator = seeded({ connections: [{ provider_config_key: 'plain', connection_id: 'c1' }] });
  emulator.saveRecords({ providerConfigKey: 'plain', connectionId: 'c1', model: 'Widget' }, [{ id: 1 }]);
  assert.equal((await call(emulator, 'DELETE /connections/c1?provider_config_key=plain')).body, { success: true });
  assert.is(emulator.store.environments[0]?.records.size, 0);
  await emulator.settled();
  assert.is(emulator.webhooks.deliveries.at(-1)?.event['operation'], 'deletion');
});

test('a seeded connection has credentials that suit its provider', async () => {
  const emulator = createEmulator();
  const environment = emulator.store.environments[0]!;
  const { body } = await call(emulator, 'GET /providers');
  const modes = new Set(body.data.map(({ auth_mode: mode }: { auth_mode: string }) => mode));
  assert.is(modes.size, 17, 'every auth mode has a provider');
  for (const [provider, { auth_mode: mode }] of emulator.store.providers) {
    environment.integrations.set(provider, {
      id: 1,
      uniqueKey: provider,
      provider,
      displayName: provider,
      forwardWebhooks: true,
      credentials: null,
      integrationConfig: {},
      custom: {},
      createdAt: 0,
      updatedAt: 0,
    });
    emulator.addConnection({ provider_config_key: provider, connection_id: 'c' });
    const read = await call(emulator, `GET /connections/c?provider_config_key=${provider}`);
    assert.is(read.status, 200, provider);
    assert.is(mode === 'NONE', Object.keys(read.body.credentials).length === 0, provider);
  }
});

test.run();
