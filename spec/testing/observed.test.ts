// What a real server was observed to do where one would not expect it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator } from '../../lib/testing/mod.ts';
import type { EmulatorSeed } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';
import { isWebKit, testWhere } from '../support/where.ts';

const of = ['plain', 'c1'] as const;
const target = { providerConfigKey: 'plain', connectionId: 'c1', model: 'Widget' };
const base = { provider_config_key: 'plain', connection_id: 'c1' };

function seeded(more: EmulatorSeed = {}) {
  return createEmulator({
    integrations: [
      { provider: 'unauthenticated', unique_key: 'plain' },
      { provider: 'private-api-bearer', unique_key: 'bearer' },
      { provider: 'emarsys', unique_key: 'signed' },
      {
        provider: 'private-api-generic',
        unique_key: 'generic',
        integration_config: { baseUrl: 'https://api.example' },
      },
      {
        provider: 'netsuite-tba',
        unique_key: 'tba',
        credentials: { type: 'TBA', client_id: 'client', client_secret: 'secret' },
      },
    ],
    connections: [
      { provider_config_key: 'plain', connection_id: 'c1', metadata: { a: 1 } },
      { provider_config_key: 'generic', connection_id: 'c2' },
    ],
    ...more,
  });
}

async function openSession(emulator: ReturnType<typeof seeded>, body: object = { tags: { user: '1' } }) {
  return (await call(emulator, 'POST /connect/sessions', { body })).body.data.token as string;
}

test('older clients call deprecated paths', async () => {
  const emulator = seeded();
  assert.is((await call(emulator, 'GET /connection')).body.connections.length, 2);
  assert.is((await call(emulator, 'GET /connection/c1?provider_config_key=plain')).body.connection_id, 'c1');
  const headers = { 'provider-config-key': 'plain' };
  const set = await call(emulator, 'POST /connection/c1/metadata', { headers, body: { b: 2 } });
  assert.equal([set.status, set.body], [201, { b: 2 }]);
  const updated = await call(emulator, 'PATCH /connection/c1/metadata', { headers, body: { c: 3 } });
  assert.equal([updated.status, updated.body], [200, { c: 3 }]);
  const read = () => call(emulator, 'GET /connections/c1?provider_config_key=plain');
  assert.equal((await read()).body.metadata, { b: 2, c: 3 });
  const alias = await call(emulator, 'POST /connection/metadata', { body: { ...base, metadata: { d: 4 } } });
  assert.is(alias.status, 201);
  assert.equal((await read()).body.metadata, { d: 4 });
  assert.is(
    refusal(await call(emulator, 'PATCH /connection/nope/metadata', { headers, body: {} })),
    '404 unknown_connection',
  );
  assert.equal((await call(emulator, 'DELETE /connection/c1?provider_config_key=plain')).body, { success: true });
  assert.is(refusal(await read()), '404 not_found');
});

test('the server says that it is ready', async () => {
  const ready = await call(createEmulator(), 'GET /ready', { key: null });
  assert.equal([ready.status, ready.body], [200, { result: 'ok' }]);
});

test('JSON may be in UTF-16', async () => {
  const emulator = seeded();
  const text = JSON.stringify({ ...base, metadata: { city: 'Zürich' } });
  const send = (charset: string, bigEndian: boolean, start = '') => {
    const units = new DataView(new ArrayBuffer((start + text).length * 2));
    for (const [index, unit] of [...start + text].entries()) {
      units.setUint16(index * 2, unit.charCodeAt(0), !bigEndian);
    }
    return emulator.fetch(`${emulator.host}/connections/metadata`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': `application/json; charset=${charset}` },
      body: units.buffer,
    });
  };
  for (
    const [charset, bigEndian, start] of [
      ['utf-16le', false, ''],
      ['utf-16be', true, ''],
      ['UTF-16', false, ''],
      ['utf-16', true, '\ufeff'],
    ] as const
  ) {
    const response = await send(charset, bigEndian, start);
    assert.is(response.status, 200, charset);
    assert.is((await response.json()).metadata.city, 'Zürich', charset);
  }
  assert.is((await send('latin1', false)).status, 500);
});

