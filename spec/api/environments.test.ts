// lib/api/environments.ts beyond its rows: environments by number, as servers up to 0.71.4 know them, and the emulator.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createApiKey,
  createClient,
  createEnvironment,
  deleteApiKey,
  deleteEnvironment,
  getApiKey,
  getEnvironmentVariables,
  listApiKeys,
  listEnvironments,
  NangoApiError,
  rotateWebhookSigningKey,
} from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';

test('deleteEnvironment takes the number that older servers know an environment by', async () => {
  const targets: string[] = [];
  const client = createClient({
    apiKey: '3f2b8c14-7d56-4e0a-9b1f-6c8a2d4e5f70',
    fetch: async (input, init) => {
      targets.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return new Response(null, { status: 204 });
    },
  });
  assert.is(await deleteEnvironment(client, { environmentUuid: 3 }), undefined);
  assert.equal(targets, ['DELETE /environments/3']);
});

test('an account makes an environment with a key that works there, and deletes both', async () => {
  const account = '2f1c9d3e-5a7b-4c8d-8e9f-0a1b2c3d4e5f';
  const emulator = createEmulator({ accountKeys: [{ secret: account }] });
  const client = createClient({ apiKey: account, fetch: emulator.fetch });
  await createEnvironment(client, { name: 'staging' });
  const { data: environments } = await listEnvironments(client, { name: 'staging' });
  const { uuid: environmentUuid = '' } = environments[0]!;
  assert.equal(environments.map(({ name, is_production }) => [name, is_production]), [['staging', false]]);

  const { data: key } = await createApiKey(client, { environmentUuid, body: { display_name: 'ci' } });
  const scoped = createClient({ apiKey: key.secret, fetch: emulator.fetch });
  assert.equal(await getEnvironmentVariables(scoped), []);
  const { data: keys } = await listApiKeys(client, { environmentUuid, displayName: 'ci' });
  assert.equal(keys.map(({ uuid }) => uuid), [key.uuid]);
  assert.is('secret' in keys[0]!, false);
  assert.is((await getApiKey(client, { environmentUuid, keyUuid: key.uuid })).data.secret, key.secret);

  assert.equal(await deleteApiKey(client, { environmentUuid, keyUuid: key.uuid }), { success: true });
  const refused = await getEnvironmentVariables(scoped).catch((error: unknown) => error);
  assert.instance(refused, NangoApiError);
  assert.is((refused as NangoApiError).status, 401);
  assert.is(await deleteEnvironment(client, { environmentUuid }), undefined);
  assert.equal((await listEnvironments(client, { name: 'staging' })).data, []);
});

test('rotateWebhookSigningKey gives the key that is in force from then on', async () => {
  const emulator = createEmulator({ variables: { REGION: 'eu' } });
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const before = emulator.webhookSigningKey;
  const { data } = await rotateWebhookSigningKey(client);
  assert.is.not(data.webhook_signing_key, before);
  assert.is(data.webhook_signing_key, emulator.webhookSigningKey);
  assert.equal(await getEnvironmentVariables(client), [{ name: 'REGION', value: 'eu' }]);
});

test.run();
