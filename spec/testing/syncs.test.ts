import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type EmulatorSeed, type SyncFunction } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const of = ['plain', 'c1'] as const;
const start = Date.parse('2026-01-02T03:04:05.000Z');
const base = { provider_config_key: 'plain', connection_id: 'c1' };

function seeded(run: SyncFunction, more: EmulatorSeed = {}) {
  return createEmulator({
    now: () => start,
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    connections: [base],
    syncs: { widgets: { models: ['Widget'], runs: 'every hour', run } },
    ...more,
  });
}

const saveTwo: SyncFunction = (io) => {
  io.save('Widget', [
    { id: 1, variant: io.variant },
    { id: 2, variant: io.variant },
  ]);
};

test('triggering runs the function, changes records and sends the webhook', async () => {
  const got: string[] = [];
  const emulator = seeded(saveTwo, {
    webhooks: {
      to: async (request) => {
        got.push(await request.text());
        return new Response(null, { status: 204 });
      },
    },
  });
  assert.equal((await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'] } })).body, {
    success: true,
  });
  await emulator.settled();
  assert.is((await call(emulator, 'GET /records?model=Widget', { of })).body.records.length, 2);
  assert.equal(got, [
    '{"connectionId":"c1","from":"nango","model":"Widget","modifiedAfter":"2026-01-02T03:04:05.000Z",' +
    '"providerConfigKey":"plain","queryTimeStamp":"2026-01-02T03:04:05.000Z",' +
    '"responseResults":{"added":2,"deleted":0,"updated":0},"success":true,"syncName":"widgets","syncType":"INITIAL",' +
    '"syncVariant":"base","type":"sync"}',
  ]);
  await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: [] } });
  await emulator.settled();
  assert.is(got.length, 1, 'nothing changed, nothing is told');
});

test('a bare function is a sync of every integration', async () => {
  const emulator = seeded(saveTwo, { syncs: { anything: (io) => void io.save('Any', [{ id: 'x' }]) } });
  await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['anything'] } });
  await emulator.settled();
  assert.is((await call(emulator, 'GET /records?model=Any', { of })).body.records.length, 1);
});

test('the status tells of runs, failures, pauses and counts', async () => {
  let fails = false;
  const emulator = seeded((io) => {
    if (fails) throw new Error('boom');
    saveTwo(io);
    io.saveCheckpoint({ page: 2 });
  });
  const status = async () =>
    (await call(emulator, 'GET /sync/status?syncs=*&provider_config_key=plain&connection_id=c1')).body.syncs[0];
  const trigger = async () => {
    await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'] } });
    await emulator.settled();
  };
  const before = await status();
  assert.equal(
    [before.status, before.type, before.finishedAt, before.latestResult],
    ['SUCCESS', 'INITIAL', undefined, undefined],
  );
  assert.is(before.nextScheduledSyncAt, '2026-01-02T04:04:05.000Z');
  await trigger();
  const after = await status();
  assert.equal([after.status, after.latestExecutionStatus, after.type], ['SUCCESS', 'SUCCESS', 'INCREMENTAL']);
  assert.equal(after.latestResult, { Widget: { added: 2, deleted: 0, updated: 0 } });
  assert.equal(after.recordCount, { Widget: 2 });
  assert.equal(after.checkpoint, { page: 2 });
  fails = true;
  await trigger();
  const failed = await status();
  assert.equal([failed.status, failed.latestExecutionStatus, failed.latestResult], ['ERROR', 'STOPPED', {}]);
  assert.is((await call(emulator, 'GET /connections')).body.connections[0].errors[0].type, 'sync');
  assert.is(emulator.webhooks.deliveries.at(-1)?.event['success'], false);
  await call(emulator, 'POST /sync/pause', { body: { ...base, syncs: ['widgets'] } });
  const paused = await status();
  assert.equal([paused.status, paused.nextScheduledSyncAt], ['PAUSED', null]);
  fails = false;
  await call(emulator, 'POST /sync/start', { body: { ...base, syncs: [{ name: 'widgets', variant: 'base' }] } });
  await trigger();
  assert.is((await status()).status, 'SUCCESS');
  assert.equal((await call(emulator, 'GET /connections')).body.connections[0].errors, []);
});

test('while a run goes on the status is RUNNING', async () => {
  let finish = (): void => undefined;
  const emulator = seeded(() => new Promise<void>((done) => (finish = done)));
  await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'] } });
  const { body } = await call(emulator, 'GET /sync/status?syncs=widgets&provider_config_key=plain');
  assert.is(body.syncs[0].status, 'RUNNING');
  finish();
  await emulator.settled();
});

test('a reset forgets the last run, and with the cache emptied its records too', async () => {
  const dates: (Date | null)[] = [];
  const emulator = seeded((io) => {
    dates.push(io.lastSyncDate);
    saveTwo(io);
  });
  const trigger = async (more: object) => {
    await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'], ...more } });
    await emulator.settled();
    return emulator.webhooks.deliveries.length;
  };
  assert.is(await trigger({}), 1);
  assert.is(await trigger({ opts: { emptyCache: true } }), 1, 'without a reset nothing is emptied');
  assert.is(await trigger({ sync_mode: 'full_refresh' }), 1);
  assert.is(await trigger({ opts: { reset: true, emptyCache: true } }), 2);
  assert.equal(
    dates.map((date) => date?.getTime() ?? null),
    [null, start, null, null],
  );
});

