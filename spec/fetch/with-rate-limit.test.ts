// The gate in front of the rate limit, on a clock that the test moves: how many calls pass in a window, and when.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  listConnections,
  NangoTimeoutError,
  withHooks,
  withRateLimit,
  withRetry,
} from '../../lib/mod.ts';
import type { Fetch, PlatformFetch, WaitEvent } from '../../lib/mod.ts';
import { apiKey, json, rejection, settle } from '../support/support.ts';

const url = 'https://api.nango.dev/x';

/** Runs something on a clock that jumps from one timer to the next, and stops at a time that must not be reached. */
async function onFakeClock(run: (now: () => number) => Promise<void>, until = 24 * 3_600_000): Promise<void> {
  const { setTimeout, clearTimeout } = globalThis;
  const { now } = Date;
  const begin = 1_800_000_000_123;
  let time = begin;
  let ids = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  globalThis.setTimeout = ((run: () => void, milliseconds = 0) => {
    timers.set(++ids, { at: time + Math.max(1, Math.ceil(milliseconds)), run });
    return ids;
  }) as unknown as typeof globalThis.setTimeout;
  globalThis.clearTimeout = (id) => void timers.delete(id as number);
  Date.now = () => time;
  let done = false;
  const work = run(() => time - begin).finally(() => (done = true));
  try {
    while (!done) {
      for (let turn = 0; turn < 30; turn++) await Promise.resolve();
      const next = Math.min(...[...timers.values()].map(({ at }) => at));
      // Nothing but the platform itself can still be at work.
      if (next === Infinity) await new Promise((resolve) => setTimeout(resolve));
      else if (next > begin + until) break;
      else {
        time = Math.max(time, next);
        for (const [id, { at, run }] of [...timers]) if (at <= time && timers.delete(id)) run();
      }
    }
    assert.ok(done, 'something waits for too long');
    assert.is(timers.size, 0, 'timers are left');
  } finally {
    globalThis.setTimeout = setTimeout;
    globalThis.clearTimeout = clearTimeout;
    Date.now = now;
  }
  await work;
}

/** A server that counts in fixed windows as Nango does. `others` are calls of other clients in each window. */
function server(limit: number, { others = 0, latency = 40 } = {}) {
  let ends = 0;
  let used = 0;
  const windows: number[] = [];
  const counts = { sent: 0, refused: 0 };
  const fetch: PlatformFetch = async (_input, init) => {
    init?.signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, latency));
    if (Date.now() >= ends) {
      ends = Date.now() + 60_000;
      used = others;
      windows.push(0);
    }
    used++;
    counts.sent++;
    windows[windows.length - 1]!++;
    const headers = {
      'x-ratelimit-limit': `${limit}`,
      'x-ratelimit-remaining': `${Math.max(0, limit - used)}`,
      'x-ratelimit-reset': `${Math.floor(ends / 1000)}`,
    };
    if (used <= limit) return json({ connections: [] }, { headers });
    counts.refused++;
    const wait = { 'retry-after': `${Math.floor((ends - Date.now()) / 1000)}` };
    return json({ error: { code: 'too_many_request' } }, { status: 429, headers: { ...headers, ...wait } });
  };
  return { fetch, windows, counts };
}

for (const [limit, calls] of [[10, 95], [200, 1000], [12, 12], [1, 5]] as const) {
  test(`${calls} calls at once, ${limit} in a window: none runs into a 429, and time is not wasted`, () =>
    onFakeClock(async (now) => {
      const { fetch, windows, counts } = server(limit);
      const gate = withRateLimit<PlatformFetch>({ fetch });
      const ends: number[] = [];
      await Promise.all(Array.from({ length: calls }, async (_, index) => {
        assert.is((await gate(url)).status, 200);
        ends[index] = now();
      }));
      assert.is(counts.refused, 0);
      assert.ok(windows.every((sent) => sent <= limit), `${windows}`);
      assert.is(windows.length, Math.ceil(calls / limit));
      const ideal = (Math.ceil(calls / limit) - 1) * 60_000;
      assert.ok(now() <= ideal * 1.1 + 2000, `${now()} ms, ${ideal} ms are ideal`);
      // First come, first served, up to a window.
      for (let index = 0; index + limit * 2 < calls; index++) assert.ok(ends[index]! < ends[index + limit * 2]!);
    }));
}

