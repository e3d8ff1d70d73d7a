// Aborts and time limits at every await: each call ends with the signal's own reason, and leaves neither a listener nor a
// timer behind.

import { getEventListeners } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  consumeRecords,
  createClient,
  createProxyFetch,
  iterateRecords,
  listConnections,
  listRecords,
  proxy,
  streamRecords,
  waitForConnection,
  withHooks,
  withRateLimit,
  withRetry,
} from '../../lib/mod.ts';
import type { Client, PlatformFetch } from '../../lib/mod.ts';
import { apiKey, json, rejection, settle } from '../support/support.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const input = { ...connection, model: 'Issue' };
const metadata = { first_seen_at: '', last_modified_at: '', last_action: 'ADDED', deleted_at: null, cursor: 'k' };
const page = (cursor: string | null) =>
  json({ records: [{ id: cursor ?? 'last', _nango_metadata: metadata }], next_cursor: cursor });
const never = (): Promise<never> => new Promise(() => {});
const reason = { why: 'enough' };

/** Counts the timers that were started since, and have neither fired nor been cleared. Others of this process may end meanwhile. */
function watchTimers(): () => number {
  running.clear();
  return () => running.size;
}

const running = new Set<unknown>();
const { setTimeout, clearTimeout } = globalThis;
test.before(() => {
  globalThis.setTimeout = ((callback: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) => {
    const timer = setTimeout(() => {
      running.delete(timer);
      callback(...args);
    }, milliseconds);
    running.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = (timer) => {
    running.delete(timer);
    clearTimeout(timer);
  };
});
test.after(() => {
  Object.assign(globalThis, { setTimeout, clearTimeout });
});

/** An answer whose head is there, and whose body never comes. */
const stalled = (status = 200): Response =>
  new Response(new ReadableStream({ pull: never }), { status, headers: { 'content-type': 'application/json' } });

/** Where a call can be when it is aborted: what its fetch does, and how it is called. */
const places: Record<
  string,
  { fetch: PlatformFetch; call: (client: Client, signal: AbortSignal) => Promise<unknown> }
> = {
  'in a key that is asked for': {
    fetch: never,
    call: ({ host, fetch: _ }, signal) => listRecords(createClient({ apiKey: never, host }), input, { signal }),
  },
  'before the head': { fetch: never, call: (client, signal) => listRecords(client, input, { signal }) },
  'in the body': { fetch: async () => stalled(), call: (client, signal) => listRecords(client, input, { signal }) },
  'in the body of an error': {
    fetch: async () => stalled(500),
    call: (client, signal) => listRecords(client, input, { signal }),
  },
  'in a retry’s wait': {
    fetch: withRetry({ fetch: async () => new Response(null, { status: 429, headers: { 'retry-after': '30' } }) }),
    call: (client, signal) => listRecords(client, input, { signal }),
  },
  'in the gate': {
    fetch: withRateLimit<PlatformFetch>({
      fetch: async () => new Response(null, { status: 429, headers: { 'retry-after': '30' } }),
    }),
    call: async (client, signal) => {
      await rejection(listRecords(client, input));
      return listRecords(client, input, { signal });
    },
  },
  'in a page that was asked for ahead': {
    fetch: async (url) => (`${url}`.includes('cursor') ? stalled() : page('2')),
    call: async (client, signal) => {
      for await (const _ of iterateRecords(client, input, { signal }));
    },
  },
  'in handle': {
    fetch: async (url) => (`${url}`.includes('cursor') ? never() : page('2')),
    call: (client, signal) =>
      consumeRecords(client, {
        ...input,
        store: new Map(),
        handle: () =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true })),
      }, { signal }),
  },
  'in the store': {
    fetch: async (url) => (`${url}`.includes('cursor') ? never() : page('2')),
    call: (client, signal) =>
      consumeRecords(client, {
        ...input,
        store: {
          get: () => undefined,
          set: () =>
            new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true })),
        },
        handle: () => {},
      }, { signal }),
  },
  'in a stream': {
    fetch: async () => stalled(),
    call: (client, signal) => new Response(streamRecords(client, input, { signal })).text(),
  },
  'in the head of the proxy': {
    fetch: never,
    call: (client, signal) => proxy(client, { ...connection, endpoint: '/x' }, { signal }),
  },
  'in the body of the proxy': {
    fetch: async () => stalled(),
    call: async (client, signal) => (await proxy(client, { ...connection, endpoint: '/x' }, { signal })).text(),
  },
  'in an error of the proxy that is looked at': {
    fetch: async () => stalled(500),
    call: async (client, signal) => (await createProxyFetch(client, connection)('/x', { signal })).text(),
  },
  'in the pause of a wait': {
    fetch: async () => json({ connections: [] }),
    call: (client, signal) =>
      waitForConnection(client, { providerConfigKey: 'github', tags: { a: 'b' }, interval: 30_000 }, { signal }),
  },
  'inside of hooks': {
    fetch: withHooks<PlatformFetch>({ fetch: never, request: never, error: never }),
    call: (client, signal) => listRecords(client, input, { signal }),
  },
};

