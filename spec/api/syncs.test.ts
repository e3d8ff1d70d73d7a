// Syncs beyond their rows: what may be left out, and what the emulator makes of the orders.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  createSyncVariant,
  deleteSyncVariant,
  listRecords,
  pauseSync,
  startSync,
  syncStatus,
  triggerSync,
  updateSyncConnectionFrequency,
} from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';
import { json, rejection, scripted } from '../support/support.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };

function emulated() {
  const emulator = createEmulator({
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c-1' }],
    syncs: {
      issues: {
        models: ['Issue'],
        runs: 'every hour',
        auto_start: false,
        run: ({ save }) => {
          save('Issue', [{ id: '1' }]);
        },
      },
      users: { models: ['User'], runs: 'every day', auto_start: false },
    },
  });
  const { host, fetch, apiKey } = emulator;
  return { emulator, client: createClient({ apiKey, host, fetch }) };
}

test('syncs are started, paused, run and told of', async () => {
  const { emulator, client } = emulated();
  const states = async (): Promise<Record<string, string>> => {
    await emulator.settled();
    const { syncs } = await syncStatus(client, { ...connection, syncs: '*' });
    return Object.fromEntries(syncs.map(({ name, status }) => [name, status]));
  };
  assert.equal(await states(), { issues: 'PAUSED', users: 'PAUSED' });
  assert.equal(await startSync(client, { ...connection, syncs: ['issues'] }), { success: true });
  const started = await states();
  assert.is.not(started['issues'], 'PAUSED');
  assert.is(started['users'], 'PAUSED');
  const base = { name: 'issues', variant: 'base' };
  assert.equal(await triggerSync(client, { ...connection, syncs: [base] }), { success: true });
  await emulator.settled();
  assert.equal((await listRecords(client, { ...connection, model: 'Issue' })).records.map(({ id }) => id), ['1']);
  await pauseSync(client, connection);
  assert.equal(await states(), { issues: 'PAUSED', users: 'PAUSED' });
});

test('variants and frequencies come and go', async () => {
  const { client } = emulated();
  const variant = { ...connection, name: 'issues', variant: 'eu' };
  assert.is((await createSyncVariant(client, variant)).variant, 'eu');
  assert.is((await rejection(createSyncVariant(client, variant))).reason, 'sync_variant_already_exists');
  const refs = ['issues', { name: 'issues', variant: 'eu' }, 'nope'];
  const { syncs } = await syncStatus(client, { ...connection, syncs: refs });
  assert.equal(syncs.map((sync) => sync.variant).sort(), ['base', 'eu']);
  assert.equal(await deleteSyncVariant(client, variant), { success: true });
  assert.is((await rejection(deleteSyncVariant(client, variant))).status, 404);

  for (const [frequency, result] of [['every 2 hours', '2 hours'], [null, 'every hour']] as const) {
    const input = { ...connection, syncName: 'issues', frequency };
    assert.equal(await updateSyncConnectionFrequency(client, input), { frequency: result });
  }
});

test('syncs and connection may be left out for all', async () => {
  const answer = (): Response => json({ success: true });
  const { client, sent } = scripted([answer, answer, answer, answer]);
  await triggerSync(client, { providerConfigKey: 'github' });
  await startSync(client, { providerConfigKey: 'github' });
  await pauseSync(client, connection);
  await triggerSync(client, { providerConfigKey: 'github', syncMode: 'full_refresh' });
  assert.equal(sent.map(({ body }) => JSON.parse(body as string)), [
    { syncs: [], provider_config_key: 'github' },
    { syncs: [], provider_config_key: 'github' },
    { syncs: [], provider_config_key: 'github', connection_id: 'c-1' },
    { syncs: [], provider_config_key: 'github', sync_mode: 'full_refresh' },
  ]);
});

test('a reference says no more to the server than a name and a variant', async () => {
  const { client, sent } = scripted([json({ success: true })]);
  const row = { name: 'issues', variant: 'eu', status: 'PAUSED', id: 'more than the server takes' };
  await startSync(client, { ...connection, syncs: [row] });
  assert.equal(JSON.parse(sent[0]!.body as string).syncs, [{ name: 'issues', variant: 'eu' }]);
});

test.run();
