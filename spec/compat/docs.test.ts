// Every call that the documentation of the official client shows, made through class Nango against the emulator.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Nango } from '../../lib/compat/mod.ts';
import type { NangoProps } from '../../lib/compat/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';
import type { Emulator } from '../../lib/testing/mod.ts';
import { rejection } from '../support/support.ts';
import { testWhere } from '../support/where.ts';

const model = 'ModelName';
const target = { providerConfigKey: 'INTEGRATION-ID', connectionId: 'CONNECTION-ID', model };

function start(config: Partial<NangoProps> = {}): { nango: Nango; emulator: Emulator } {
  const sync = (name: string) => ({
    integration: 'INTEGRATION-ID',
    models: [model],
    auto_start: false,
    run: ({ save }: { save: (model: string, records: { id: string }[]) => unknown }) => {
      save(model, [{ id: name }]);
    },
  });
  const emulator = createEmulator({
    integrations: [
      { provider: 'github', unique_key: 'INTEGRATION-ID' },
      { provider: 'github', unique_key: 'INTEGRATION-ID-2' },
    ],
    connections: [
      { provider_config_key: 'INTEGRATION-ID', connection_id: 'CONNECTION-ID', metadata: { anyKey: { a: 'b' } } },
      { provider_config_key: 'INTEGRATION-ID', connection_id: 'CONNECTION-ID-TWO', tags: { end_user_id: 'user-123' } },
    ],
    records: [
      {
        ...target,
        records: [
          { id: '1', title: 'One' },
          { id: '2', title: 'Two' },
        ],
      },
    ],
    syncs: { SYNC_NAME1: sync('one'), SYNC_NAME2: sync('two') },
    actions: { 'ACTION-NAME': { integration: 'INTEGRATION-ID', run: (input) => ({ got: input }) } },
    variables: { MY_SECRET_KEY: 'SK_373892' },
    provider: async (request) =>
      Response.json({ method: request.method, url: new URL(request.url).pathname, body: await request.text() }),
  });
  const { host, apiKey, fetch } = emulator;
  return { nango: new Nango({ apiKey, host, ...config } as NangoProps, { fetch }), emulator };
}

test('instantiate', async () => {
  const { emulator } = start();
  const nango = new Nango({ apiKey: emulator.apiKey, host: emulator.host }, { fetch: emulator.fetch });
  assert.is((await nango.listIntegrations()).configs.length, 2);
  assert.is(new Nango({ apiKey: '<API-KEY>' }).serverUrl, 'https://api.nango.dev');
});

test('rate limits', async () => {
  const { nango, emulator } = start();
  emulator.fail({ rateLimit: 21 });
  let waited: unknown;
  try {
    await nango.listIntegrations();
  } catch (err: any) {
    if (err.response.status === 429) {
      const retryAfter = err.response.headers['retry-after'];
      waited = retryAfter;
    }
  }
  assert.is(waited, '21');
});

test('integrations', async () => {
  const { nango, emulator } = start();
  const { configs } = await nango.listIntegrations();
  assert.equal(configs.map(({ unique_key }) => unique_key).sort(), ['INTEGRATION-ID', 'INTEGRATION-ID-2']);

  assert.is((await nango.getIntegration({ uniqueKey: 'INTEGRATION-ID' })).data.provider, 'github');
  // The older form, which the official client no longer takes.
  assert.is((await nango.getIntegration('INTEGRATION-ID')).data.provider, 'github');
  const { data: whole } = await nango.getIntegration(
    { uniqueKey: 'INTEGRATION-ID' },
    { include: ['webhook', 'credentials'] },
  );
  assert.ok('webhook_url' in whole && 'credentials' in whole);

  const credentials = { type: 'OAUTH2' as const, client_id: 'id', client_secret: 'secret' };
  const created = await nango.createIntegration({ provider: 'github', unique_key: 'UNIQUE_KEY', credentials });
  assert.is(created.data.unique_key, 'UNIQUE_KEY');
  const updated = await nango.updateIntegration({ uniqueKey: 'UNIQUE_KEY' }, { display_name: 'New name' });
  assert.is(updated.data.display_name, 'New name');
  const { status, data } = await nango.deleteIntegration('UNIQUE_KEY');
  assert.equal([status, data], [200, { success: true }]);
  assert.is(emulator.requests.at(-1)!.operation, 'deleteIntegration');
});