test('calls that come all the time do not keep those that wait from their turn', () =>
  onFakeClock(async (now) => {
    const { fetch, counts } = server(20);
    const gate = withRateLimit<PlatformFetch>({ fetch });
    const delays: number[] = [];
    const calls: Promise<void>[] = [];
    const call = async (): Promise<void> => {
      const begin = now();
      await gate(url);
      delays.push(now() - begin);
    };
    for (let index = 0; index < 100; index++) {
      calls.push(call());
      await new Promise((resolve) => setTimeout(resolve, 2900));
    }
    await Promise.all(calls);
    assert.is(counts.refused, 0);
    assert.ok(Math.max(...delays) <= 70_000, `${Math.max(...delays)}`);
  }));

test('while there is room, no call waits', () =>
  onFakeClock(async (now) => {
    const { fetch } = server(200);
    const gate = withRateLimit<PlatformFetch>({ fetch });
    await gate(url);
    const begin = now();
    await Promise.all(Array.from({ length: 150 }, () => gate(url)));
    assert.is(now() - begin, 40);
  }));

test('those that wait leave one after the other', () =>
  onFakeClock(async (now) => {
    const times: number[] = [];
    const { fetch } = server(20);
    const gate = withRateLimit<PlatformFetch>({
      fetch: (input, init) => {
        times.push(now());
        return fetch(input, init);
      },
    });
    await Promise.all(Array.from({ length: 40 }, () => gate(url)));
    const late = times.slice(20);
    assert.is(new Set(late).size, 20, `${late}`);
  }));

test('what others send is minded', () =>
  onFakeClock(async () => {
    const { fetch, counts } = server(20, { others: 15 });
    const gate = withRateLimit<PlatformFetch>({ fetch });
    await Promise.all(Array.from({ length: 20 }, () => gate(url)));
    // Only a window that the gate opens itself, without an answer of it, can be fuller than it thinks.
    assert.ok(counts.refused <= 3 * 15, `${counts.refused}`);
  }));

test('with retries around it, every call succeeds in the end', () =>
  onFakeClock(async () => {
    const { fetch, counts } = server(20, { others: 15 });
    const gate = withRetry({ fetch: withRateLimit<PlatformFetch>({ fetch }), limit: 9, maxDelay: 120_000 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => gate(url)));
    assert.ok(answers.every(({ ok }) => ok));
    assert.is(counts.sent - counts.refused, 20);
  }));

test('a 429 closes the gate for all, for a minute at most', () =>
  onFakeClock(async (now) => {
    for (const [after, waited] of [['5', 6000], ['0', 1000], ['3600', 62_000], ['soon', 1000]] as const) {
      let refuse = true;
      const gate = withRateLimit<PlatformFetch>({
        fetch: async () => {
          const refused = refuse;
          refuse = false;
          return refused ? new Response(null, { status: 429, headers: { 'retry-after': after } }) : new Response('ok');
        },
      });
      assert.is((await gate(url)).status, 429);
      const begin = now();
      assert.is((await gate(url)).status, 200);
      assert.ok(Math.abs(now() - begin - waited) <= 1, `${after}: ${now() - begin}`);
    }
  }));

test('a server without a limit is not limited', () =>
  onFakeClock(async (now) => {
    let sent = 0;
    const gate = withRateLimit<PlatformFetch>({ fetch: async () => (sent++, new Response('ok')) });
    await gate(url);
    await Promise.all(Array.from({ length: 5000 }, () => gate(url)));
    assert.is(sent, 5001);
    assert.is(now(), 0);
  }));

test('the first call goes ahead alone; where it gets no answer, another follows each second', () =>
  onFakeClock(async (now) => {
    const times: number[] = [];
    const gate = withRateLimit<PlatformFetch>({
      fetch: async () => {
        times.push(now());
        if (times.length < 4) await new Promise((resolve) => setTimeout(resolve, 60_000));
        return new Response('ok');
      },
    });
    await Promise.all(Array.from({ length: 10 }, () => gate(url)));
    assert.ok(times[1]! >= 1000 && times[2]! >= 2000 && times[3]! >= 3000, `${times}`);
    assert.ok(times.slice(4).every((time) => time < 3200), `${times}`);
  }));

