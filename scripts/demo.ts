// The main job, start to finish: list connections, read records, be cut off, resume, be told to slow down, read what changed,
// verify a webhook. Runs against the emulator, or read-only against a real Nango where NANGO_API_KEY is set.

import { setTimeout as wait } from 'node:timers/promises';
import {
  consumeRecords,
  createClient,
  isNangoError,
  iterateConnections,
  verifyIncomingWebhookRequest,
  withRetry,
} from '../lib/mod.ts';
import type { Client, CursorStore, RecordChanges, RecordsOfModel } from '../lib/mod.ts';
import { createEmulator } from '../lib/testing/mod.ts';
import type { Emulator } from '../lib/testing/mod.ts';
import { serve } from '../lib/dev/server.ts';

const integration = 'github';
const model = 'Issue';
const terminal = process.stdout.isTTY;

/** A line of the table at the end. */
const done: { step: string; calls: number; records: number; milliseconds: number }[] = [];
let calls = 0;

/** Runs a step, and notes what it took. It gives the number of records that it read. */
async function step(name: string, run: () => Promise<number>): Promise<void> {
  console.log(`\n${name}`);
  const before = calls;
  const start = performance.now();
  const records = await run();
  done.push({ step: name, calls: calls - before, records, milliseconds: performance.now() - start });
}

/** A client that counts its calls, and says when it waits. */
function connect(host: string | undefined, apiKey: string, webhookSigningKey?: string): Client {
  return createClient({
    apiKey,
    host,
    webhookSigningKey,
    fetch: withRetry({
      fetch: (input, init) => {
        calls++;
        return fetch(input, init);
      },
      sleep: async (milliseconds, signal) => {
        console.log(`  the server asks to slow down: waiting ${(milliseconds / 1000).toFixed(1)} s`);
        await wait(milliseconds, undefined, { signal: signal ?? undefined });
      },
    }),
  });
}

/** Shows how many records have come: one line that changes on a terminal, a line for every tenth page elsewhere. */
function progress(): (count: number) => void {
  let pages = 0;
  return (count) => {
    pages++;
    const text = `  ${count.toLocaleString('en')} records`;
    if (terminal) process.stdout.write(`\r${text}`);
    else if (pages % 10 === 0) console.log(text);
  };
}

/** Reads what is new since the cursor in the store. `stopAfter` plays a crash once so many records were handled. */
async function read(
  client: Client,
  target: RecordsOfModel,
  store: CursorStore,
  seen: Set<string>,
  stopAfter = Infinity,
): Promise<RecordChanges> {
  const all: RecordChanges = { added: [], updated: [], deleted: [], pruned: [] };
  const show = progress();
  let count = 0;
  try {
    await consumeRecords(client, {
      ...target,
      store,
      handle: (changes) => {
        if (count >= stopAfter) throw new Error('cut off');
        for (const kind of ['added', 'updated', 'deleted', 'pruned'] as const) {
          all[kind].push(...changes[kind]);
          for (const { id } of changes[kind]) seen.add(id);
          count += changes[kind].length;
        }
        show(count);
      },
    });
  } finally {
    if (terminal) process.stdout.write('\n');
  }
  return all;
}

/** What both kinds of server can show. Gives the store, whose cursors stand at the end of what there was. */
async function readEverything(client: Client, targets: readonly RecordsOfModel[]): Promise<CursorStore> {
  const store = new Map<string, string>();
  const seen = targets.map(() => new Set<string>());
  const [first] = targets as [RecordsOfModel];

  await step('List connections', async () => {
    for await (const { connection_id, provider_config_key, errors } of iterateConnections(client)) {
      console.log(`  ${provider_config_key} ${connection_id}${errors.length ? `, ${errors.length} errors` : ''}`);
    }
    return 0;
  });

  await step(`Read ${first.model} of ${first.connectionId}, and be cut off`, async () => {
    await read(client, first, store, seen[0]!, 10_000).then(
      () => console.log('  it ended before it could be cut off'),
      (error: unknown) => {
        if (isNangoError(error)) throw error;
        console.log(`  ${(error as Error).message} after ${seen[0]!.size.toLocaleString('en')} records`);
      },
    );
    return seen[0]!.size;
  });

  for (const [index, target] of targets.entries()) {
    await step(`${index ? 'Read' : 'Resume'} ${target.model} of ${target.connectionId}`, async () => {
      const before = seen[index]!.size;
      await read(client, target, store, seen[index]!);
      console.log(`  ${seen[index]!.size.toLocaleString('en')} in all`);
      return seen[index]!.size - before;
    });
  }
  return store;
}