test('a filter of several actions loses deletions', async () => {
  const emulator = seeded();
  emulator.saveRecords(target, [{ id: 'added' }, { id: 'updated' }, { id: 'deleted' }]);
  emulator.saveRecords(target, [{ id: 'updated', a: 1 }]);
  emulator.deleteRecords(target, ['deleted']);
  const cases: Record<string, string[]> = {
    deleted: ['deleted'],
    'added,updated': ['added', 'updated'],
    'updated,deleted': ['updated'],
    'added,DELETED': ['added'],
  };
  for (const [filter, expected] of Object.entries(cases)) {
    const { records } = (await call(emulator, `GET /records?model=Widget&filter=${filter}`, { of })).body;
    assert.equal(records.map(({ id }: { id: string }) => id), expected, filter);
  }
});

test('seeded records come in the order of the seed', async () => {
  const ids = ['c', 'a', 'e', 'b', 'd'];
  const emulator = seeded({ records: [{ ...target, records: ids.map((id) => ({ id })) }] });
  const { records } = (await call(emulator, 'GET /records?model=Widget', { of })).body;
  assert.equal(records.map(({ id }: { id: string }) => id), ids);
});

test('a session authorizes as often as one likes, a connection each', async () => {
  const emulator = seeded();
  const token = await openSession(emulator);
  const authorize = () =>
    call(emulator, `POST /api-auth/api-key/bearer?connect_session_token=${token}`, {
      key: null,
      body: { apiKey: 'sk' },
    });
  const first = await authorize();
  const second = await authorize();
  assert.equal([first.status, second.status], [200, 200]);
  assert.is.not(first.body.connectionId, second.body.connectionId);
});

test('reconnecting replaces the tags, and leaves the end user', async () => {
  const emulator = seeded({
    connections: [{
      provider_config_key: 'bearer',
      connection_id: 'c1',
      end_user: { id: 'first' },
      tags: { kept: 'no' },
    }],
  });
  const reconnect = async (more: object) => {
    const body = { connection_id: 'c1', integration_id: 'bearer', ...more };
    const { token } = (await call(emulator, 'POST /connect/sessions/reconnect', { body })).body.data;
    emulator.completeConnection(token);
    const read = (await call(emulator, 'GET /connections/c1?provider_config_key=bearer')).body;
    return [read.tags, read.end_user.id];
  };
  assert.equal(await reconnect({ tags: { extra: '1' } }), [{ extra: '1' }, 'first']);
  assert.equal(await reconnect({ end_user: { id: 'second' } }), [{ end_user_id: 'second' }, 'first']);
  assert.equal(await reconnect({}), [{}, 'first']);
});

test('headless authorization refuses without a message', async () => {
  const emulator = seeded();
  const token = await openSession(emulator, { tags: { a: 'b' }, allowed_integrations: ['bearer', 'signed'] });
  const post = async (path: string, body: object) =>
    (await call(emulator, `POST ${path}?connect_session_token=${token}`, { key: null, body })).body.error;
  assert.equal(await post('/api-auth/basic/bearer', { username: 'a', password: 'b' }), { code: 'invalid_auth_mode' });
  assert.equal(await post('/auth/unauthenticated/plain', {}), { code: 'integration_not_allowed' });
  assert.equal(await post('/api-auth/api-key/nope', { apiKey: 'a' }), { code: 'unknown_provider_config' });
  const wrongType = await post('/auth/signature/signed', { username: 'a', password: 'b', type: 'OTHER' });
  assert.equal([wrongType.code, wrongType.payload], ['connection_test_failed', {}]);
});