test('connect sessions', async () => {
  const { nango, emulator } = start();
  const { data } = await nango.createConnectSession({
    tags: { end_user_id: 'END-USER-ID', end_user_email: 'end@user.example', organization_id: 'ORGANIZATION-ID' },
    allowed_integrations: ['INTEGRATION-ID', 'INTEGRATION-ID-2'],
    integrations_config_defaults: {
      'INTEGRATION-ID': { connection_config: { subdomain: 'value' } },
      'INTEGRATION-ID-2': { connection_config: { oauth_client_id_override: '', oauth_client_secret_override: '' } },
    },
  });
  assert.match(data.token, /^nango_connect_session_/);
  assert.ok(data.connect_link.includes(data.token) && Date.parse(data.expires_at) > Date.now());

  // Overrides depend on the plan, and the emulator's has none.
  const overrides = { 'INTEGRATION-ID': { docs_connect: 'https://docs.example/how-to-connect' } };
  const refused = await rejection(nango.createConnectSession({ tags: { end_user_id: 'END-USER-ID' }, overrides }));
  assert.equal([refused.response.status, refused.response.data.error.code], [403, 'forbidden']);

  const made = emulator.completeConnection(data.token, { integrationId: 'INTEGRATION-ID' });
  const again = await nango.createReconnectSession({
    connection_id: made.connectionId,
    integration_id: 'INTEGRATION-ID',
    tags: { end_user_id: 'END-USER-ID', end_user_email: 'end@user.example', organization_id: 'ORGANIZATION-ID' },
    integrations_config_defaults: { 'INTEGRATION-ID': { connection_config: { subdomain: 'value' } } },
  });
  assert.match(again.data.token, /^nango_connect_session_/);
});

test('connections', async () => {
  const { nango } = start();
  const { connections } = await nango.listConnections({
    connectionId: 'CONNECTION-ID-TWO',
    integrationId: 'INTEGRATION-ID',
    limit: 100,
    tags: { end_user_id: 'user-123' },
  });
  assert.equal(
    connections.map(({ connection_id }) => connection_id),
    ['CONNECTION-ID-TWO'],
  );
  assert.is((await nango.listConnections()).connections.length, 2);

  const connection = await nango.getConnection('INTEGRATION-ID', 'CONNECTION-ID');
  assert.is(connection.credentials.type, 'OAUTH2');
  const patched = await nango.patchConnection(
    { connectionId: 'CONNECTION-ID', provider_config_key: 'INTEGRATION-ID' },
    { tags: { plan: 'pro' }, end_user: { id: 'user-1' } },
  );
  assert.equal(patched, { success: true });

  const waited = await nango.waitForConnection('INTEGRATION-ID', 'user-123');
  assert.is(waited.connection_id, 'CONNECTION-ID-TWO');

  const { status, data } = await nango.deleteConnection('INTEGRATION-ID', 'CONNECTION-ID');
  assert.equal([status, data], [200, { success: true }]);
  assert.is((await nango.listConnections()).connections.length, 1);
});

test('metadata', async () => {
  const { nango } = start();
  interface CustomMetadata {
    anyKey: Record<string, string>;
  }
  assert.equal(await nango.getMetadata('INTEGRATION-ID', 'CONNECTION-ID'), { anyKey: { a: 'b' } });
  const typed = await nango.getMetadata<CustomMetadata>('INTEGRATION-ID', 'CONNECTION-ID');
  assert.is(typed.anyKey['a'], 'b');

  const both = ['CONNECTION-ID', 'CONNECTION-ID-TWO'];
  const set = await nango.setMetadata('INTEGRATION-ID', 'CONNECTION-ID', { CUSTOM_KEY1: 'CUSTOM_VALUE1' });
  assert.equal([set.status, set.data.metadata], [201, { CUSTOM_KEY1: 'CUSTOM_VALUE1' }]);
  await nango.setMetadata('INTEGRATION-ID', both, { CUSTOM_KEY1: 'CUSTOM_VALUE1' });
  const updated = await nango.updateMetadata('INTEGRATION-ID', 'CONNECTION-ID', { CUSTOM_KEY2: 'CUSTOM_VALUE2' });
  assert.is(updated.status, 200);
  await nango.updateMetadata('INTEGRATION-ID', both, { CUSTOM_KEY3: 'CUSTOM_VALUE3' });
  assert.equal(await nango.getMetadata('INTEGRATION-ID', 'CONNECTION-ID'), {
    CUSTOM_KEY1: 'CUSTOM_VALUE1',
    CUSTOM_KEY2: 'CUSTOM_VALUE2',
    CUSTOM_KEY3: 'CUSTOM_VALUE3',
  });
  assert.equal(await nango.getMetadata('INTEGRATION-ID', 'CONNECTION-ID-TWO'), {
    CUSTOM_KEY1: 'CUSTOM_VALUE1',
    CUSTOM_KEY3: 'CUSTOM_VALUE3',
  });
});