/** Reads what changed since, and shows it by kind. */
async function readChanges(client: Client, target: RecordsOfModel, store: CursorStore): Promise<RecordChanges> {
  const changes = await read(client, target, store, new Set());
  console.log(
    `  ${changes.added.length} added, ${changes.updated.length} updated, ${changes.deleted.length} deleted, ` +
      `${changes.pruned.length} pruned`,
  );
  return changes;
}

function count(changes: RecordChanges): number {
  return changes.added.length + changes.updated.length + changes.deleted.length + changes.pruned.length;
}

/** Ends the demo where something is not as it must be. */
function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`the demo expected ${what}`);
}

async function embedded(): Promise<void> {
  const records = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, index) => ({ id: `issue-${from + index}`, title: `Issue ${from + index}`, open: true }),
    );
  const emulator: Emulator = createEmulator({
    integrations: [{ unique_key: integration, provider: 'github' }],
    connections: ['acme', 'globex'].map((connection_id) => ({ provider_config_key: integration, connection_id })),
    records: [
      { providerConfigKey: integration, connectionId: 'acme', model, records: records(0, 20_000) },
      { providerConfigKey: integration, connectionId: 'globex', model, records: records(20_000, 25_000) },
    ],
  });
  const server = await serve(emulator);
  console.log(`A Nango with 25,000 records on two connections listens on ${server.url}`);
  try {
    const client = connect(server.url, emulator.apiKey, emulator.webhookSigningKey);
    const targets = ['acme', 'globex'].map((connectionId) => ({ providerConfigKey: integration, connectionId, model }));
    const [acme] = targets as [RecordsOfModel];
    emulator.fail({ operation: 'listRecords', skip: 15, rateLimit: 1 });
    const store = await readEverything(client, targets);
    expect(done.reduce((sum, { records }) => sum + records, 0) === 25_000, 'every record to be read');

    await step('Read what changed since', async () => {
      const target = { providerConfigKey: integration, connectionId: 'acme', model };
      emulator.saveRecords(target, [
        { id: 'issue-7', title: 'Issue 7', open: false },
        { id: 'issue-25000', title: 'A new issue', open: true },
      ]);
      emulator.deleteRecords(target, ['issue-8']);
      const changes = await readChanges(client, acme, store);
      expect(count(changes) === 3, 'three changes');
      return count(changes);
    });

    await step('Verify a webhook, and refuse a forged one', async () => {
      const event = emulator.webhooks.syncEvent({ providerConfigKey: integration, connectionId: 'acme', model });
      const request = await emulator.webhooks.request(event);
      const body = await request.text();
      const real = await verifyIncomingWebhookRequest(client, body, request.headers);
      const forged = await verifyIncomingWebhookRequest(client, body.replace('acme', 'evil'), request.headers);
      console.log(`  signed by Nango: ${real}; changed on its way: ${forged}`);
      expect(real && !forged, 'the real one to pass and the forged one to fail');
      return 0;
    });
  } finally {
    await server.close();
  }
}

async function real(apiKey: string): Promise<void> {
  const missing = ['NANGO_INTEGRATION', 'NANGO_CONNECTION', 'NANGO_MODEL'].filter((name) => !process.env[name]);
  if (missing.length) {
    throw new Error(
      `with NANGO_API_KEY set the demo reads from a real Nango and needs to know what: set ${missing.join(', ')}`,
    );
  }
  const client = connect(process.env['NANGO_HOST'], apiKey);
  const target = {
    providerConfigKey: process.env['NANGO_INTEGRATION']!,
    connectionId: process.env['NANGO_CONNECTION']!,
    model: process.env['NANGO_MODEL']!,
  };
  console.log(`Reading from ${client.host}`);
  const store = await readEverything(client, [target]);
  await step('Read what changed since', async () => count(await readChanges(client, target, store)));
  console.log('\nNo webhook is verified here: only Nango itself can sign one.');
}

function table(): void {
  const sum = (member: 'calls' | 'records' | 'milliseconds') => done.reduce((total, line) => total + line[member], 0);
  const total = { step: 'In all', calls: sum('calls'), records: sum('records'), milliseconds: sum('milliseconds') };
  const rows = [
    ['What was done', 'calls', 'records', 'ms'],
    ...[...done, total].map(({ step, calls, records, milliseconds }) => [
      step,
      `${calls}`,
      records.toLocaleString('en'),
      milliseconds.toFixed(0),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  console.log();
  for (const row of rows) {
    console.log(
      row.map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  '),
    );
  }
}

const apiKey = process.env['NANGO_API_KEY'];
await (apiKey ? real(apiKey) : embedded())
  .then(table)
  .catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