test('TBA connections hold the client of their integration', async () => {
  const emulator = seeded();
  const token = await openSession(emulator);
  const { connectionId } = (await call(emulator, `POST /auth/tba/tba?connect_session_token=${token}`, {
    key: null,
    body: { token_id: 'a', token_secret: 'b' },
  })).body;
  const { body } = await call(emulator, `GET /connections/${connectionId}?provider_config_key=tba`);
  assert.equal(body.connection_config, { oauth_client_id: 'client', oauth_client_secret: 'secret' });
});

test('what is wrong is said in the words of the server', async () => {
  const emulator = seeded({ syncs: { widgets: { models: ['Widget'], integration: 'plain' } } });
  const union = { code: 'invalid_union', message: 'Invalid input' };
  const errorsOf = async (line: string, sending: Parameters<typeof call>[2]) =>
    (await call(emulator, line, sending)).body.error;
  assert.equal(
    (await errorsOf('PATCH /connections/c1?provider_config_key=plain', { body: { webhook_url_override: 'nope' } }))
      .errors,
    [{ ...union, path: ['webhook_url_override'] }],
  );
  assert.equal(
    (await errorsOf('GET /proxy/x', { of, headers: { 'base-url-override': 'nope' } })).errors,
    [{ ...union, path: ['base-url-override'] }],
  );
  assert.equal(
    (await errorsOf('POST /connections', {
      body: {
        provider_config_key: 'plain',
        credentials: { type: 'OAUTH2', access_token: 'a', expires_at: 'tomorrow' },
      },
    })).errors,
    [{
      code: 'invalid_type',
      message: 'Invalid input: expected date, received Date',
      path: ['credentials', 'expires_at'],
    }],
  );
  assert.equal(
    (await errorsOf('GET /records?model=Widget&modified_after=yesterday', { of })).errors.map(
      ({ code, message }: { code: string; message: string }) => [code, message],
    ),
    [['invalid_format', 'Invalid ISO datetime'], ['custom', 'must be within the last 12 months']],
  );
  const variant = '/sync/widgets/variant/base';
  assert.equal(await errorsOf(`POST ${variant}`, { body: base }), {
    code: 'invalid_variant',
    message: 'Variant name "base" is protected.',
  });
  assert.equal(await errorsOf(`DELETE ${variant}`, { body: base }), {
    code: 'invalid_variant',
    message: 'Cannot delete protected variant "base".',
  });
  assert.is(
    refusal(await call(emulator, 'GET /providers?search=a*')),
    '400 invalid_query_params invalid_format@search',
  );
  const invocation = { ...{ connection_id: 'c1', integration_id: 'plain' }, name: 'echo', invocation_type: 'wait' };
  assert.equal(await errorsOf('POST /functions/invocations', { body: invocation }), {
    code: 'unknown_function',
    message: "Function 'echo' was not found",
  });
});

test('commands about syncs are validated each in its own way', async () => {
  const emulator = seeded({ syncs: { widgets: { models: ['Widget'], integration: 'plain' } } });
  const send = async (command: string, more: object) =>
    refusal(await call(emulator, `POST /sync/${command}`, { body: { ...base, syncs: ['widgets'], ...more } }));
  assert.is(await send('start', { provider_config_key: 'é' }), '400 invalid_body invalid_format@provider_config_key');
  assert.is(await send('pause', { connection_id: 'é' }), '400 invalid_body invalid_format@connection_id');
  const named = { name: 'widgets', variant: 'base', more: 1 };
  assert.is(await send('start', { syncs: [named] }), '400 invalid_body invalid_union@syncs.0');
  assert.is(await send('start', { syncs: [{ name: 'widgets' }] }), '400 invalid_body invalid_union@syncs.0');
  assert.is(await send('trigger', { syncs: [1] }), '400 invalid_body invalid_union@syncs.0');
  assert.is(await send('trigger', { syncs: [named], opts: { reset: true, more: 1 } }), '200 ');
});