for (const [place, { fetch, call }] of Object.entries(places)) {
  test(`an abort ${place} ends the call with its reason, and leaves nothing`, async () => {
    const timers = watchTimers();
    const controller = new AbortController();
    const ended = rejection(call(createClient({ apiKey, fetch }), controller.signal));
    await settle();
    controller.abort(reason);
    // Generous: a call that waits for anything else waits for 30 seconds or for ever.
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => (watchdog = setTimeout(() => resolve('too late'), 10_000)));
    assert.is(await Promise.race([ended, late]), reason);
    clearTimeout(watchdog);
    await settle();
    assert.is(getEventListeners(controller.signal, 'abort').length, 0, 'listeners');
    assert.is(timers(), 0, 'timers');
  });

  // The gate has to be closed by a call of its own first, which sends something.
  if (place === 'in the gate') continue;
  test(`a signal that has fired ${place} sends nothing`, async () => {
    const timers = watchTimers();
    const signal = AbortSignal.abort(reason);
    let sent = 0;
    const counting: PlatformFetch = async () => (sent++, json({}));
    assert.is(await rejection(call(createClient({ apiKey, fetch: counting }), signal)), reason);
    assert.is(sent, 0);
    await settle();
    assert.is(getEventListeners(signal, 'abort').length, 0, 'listeners');
    assert.is(timers(), 0, 'timers');
  });
}

for (const place of ['before the head', 'in the body', 'in a retry’s wait', 'in a stream'] as const) {
  test(`a time limit ${place} ends the call, and leaves nothing`, async () => {
    const timers = watchTimers();
    const { fetch, call } = places[place]!;
    const error = await rejection(call(createClient({ apiKey, fetch, timeout: 20 }), new AbortController().signal));
    assert.is(error.name, 'NangoTimeoutError');
    await settle();
    assert.is(timers(), 0, 'timers');
  });
}

test('20,000 calls with one signal leave no listener, no timer and no memory', async () => {
  const { signal } = new AbortController();
  const fetch = withHooks({
    fetch: withRetry({ fetch: withRateLimit<PlatformFetch>({ fetch: async () => json({ connections: [] }) }) }),
  });
  const client = createClient({ apiKey, fetch });
  const run = async (calls: number): Promise<void> => {
    for (let at = 0; at < calls; at += 100) {
      await Promise.all(Array.from({ length: 100 }, () => listConnections(client, {}, { signal })));
    }
  };
  const timers = watchTimers();
  await run(4000);
  await settle();
  const warm = process.memoryUsage().heapUsed;
  await run(16_000);
  await settle();
  assert.is(getEventListeners(signal, 'abort').length, 0, 'listeners');
  assert.is(timers(), 0, 'timers');
  // What each call left would be 16,000 times something; the collector may not have run yet, hence the room.
  assert.ok(process.memoryUsage().heapUsed - warm < 64 * 2 ** 20, 'memory');
});

for (const way of ['break', 'return', 'throw'] as const) {
  test(`leaving an iteration early by ${way} ends the request ahead, and leaves no rejection`, async () => {
    const unhandled: unknown[] = [];
    const note = (failure: unknown): void => void unhandled.push(failure);
    process.on('unhandledRejection', note);
    const signals: AbortSignal[] = [];
    const client = createClient({
      apiKey,
      fetch: async (url, { signal }) => {
        signals.push(signal);
        if (!url.includes('cursor')) return page('2');
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const timers = watchTimers();
    const read = async (): Promise<void> => {
      for await (const _ of iterateRecords(client, input)) {
        await settle();
        if (way === 'break') break;
        if (way === 'return') return;
        throw reason;
      }
    };
    if (way === 'throw') assert.is(await rejection(read()), reason);
    else await read();
    await settle();
    process.off('unhandledRejection', note);
    assert.is(signals.length, 2);
    assert.ok(signals[1]!.aborted, 'the request ahead ends');
    assert.equal(unhandled, []);
    assert.is(timers(), 0, 'timers');
  });
}

test.run();