test('the configuration of functions', async () => {
  const { nango } = start();
  const scriptsConfig = await nango.getScriptsConfig();
  assert.equal(
    (scriptsConfig as { syncs: { name: string }[] }[])[0]!.syncs.map(({ name }) => name),
    ['SYNC_NAME1', 'SYNC_NAME2'],
  );
  const { data } = (await nango.getScriptsConfig('openai')) as { data: { name: string }[] };
  assert.equal(data.map(({ name }) => name).sort(), ['ACTION-NAME', 'SYNC_NAME1', 'SYNC_NAME2']);
});

test('records', async () => {
  const { nango } = start();
  interface ModelName {
    title: string;
  }
  const { records, next_cursor } = await nango.listRecords<ModelName>({
    providerConfigKey: 'INTEGRATION-ID',
    connectionId: 'CONNECTION-ID',
    model,
  });
  assert.equal(records.map(({ title }) => title).sort(), ['One', 'Two']);
  assert.is(next_cursor, null);

  const result = await nango.pruneRecords({
    providerConfigKey: 'INTEGRATION-ID',
    connectionId: 'CONNECTION-ID',
    model,
    untilCursor: records.at(-1)!._nango_metadata.cursor,
  });
  assert.equal(result, { count: 2, has_more: false });
});

test('syncs', async () => {
  const { nango, emulator } = start();
  const variants = [{ name: 'SYNC_NAME1', variant: 'VARIANT_A' }, 'SYNC_NAME2'];
  const states = async (): Promise<Record<string, string>> => {
    await emulator.settled();
    const { syncs } = await nango.syncStatus('INTEGRATION-ID', '*', 'CONNECTION-ID');
    return Object.fromEntries(syncs.map(({ name, variant, status }) => [`${name} ${variant}`, status]));
  };

  const variant = await nango.createSyncVariant({
    provider_config_key: 'INTEGRATION-ID',
    connection_id: 'CONNECTION-ID',
    name: 'SYNC_NAME1',
    variant: 'VARIANT_A',
  });
  assert.is(variant.variant, 'VARIANT_A');

  await nango.triggerSync('INTEGRATION-ID', ['SYNC_NAME1', 'SYNC_NAME2'], 'CONNECTION-ID');
  await nango.triggerSync('INTEGRATION-ID', ['SYNC_NAME1'], 'CONNECTION-ID', { reset: true });
  await nango.triggerSync('INTEGRATION-ID', ['SYNC_NAME1'], 'CONNECTION-ID', { reset: true, emptyCache: true });
  await nango.triggerSync('INTEGRATION-ID', variants, 'CONNECTION-ID', { reset: true });
  await emulator.settled();
  const { records } = await nango.listRecords(target);
  // The cache was emptied, so what was there before the syncs ran is gone.
  assert.ok(
    records.some(({ id }) => id === 'one'),
    'the sync has run',
  );

  await nango.startSync('INTEGRATION-ID', ['SYNC_NAME1', 'SYNC_NAME2'], 'CONNECTION-ID');
  await nango.startSync('INTEGRATION-ID', variants, 'CONNECTION-ID');
  assert.is.not((await states())['SYNC_NAME1 VARIANT_A'], 'PAUSED');
  await nango.pauseSync('INTEGRATION-ID', ['SYNC_NAME1', 'SYNC_NAME2'], 'CONNECTION-ID');
  await nango.pauseSync('INTEGRATION-ID', variants, 'CONNECTION-ID');
  assert.equal(await states(), {
    'SYNC_NAME1 base': 'PAUSED',
    'SYNC_NAME1 VARIANT_A': 'PAUSED',
    'SYNC_NAME2 base': 'PAUSED',
  });

  const named = await nango.syncStatus('INTEGRATION-ID', ['SYNC_NAME1', 'SYNC_NAME2'], 'CONNECTION-ID');
  assert.is(named.syncs.length, 2);
  const one = await nango.syncStatus('INTEGRATION-ID', variants, 'CONNECTION-ID');
  assert.equal(one.syncs.map((sync) => sync.variant).sort(), ['VARIANT_A', 'base']);

  const set = await nango.updateSyncConnectionFrequency(
    'INTEGRATION-ID',
    'SYNC_NAME1',
    'CONNECTION-ID',
    'every 2 hours',
  );
  assert.equal(set, { frequency: '2 hours' });
  const other = { name: 'SYNC_NAME1', variant: 'VARIANT_A' };
  await nango.updateSyncConnectionFrequency('INTEGRATION-ID', other, 'CONNECTION-ID', null);

  const gone = await nango.deleteSyncVariant({
    provider_config_key: 'INTEGRATION-ID',
    connection_id: 'CONNECTION-ID',
    name: 'SYNC_NAME1',
    variant: 'VARIANT_A',
  });
  assert.equal(gone, { success: true });
});