test('an aborted waiter leaves at once and frees its place', () =>
  onFakeClock(async (now) => {
    const { fetch, counts } = server(10);
    const gate = withRateLimit<PlatformFetch>({ fetch });
    await Promise.all(Array.from({ length: 10 }, () => gate(url)));
    const begin = now();
    const controller = new AbortController();
    const left = Array.from({ length: 10 }, () => rejection(gate(url, { signal: controller.signal })));
    const stay = Array.from({ length: 10 }, () => gate(url));
    await new Promise((resolve) => setTimeout(resolve, 5000));
    controller.abort('enough');
    assert.equal(await Promise.all(left), Array(10).fill('enough'));
    assert.is(now() - begin, 5000);
    await Promise.all(stay);
    assert.ok(now() < 70_000, `${now()}: their places went to those that stayed`);
    assert.is(counts.sent, 20);
    assert.is(counts.refused, 0);
  }));

test('a call that would time out before its turn fails at once', () =>
  onFakeClock(async (now) => {
    const { fetch, counts } = server(1);
    // A body of the platform arrives by a clock of its own.
    const plain: Fetch = async (input, init) => {
      const { ok, status, headers } = await fetch(input, init);
      return { ok, status, headers, text: async () => '{"connections":[]}' };
    };
    const client = createClient({ apiKey, fetch: withRateLimit({ fetch: plain }) });
    await listConnections(client);
    const begin = now();
    const error = await rejection(listConnections(client, {}, { timeout: 30_000 }));
    assert.instance(error, NangoTimeoutError);
    assert.match(error.message, 'GET /connections: no whole answer in time: rate limit');
    assert.is(now(), begin);
    assert.is(counts.sent, 1);
    // Those that have the time wait.
    await listConnections(client, {}, { timeout: 90_000 });
    assert.is(counts.sent, 2);
  }));

test('answers of the proxy are not read', () =>
  onFakeClock(async (now) => {
    const headers = { 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800009999' };
    const gate = withRateLimit<PlatformFetch>({
      fetch: async () => new Response(null, { status: 429, headers: { ...headers, 'retry-after': '50' } }),
    });
    for (let index = 0; index < 3; index++) {
      const operation = 'GET /proxy/{endpoint}';
      assert.is((await gate(url, { operation } as RequestInit)).status, 429);
    }
    assert.is(now(), 0);
  }));

test('headers that make no sense neither shut the gate nor break a call', () =>
  onFakeClock(async (now) => {
    const odd = ['', 'x', '-5', '1e999', '1.5', 'NaN', '0', '9999999999999999'];
    for (const limit of odd) {
      for (const remaining of odd) {
        for (const reset of odd) {
          const headers = {
            'x-ratelimit-limit': limit,
            'x-ratelimit-remaining': remaining,
            'x-ratelimit-reset': reset,
          };
          const gate = withRateLimit<PlatformFetch>({ fetch: async () => new Response('ok', { headers }) });
          const begin = now();
          for (let index = 0; index < 3; index++) assert.is((await gate(url)).status, 200);
          assert.ok(now() - begin <= 3 * 63_000, `${limit} ${remaining} ${reset}: ${now() - begin}`);
        }
      }
    }
  }));

test('a request of another runtime’s call that never comes back wedges nothing', () =>
  onFakeClock(async () => {
    const { fetch, counts } = server(30);
    let calls = 0;
    // As in Workers: a third of the requests ends half way, and neither settles nor cleans up.
    const gate = withRateLimit<PlatformFetch>({
      fetch: (input, init) => (calls++ % 3 ? fetch(input, init) : fetch(input, init).then(() => new Promise(() => {}))),
    });
    let answered = 0;
    for (let index = 0; index < 200; index++) void gate(url).then(() => answered++);
    while (counts.sent < 200) await new Promise((resolve) => setTimeout(resolve, 1000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.is(answered, 133);
    assert.is(counts.refused, 0);
  }));

test('waits are told to the hooks around', () =>
  onFakeClock(async () => {
    const { fetch } = server(1);
    const waits: WaitEvent[] = [];
    const observed = withHooks({ fetch: withRateLimit<PlatformFetch>({ fetch }), wait: (event) => waits.push(event) });
    await observed(url);
    await observed(url);
    await settle();
    assert.is(waits.length, 1);
    assert.is(waits[0]!.attempt, 1);
    assert.ok(waits[0]!.milliseconds > 59_000, `${waits[0]!.milliseconds}`);
  }));

test('bad options are TypeErrors that name them', () => {
  for (const value of [5, null, 'x', {}]) {
    assert.throws(() => withRateLimit({ fetch: value } as never), /fetch must be a function/);
  }
  assert.throws(() => withRateLimit({ limit: 5 } as never), /limit/);
  assert.throws(() => withRateLimit(null as never), /options must be an object/);
});

test.run();