test('all faults of an integration config are named', async () => {
  const field = { type: 'string', description: '' };
  const emulator = createEmulator({
    providers: {
      mine: {
        display_name: 'Mine',
        auth_mode: 'API_KEY',
        docs: 'https://docs.example',
        integration_config: { a: { ...field, title: 'A' }, b: { ...field, title: 'B' } },
      },
    },
  });
  const { body } = await call(emulator, 'POST /integrations', { body: { provider: 'mine', unique_key: 'mine' } });
  assert.is(body.error.message, 'A is required, B is required');
});

test('the state of a variant is initial until its second run', async () => {
  const run = (io: { save(model: string, records: { id: string }[]): unknown }) =>
    void io.save('Widget', [{ id: '1' }]);
  const emulator = seeded({
    syncs: { widgets: { models: ['Widget'], integration: 'plain', sync_type: 'full', auto_start: false, run } },
  });
  await call(emulator, 'POST /sync/widgets/variant/v1', { body: base });
  const after = async (sync: object) => {
    await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: [sync] } });
    await emulator.settled();
    const { syncs } = (await call(emulator, 'GET /sync/status?syncs=*&provider_config_key=plain')).body;
    const { variant = 'base' } = sync as { variant?: string };
    const found = syncs.find((one: { variant: string }) => one.variant === variant);
    return [found.type, found.recordCount.Widget];
  };
  const variant = { name: 'widgets', variant: 'v1' };
  const own = { name: 'widgets', variant: 'base' };
  assert.equal(await after(own), ['INITIAL', 1]);
  assert.equal(await after(variant), ['INITIAL', 0]);
  assert.equal(await after(variant), ['INCREMENTAL', 0]);
  assert.equal(await after(own), ['INITIAL', 1], 'a full sync stays initial');
});

test('0.71.4 sends no webhook about a deleted connection', async () => {
  const emulator = seeded({ version: '0.71.4' });
  await call(emulator, 'DELETE /connections/c1?provider_config_key=plain');
  await emulator.settled();
  assert.equal(emulator.webhooks.deliveries, []);
});

test('a sync webhook tells of the checkpoints that a run used', async () => {
  const emulator = seeded({
    syncs: {
      widgets: {
        models: ['Widget'],
        integration: 'plain',
        run(io) {
          io.save('Widget', [{ id: String(emulator.webhooks.deliveries.length) }]);
          io.saveCheckpoint({ page: (Number(io.checkpoint?.['page'] ?? 0)) + 1 });
        },
      },
    },
  });
  for (let run = 0; run < 2; run++) {
    await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'] } });
    await emulator.settled();
  }
  assert.equal(emulator.webhooks.deliveries.map(({ event }) => event['checkpoints']), [
    { from: null, to: { page: 1 } },
    { from: { page: 1 }, to: { page: 2 } },
  ]);
});

test('a sync of a connection has a hundred variants at most', async () => {
  const emulator = seeded({ syncs: { widgets: { models: ['Widget'], integration: 'plain', auto_start: false } } });
  const create = (variant: string) => call(emulator, `POST /sync/widgets/variant/${variant}`, { body: base });
  for (let variant = 1; variant <= 100; variant++) assert.is((await create(`v${variant}`)).status, 200);
  assert.is(refusal(await create('v101')), '400 resource_capped');
});

