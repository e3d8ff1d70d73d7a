// Records as a job: consumeRecords, recordsOf and streamRecords, against the emulator.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  consumeRecords,
  createClient,
  listRecords,
  pruneAllRecords,
  recordsOf,
  streamRecords,
  withRetry,
} from '../../lib/mod.ts';
import type { ConsumeRecordsInput, NangoRecord, RecordChanges } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';

interface Widget {
  name: string;
}

const target = { providerConfigKey: 'shop', connectionId: 'org/team 1', model: 'Widget' };

function start(count: number) {
  const emulator = createEmulator({
    integrations: [{ unique_key: 'shop', provider: 'unauthenticated' }],
    connections: [{ provider_config_key: 'shop', connection_id: 'org/team 1' }],
  });
  save(0, count);
  const client = createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch: emulator.fetch });
  return { emulator, client, save };

  function save(from: number, to: number, name = 'Widget'): void {
    emulator.saveRecords(
      target,
      Array.from({ length: to - from }, (_, i) => ({ id: `w-${from + i}`, name: `${name} ${from + i}` })),
    );
  }
}

/** Consumes into lists of ids. */
function collect(store: ConsumeRecordsInput<Widget>['store'], limit = 10) {
  const pages: RecordChanges<Widget>[] = [];
  const input: ConsumeRecordsInput<Widget> = {
    ...target,
    store,
    limit,
    handle: (changes) => {
      pages.push(changes);
    },
  };
  const ids = (kind: keyof RecordChanges): string[] => pages.flatMap((page) => page[kind].map(({ id }) => id)).sort();
  return { input, pages, ids };
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

const consume = suite('consumeRecords');

consume('hands over every record, then only what changed, by what happened to it', async () => {
  const { emulator, client, save } = start(25);
  const store = new Map<string, string>();
  const first = collect(store);
  assert.equal(await consumeRecords(client, first.input), { count: 25 });
  assert.is(first.pages.length, 3);
  assert.is(new Set(first.ids('added')).size, 25);

  save(3, 5, 'Renamed');
  save(25, 26);
  emulator.deleteRecords(target, ['w-0']);
  const second = collect(store);
  assert.equal(await consumeRecords(client, second.input), { count: 4 });
  assert.equal(second.ids('updated'), ['w-3', 'w-4']);
  assert.equal(second.ids('added'), ['w-25']);
  assert.equal(second.ids('deleted'), ['w-0']);

  const third = collect(store);
  assert.equal(await consumeRecords(client, third.input), { count: 0 });
  assert.is(third.pages.length, 0, 'no page without changes');
});

consume('tells pruned records from others, and deleted ones from both', async () => {
  const { emulator, client } = start(4);
  emulator.deleteRecords(target, ['w-1']);
  const { records } = await listRecords(client, target);
  await pruneAllRecords(client, { ...target, untilCursor: records.at(-1)!._nango_metadata.cursor, limit: 1 });
  const { input, ids, pages } = collect(new Map());
  await consumeRecords(client, input);
  assert.equal(ids('pruned'), ['w-0', 'w-2', 'w-3']);
  assert.equal(ids('deleted'), ['w-1']);
  assert.is(pages[0]!.pruned[0]!.name, undefined);
});

consume('keeps a cursor for each model of each connection', async () => {
  const { client } = start(3);
  const store = new Map<string, string>();
  await consumeRecords(client, collect(store).input);
  await consumeRecords(client, { ...collect(store).input, variant: 'eu' });
  assert.equal([...store.keys()], ['nango/shop/org%2Fteam%201/Widget/base']);
});

consume('moves the cursor on only once a page is handled', async () => {
  const { client } = start(30);
  const store = new Map<string, string>();
  const handled: string[] = [];
  let crashes = 0;
  for (let runs = 0; runs < 50; runs++) {
    let page = 0;
    const error = await failureOf(
      consumeRecords<Widget>(client, {
        ...target,
        store,
        limit: 7,
        handle: async ({ added }) => {
          await Promise.resolve();
          // Before the second page of each run, then right after handling it, in turn.
          if (page++ === 1 && runs % 2) throw new Error('crash');
          handled.push(...added.map(({ id }) => id));
          if (page === 2) throw new Error('crash');
        },
      }),
    );
    if (!error) break;
    assert.is((error as Error).message, 'crash');
    crashes++;
  }
  assert.ok(crashes > 2, 'it crashed');
  assert.is(new Set(handled).size, 30, 'nothing is lost');
});

consume('does not go on where the cursor cannot be kept', async () => {
  const { client, emulator } = start(30);
  const { input, pages } = collect({
    get: async () => null,
    set: () => Promise.reject(new Error('disk full')),
  });
  assert.is(((await failureOf(consumeRecords(client, input))) as Error).message, 'disk full');
  assert.is(pages.length, 1);
  assert.ok(emulator.requests.length <= 2, 'one page ahead at most');
});

consume('gives a record once that stands twice on a page, as it is now', async () => {
  const twice = [
    { id: 'a', name: 'old', _nango_metadata: metadata('ADDED', 'c1') },
    { id: 'b', name: 'b', _nango_metadata: metadata('ADDED', 'c2') },
    { id: 'a', name: 'new', _nango_metadata: metadata('UPDATED', 'c3') },
  ];
  const client = createClient({
    apiKey: 'key',
    fetch: async () => new Response(JSON.stringify({ next_cursor: null, records: twice })),
  });
  const store = new Map<string, string>();
  const { input, pages } = collect(store);
  assert.equal(await consumeRecords(client, input), { count: 2 });
  assert.equal(pages[0]!.updated.map(({ name }) => name), ['new']);
  assert.equal(pages[0]!.added.map(({ id }) => id), ['b']);
  assert.equal([...store.values()], ['c3']);
});

consume('reads an action that it does not know as an update, so that no change is lost', async () => {
  const client = createClient({
    apiKey: 'key',
    fetch: async () =>
      new Response(
        JSON.stringify({ next_cursor: null, records: [{ id: 'a', _nango_metadata: metadata('MERGED', 'c') }] }),
      ),
  });
  const { input, ids } = collect(new Map());
  await consumeRecords(client, input);
  assert.equal(ids('updated'), ['a']);
});

consume('refuses bad arguments before it asks the store', async () => {
  const { client, emulator } = start(1);
  const { input } = collect({ get: () => assert.unreachable() as never, set: () => {} });
  for (
    const [name, bad] of Object.entries({
      store: { store: undefined },
      handle: { handle: 'log' },
      connectionId: { connectionId: '' },
      model: { model: undefined },
      limits: { limits: 5 },
    })
  ) {
    const error = await failureOf(consumeRecords(client, { ...input, ...(bad as object) }));
    assert.instance(error, TypeError, name);
    assert.match((error as Error).message, name);
  }
  assert.is(emulator.requests.length, 0);
});

consume('ends with the reason of the signal, and resumes', async () => {
  const { client } = start(40);
  const store = new Map<string, string>();
  const stop = new AbortController();
  const reason = new Error('shutting down');
  const { input, ids } = collect(store);
  const first = {
    ...input,
    handle: (changes: RecordChanges<Widget>) => (stop.abort(reason), input.handle(changes, { key: '', cursor: '' })),
  };
  assert.is(await failureOf(consumeRecords(client, first, { signal: stop.signal })), reason);
  assert.is(ids('added').length, 10, 'the page that was handled counts');
  await consumeRecords(client, input);
  assert.is(new Set(ids('added')).size, 40);
  assert.is(ids('added').length, 40, 'none came twice');
});

consume('gets through faults with withRetry', async () => {
  const { emulator } = start(60);
  const fetch = withRetry({ fetch: emulator.fetch, sleep: async () => {} });
  const client = createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch });
  for (const [index, rule] of [{ status: 502 }, { rateLimit: 1 }, { reset: true }].entries()) {
    emulator.fail({ operation: 'listRecords', skip: index + 1, ...rule });
  }
  const { input, ids } = collect(new Map());
  assert.equal(await consumeRecords(client, input), { count: 60 });
  assert.is(new Set(ids('added')).size, 60);
});

