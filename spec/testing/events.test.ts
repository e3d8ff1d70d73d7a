// What starts syncs besides calls: their schedule and webhooks of providers; and functions that handle events.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type SyncContext } from '../../lib/testing/mod.ts';

const start = Date.parse('2026-01-02T03:04:05.000Z');
const hour = 3_600_000;

function seeded(run: (io: SyncContext) => void) {
  let now = start;
  const emulator = createEmulator({
    now: () => now,
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c' }],
    syncs: { issues: { models: ['Issue'], runs: 'every hour', run } },
  });
  const pass = async (milliseconds: number): Promise<number> => {
    now += milliseconds;
    const started = emulator.runDueSyncs();
    await emulator.settled();
    return started;
  };
  const [sync] = emulator.store.environments[0]?.syncs ?? [];
  if (!sync) throw new Error('There is no sync');
  return { emulator, pass, sync };
}

test('a sync runs when it is due, once, and not while it is paused', async () => {
  let runs = 0;
  const { pass, sync } = seeded(() => {
    runs++;
  });
  assert.is(await pass(hour - 1), 0);
  assert.is(await pass(1), 1);
  assert.is(await pass(0), 0);
  assert.is(await pass(hour - 1), 0);
  assert.is(await pass(1), 1);
  sync.frequency = '30m';
  assert.is(await pass(hour / 2), 1);
  sync.schedule = 'PAUSED';
  assert.is(await pass(24 * hour), 0);
  assert.is(runs, 3);
});

test('a webhook of a provider runs the syncs that subscribe to it, as a run of its own kind, and is forwarded', async () => {
  const seen: unknown[] = [];
  const { emulator, sync } = seeded((io) => {
    seen.push(io.webhook);
    io.save('Issue', [{ id: 'w' }]);
  });
  const [definition] = emulator.store.environments[0]?.functions ?? [];
  assert.ok(definition);
  const webhook = { providerConfigKey: 'github', payload: { action: 'opened' } };
  assert.is(await emulator.receiveWebhook(webhook), 0);
  definition.webhookSubscriptions = ['opened'];
  assert.is(await emulator.receiveWebhook(webhook), 1);
  assert.is(await emulator.receiveWebhook({ ...webhook, connectionId: 'other' }), 0);
  assert.equal(seen, [{ action: 'opened' }]);
  assert.equal([sync.job?.type, sync.lastSyncDate], ['WEBHOOK', null]);
  const events = emulator.webhooks.deliveries.map(({ event }) => [event['type'], event['from'], event['syncType']]);
  const forward = ['forward', 'github', undefined];
  assert.equal(events.slice(0, 3), [forward, ['sync', 'nango', 'WEBHOOK'], forward]);
  try {
    await emulator.receiveWebhook({ providerConfigKey: 'none', payload: {} });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'There is no integration none');
  }
});

test.run();