test('bundles stay in their scope, and name the integrations that are missing', async () => {
  const emulator = seeded();
  const definition = (integrationId: string) => ({
    name: 'f',
    integrationId,
    description: '',
    trigger: { kind: 'none' },
    requires: {},
    capabilities: {
      usesRecords: false,
      usesOutbound: false,
      usesCheckpoints: false,
      usesMetadata: false,
      usesInvoke: false,
    },
    limits: {},
    input_schema_ref: null,
    output_schema_ref: null,
    model_schema_refs: [],
    metadata_schema_ref: null,
    checkpoint_schema_ref: null,
    json_schema: {},
    fileBody: { js: 'a', ts: 'a' },
  });
  const preview = async (reconciliationScope: object, integration: string) =>
    (await call(emulator, 'POST /functions/deployments/bundle/preview', {
      body: { reconciliationScope, functions: [definition(integration)] },
    })).body.error;
  assert.equal((await preview({ kind: 'integration', integrationId: 'plain' }, 'bearer')).errors, [
    { code: 'custom', message: 'Functions must match the integration reconciliation scope', path: ['functions'] },
  ]);
  assert.equal(await preview({ kind: 'environment' }, 'nope'), {
    code: 'integration_not_found',
    message: 'Integration(s) not found: nope',
  });
});

test('functions for events are deployed, listed and superseded', async () => {
  const emulator = seeded();
  const script = { name: 'hello', event: 'post-connection-creation', fileBody: { js: 'a', ts: 'b' } };
  const body = {
    flowConfigs: [],
    onEventScriptsByProvider: [{ providerConfigKey: 'plain', scripts: [script] }],
    reconcile: true,
    sdkVersion: '0.71.10-zero',
  };
  const entry = { name: 'hello', providerConfigKey: 'plain', event: 'post-connection-creation' };
  const confirm = async (sent: object) => (await call(emulator, 'POST /sync/deploy/confirmation', { body: sent })).body;
  assert.equal((await confirm(body)).newOnEventScripts, [entry]);
  assert.is((await call(emulator, 'POST /sync/deploy', { body })).status, 200);
  assert.equal((await confirm(body)).updatedOnEventScripts, [entry]);
  const { data } = (await call(emulator, 'GET /integrations/plain/functions')).body;
  assert.equal([data[0].name, data[0].type, data[0].event], ['hello', 'on-event', 'post-connection-creation']);
  const empty = { ...body, onEventScriptsByProvider: [] };
  assert.equal((await confirm(empty)).deletedOnEventScripts, [entry]);
  await call(emulator, 'POST /sync/deploy', { body: empty });
  assert.equal((await call(emulator, 'GET /integrations/plain/functions')).body.data, []);
});

const whereRead = testWhere(test, !isWebKit, 'WebKit cannot read a form with files out of a Request');

whereRead('forms and files reach the provider as the server writes them', async () => {
  const bodies: string[] = [];
  const names: string[] = [];
  const emulator = seeded({
    provider: async (request) => {
      if (request.headers.get('content-type')?.startsWith('multipart/')) {
        for (const value of (await request.formData()).values()) if (value instanceof File) names.push(value.name);
      } else bodies.push(await request.text());
      return Response.json({});
    },
  });
  const send = (body: BodyInit, type?: string) =>
    emulator.fetch(`${emulator.host}/proxy/x`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${emulator.apiKey}`,
        'provider-config-key': 'generic',
        'connection-id': 'c2',
        'nango-proxy-content-type': type ?? 'multipart/form-data',
      },
    });
  await send(new URLSearchParams('a=1&b=1&b=2'), 'application/x-www-form-urlencoded');
  assert.is(decodeURIComponent(bodies[0]!), 'a=1&b[]=1&b[]=2');
  const file = new FormData();
  file.append('f', new File(['x'], 'ü.txt'));
  await send(file);
  assert.equal(names, ['Ã¼.txt']);
  const repeated = new FormData();
  repeated.append('k', '1');
  repeated.append('k', '2');
  const refused = await send(repeated);
  assert.equal([refused.status, (await refused.json()).error.code], [500, 'generic_error_support']);
});

test('answers that cannot have a body are passed on', async () => {
  const emulator = seeded({
    provider: (request) => new Response(null, { status: Number(new URL(request.url).pathname.slice(1)) }),
  });
  for (const status of [204, 205, 304]) {
    const response = await call(emulator, `GET /proxy/${status}`, { of: ['generic', 'c2'] });
    assert.equal([response.status, response.body], [status, '']);
  }
});

test.run();