consume.run();

const event = suite('recordsOf');

event('turns the webhook of a sync into what to read', async () => {
  const { emulator, client } = start(2);
  const webhook = emulator.webhooks.syncEvent({ ...target, syncName: 'widgets' });
  assert.equal(recordsOf(webhook as never), { ...target, variant: 'base' });
  const { input, ids } = collect(new Map());
  await consumeRecords(client, { ...input, ...recordsOf(webhook as never) });
  assert.equal(ids('added'), ['w-0', 'w-1']);
});

event('refuses any other event', () => {
  for (const other of [undefined, {}, { type: 'auth' }]) {
    assert.throws(
      () => recordsOf(other as never),
      (error: unknown) => error instanceof TypeError && /event/.test(error.message),
    );
  }
});

event.run();

const stream = suite('streamRecords');

stream('gives every record as a line, page by page as they are read', async () => {
  const { emulator, client } = start(25);
  const reader = streamRecords(client, { ...target, limit: 10 }, { prefetch: false }).getReader();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.is(emulator.requests.length, 0, 'nothing is read before it is asked for');
  const first = await reader.read();
  assert.is(emulator.requests.length, 1);
  let text = new TextDecoder().decode(first.value);
  for (let chunk; !(chunk = await reader.read()).done;) text += new TextDecoder().decode(chunk.value);
  const records = text.trimEnd().split('\n').map((line) => JSON.parse(line) as NangoRecord<Widget>);
  assert.is(new Set(records.map(({ id }) => id)).size, 25);
  assert.ok(text.endsWith('\n'));
  assert.is(emulator.requests.length, 3);
});

stream('ends the request when it is cancelled', async () => {
  let ended = false;
  const client = createClient({
    apiKey: 'key',
    fetch: (_, init) =>
      new Promise((_, reject) => {
        init!.signal!.addEventListener('abort', () => {
          ended = true;
          reject(init!.signal!.reason);
        });
      }),
  });
  const reader = streamRecords(client, target).getReader();
  const pending = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await reader.cancel();
  await pending;
  assert.ok(ended);
});

stream('fails with what failed', async () => {
  const { client, emulator } = start(1);
  emulator.fail({ operation: 'listRecords', status: 500 });
  const error = await failureOf(streamRecords(client, target).getReader().read());
  assert.is((error as Error).name, 'NangoApiError');
  assert.instance(await failureOf(streamRecords(client, {} as never).getReader().read()), TypeError);
  const reason = new Error('stop');
  const aborted = streamRecords(client, target, { signal: AbortSignal.abort(reason) });
  assert.is(await failureOf(aborted.getReader().read()), reason);
});

stream.run();

function metadata(last_action: string, cursor: string) {
  const now = '2026-01-02T03:04:05.678901+00:00';
  return { first_seen_at: now, last_modified_at: now, last_action, deleted_at: null, pruned_at: null, cursor };
}