test('a sync that tracks deletes marks what it did not see', async () => {
  let ids = [1, 2, 3];
  const emulator = seeded((io) => {
    io.save(
      'Widget',
      ids.map((id) => ({ id })),
    );
    io.deleteUnsaved('Widget');
  });
  const run = async () => {
    await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'] } });
    await emulator.settled();
  };
  await run();
  ids = [1, 3];
  await run();
  const { body } = await call(emulator, 'GET /records?model=Widget&filter=deleted', { of });
  assert.equal(
    body.records.map(({ id }: { id: string }) => id),
    ['2'],
  );
});

test('a sync may save only the models that it declares', async () => {
  const emulator = seeded((io) => void io.save('Gadget', [{ id: 1 }]));
  await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: ['widgets'] } });
  await emulator.settled();
  assert.match(
    (emulator.webhooks.deliveries.at(-1)?.event['error'] as { description: string }).description,
    'no model Gadget',
  );
});

test('new connections start their syncs, seeded ones wait', async () => {
  const emulator = seeded(saveTwo);
  await emulator.settled();
  assert.equal((await call(emulator, 'GET /records?model=Widget', { of })).body.records, []);
  await call(emulator, 'POST /connections', {
    body: { provider_config_key: 'plain', connection_id: 'c2', credentials: { type: 'NONE' } },
  });
  await emulator.settled();
  assert.is((await call(emulator, 'GET /records?model=Widget', { of: ['plain', 'c2'] })).body.records.length, 2);
});

test('variants have records of their own', async () => {
  const emulator = seeded(saveTwo, { syncs: { widgets: { models: ['Widget'], auto_start: false, run: saveTwo } } });
  const path = '/sync/widgets/variant/v1';
  const made = await call(emulator, `POST ${path}`, { body: base });
  assert.equal(Object.keys(made.body), ['id', 'name', 'variant']);
  assert.is(refusal(await call(emulator, `POST ${path}`, { body: base })), '400 sync_variant_already_exists');
  assert.is(refusal(await call(emulator, 'POST /sync/widgets/variant/base', { body: base })), '400 invalid_variant');
  assert.is(refusal(await call(emulator, 'POST /sync/nope/variant/v1', { body: base })), '400 unknown_sync');
  await call(emulator, 'POST /sync/trigger', { body: { ...base, syncs: [{ name: 'widgets', variant: 'v1' }] } });
  await emulator.settled();
  const { records } = (await call(emulator, 'GET /records?model=Widget&variant=v1', { of })).body;
  assert.is(records[0].variant, 'v1');
  assert.equal((await call(emulator, 'GET /records?model=Widget', { of })).body.records, []);
  assert.equal((await call(emulator, `DELETE ${path}`, { body: base })).body, { success: true });
  assert.is(refusal(await call(emulator, `DELETE ${path}`, { body: base })), '404 not_found');
  const left = (await call(emulator, 'GET /records?model=Widget&variant=v1', { of })).body.records;
  assert.equal(left, records, 'its records stay readable');
});

test('frequencies are normalized, and null restores that of the function', async () => {
  const emulator = seeded(saveTwo);
  const set = (frequency: unknown) =>
    call(emulator, 'PUT /sync/update-connection-frequency', { body: { ...base, sync_name: 'widgets', frequency } });
  const cases: [unknown, string][] = [
    ['30m', '30m'],
    ['every 2 hours', '2 hours'],
    ['every day', '1d'],
    ['every half hour', '30m'],
    [null, 'every hour'],
  ];
  for (const [given, expected] of cases) assert.equal((await set(given)).body, { frequency: expected }, String(given));
  assert.is((await set('every 1s')).body.error.message, 'Sync interval is invalid');
  assert.is(refusal(await set('whenever')), '400 invalid_body invalid_format@frequency');
  assert.is(refusal(await set(undefined)), '400 invalid_body invalid_type@frequency');
});

test('commands for unknown syncs, connections and integrations are refused, each in its own way', async () => {
  const emulator = seeded(saveTwo);
  const trigger = (body: object) => call(emulator, 'POST /sync/trigger', { body });
  assert.is(refusal(await trigger({ ...base, syncs: ['nope'] })), '400 no_syncs_found');
  assert.is(refusal(await trigger({ ...base, connection_id: 'nope', syncs: ['widgets'] })), '404 unknown_connection');
  assert.is(
    refusal(await trigger({ ...base, provider_config_key: 'nope', syncs: ['widgets'] })),
    '400 unknown_provider_config',
  );
  assert.is(refusal(await trigger({ syncs: [] })), '400 missing_provider_config_key');
  assert.is(refusal(await trigger(base)), '400 invalid_body invalid_type@syncs');
  assert.is(
    (await call(emulator, 'POST /sync/trigger', { of, body: { syncs: ['widgets'] } })).status,
    200,
    'named by headers',
  );
  const status = (query: string) => call(emulator, `GET /sync/status?${query}`);
  assert.equal((await status('syncs=nope&provider_config_key=plain')).body, { syncs: [] });
  assert.is(refusal(await status('syncs=*&provider_config_key=plain&connection_id=nope')), '400 invalid_body');
});

test.run();