test('environment variables', async () => {
  assert.equal(await start().nango.getEnvironmentVariables(), [{ name: 'MY_SECRET_KEY', value: 'SK_373892' }]);
});

test('actions', async () => {
  const { nango, emulator } = start();
  const input = { custom_key1: 'custom_value1' };
  assert.equal(await nango.triggerAction('INTEGRATION-ID', 'CONNECTION-ID', 'ACTION-NAME', input), { got: input });
  const { id, statusUrl } = await nango.triggerActionAsync('INTEGRATION-ID', 'CONNECTION-ID', 'ACTION-NAME', input);
  await emulator.settled();
  assert.equal(await nango.getAsyncActionResult({ id }), { got: input });
  assert.equal(await nango.getAsyncActionResult({ statusUrl }), { got: input });
});

test('proxy', async () => {
  const { nango } = start();
  const config = { endpoint: '/some-endpoint', providerConfigKey: 'INTEGRATION-ID', connectionId: 'CONNECTION-ID' };
  for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    const { status, data, headers } = await nango[method](config);
    assert.is(status, 200);
    assert.equal([data.method, data.url], [method.toUpperCase(), '/some-endpoint']);
    assert.match(headers['content-type'], 'application/json');
  }
  const { data } = await nango.post({ ...config, data: { a: 1 } });
  assert.equal(JSON.parse(data.body), { a: 1 });
});

test('providers', async () => {
  const { nango } = start();
  // The sample of the documentation passes nothing.
  const { data } = await nango.listProviders();
  assert.ok(data.some(({ name }) => name === 'github'));
  assert.is((await nango.getProvider({ provider: 'github' })).data.name, 'github');
});

const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };

testWhere(
  test,
  Boolean(process?.getBuiltinModule?.('node:crypto')),
  'there is no synchronous cryptography',
)('webhooks', async () => {
  const webhookSigningKey = '8e2f9a4c-1d3b-4f6a-b7c8-9d0e1f2a3b4c';
  const received: { body: string; headers: Record<string, string> }[] = [];
  const emulator = createEmulator({
    webhookSigningKey,
    integrations: [{ provider: 'unauthenticated', unique_key: 'INTEGRATION-ID' }],
    webhooks: {
      to: async (request) => {
        received.push({ body: await request.text(), headers: Object.fromEntries(request.headers) });
        return new Response();
      },
    },
  });
  const nango = new Nango(
    { apiKey: emulator.apiKey, host: emulator.host, webhookSigningKey },
    { fetch: emulator.fetch },
  );
  const { data } = await nango.createConnectSession({ tags: { end_user_id: 'u' } });
  emulator.completeConnection(data.token);
  await emulator.settled();
  const [req] = received;
  const isValid = nango.verifyIncomingWebhookRequest(req!.body, req!.headers);
  assert.is(isValid, true);
  assert.is(nango.verifyIncomingWebhookRequest(`${req!.body} `, req!.headers), false);
});

test.run();
