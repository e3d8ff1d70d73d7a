// Reading all records: which requests are made when, that nothing is lost, and that nothing is left behind.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  iterateRecordPages,
  iterateRecords,
  NangoApiError,
  NangoError,
  NangoParseError,
  NangoTimeoutError,
  pruneAllRecords,
} from '../../lib/mod.ts';
import { collect, json, rejection, scripted, settle, slow } from '../support/support.ts';
import type { Sent, Slow, Step } from '../support/support.ts';

const input = { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' };
const record = (id: string) => ({ id, _nango_metadata: { cursor: `at ${id}` } });
const page = (cursor: string | null, ...ids: string[]) => ({ next_cursor: cursor, records: ids.map(record) });
const query = ({ url }: Sent) => Object.fromEntries(url.searchParams);

/** Answers each request with a body that arrives when the test says so. */
function arriving(count: number) {
  const bodies: Slow[] = [];
  const step: Step = ({ signal }) => (bodies.push(slow({}, signal)), bodies.at(-1)!.response);
  return { bodies, ...scripted(Array.from({ length: count }, () => step)) };
}

// What is asked for and given

test('all records of all pages are given once and in order', async () => {
  const { client, sent } = scripted([json(page('c1', 'a', 'b')), json(page('c2', 'c')), json(page(null, 'd'))]);
  const records = await collect(iterateRecords(client, { ...input, variant: 'eu', filter: ['added', 'updated'] }));
  assert.equal(
    records.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
  const same = { model: 'Issue', variant: 'eu', filter: 'added,updated', limit: '1000' };
  assert.equal(sent.map(query), [same, { ...same, cursor: 'c1' }, { ...same, cursor: 'c2' }]);
  for (const { headers } of sent) assert.is(headers['connection-id'], 'c-1');
});

test('pages are given as the server sends them', async () => {
  const pages = [page('c1', 'a'), page(null, 'b')];
  const { client } = scripted(pages.map((body) => json(body)));
  assert.equal(await collect(iterateRecordPages(client, input)), pages);
});

test('a limit and a cursor to start from are passed on', async () => {
  const { client, sent } = scripted([json(page('c8')), json(page(null))]);
  await collect(iterateRecords(client, { ...input, limit: 7, cursor: 'c7', modifiedAfter: '2026-01-01T00:00:00Z' }));
  assert.equal(sent.map(query), [
    { model: 'Issue', cursor: 'c7', limit: '7', modified_after: '2026-01-01T00:00:00Z' },
    { model: 'Issue', cursor: 'c8', limit: '7', modified_after: '2026-01-01T00:00:00Z' },
  ]);
});

test('short and empty pages end nothing; only a null cursor does', async () => {
  const { client, sent } = scripted([json(page('c1')), json(page('c2', 'a')), json(page('c3')), json(page(null))]);
  assert.is((await collect(iterateRecords(client, input))).length, 1);
  assert.is(sent.length, 4);
});

test('nothing is sent before the loop starts', async () => {
  const { client, sent } = scripted([]);
  iterateRecords(client, input);
  iterateRecordPages(client, input);
  await settle();
  assert.is(sent.length, 0);
});

test('the input may change meanwhile without any effect', async () => {
  const { client, sent } = scripted([json(page('c1', 'a')), json(page(null, 'b'))]);
  const changing = { ...input };
  for await (const _ of iterateRecords(client, changing, { prefetch: false })) changing.model = 'Other';
  assert.equal(
    sent.map(({ url }) => url.searchParams.get('model')),
    ['Issue', 'Issue'],
  );
});

// Ahead

test('the next page is requested once the first piece tells its cursor, before the rest is there', async () => {
  const { client, sent, bodies } = arriving(2);
  const pages = iterateRecordPages(client, input);
  const first = pages.next();
  await settle();
  assert.is(sent.length, 1);
  bodies[0]!.push('{"next_cursor":"c1","records":[');
  await settle();
  assert.is(sent.length, 2, 'the next request has started');
  assert.is(query(sent[1]!)['cursor'], 'c1');
  bodies[0]!.push(`${JSON.stringify(record('a'))}]}`);
  bodies[0]!.end();
  assert.equal((await first).value, page('c1', 'a'));
  bodies[1]!.push(JSON.stringify(page(null, 'b')));
  bodies[1]!.end();
  assert.equal((await pages.next()).value, page(null, 'b'));
  assert.ok((await pages.next()).done);
  assert.is(sent.length, 2);
});

test('one page ahead at most', async () => {
  const { client, sent, bodies } = arriving(3);
  const pages = iterateRecordPages(client, input);
  const first = pages.next();
  await settle();
  bodies[0]!.push(JSON.stringify(page('c1', 'a')));
  bodies[0]!.end();
  await first;
  await settle();
  bodies[1]!.push(JSON.stringify(page('c2', 'b')));
  bodies[1]!.end();
  await settle();
  assert.is(sent.length, 2, 'the page after the next one waits for its turn');
  const second = pages.next();
  await settle();
  assert.equal((await second).value, page('c2', 'b'));
  await settle();
  assert.is(sent.length, 3);
  await pages.return();
});

test('without prefetch a page is requested when it is asked for', async () => {
  const { client, sent } = scripted([json(page('c1', 'a')), json(page('c2', 'b')), json(page(null))]);
  const pages = iterateRecordPages(client, input, { prefetch: false });
  for (const requests of [1, 2, 3]) {
    await pages.next();
    await settle();
    assert.is(sent.length, requests);
  }
  assert.ok((await pages.next()).done);
});

test('a cursor that is not the first member is followed once the page is there', async () => {
  const late = (cursor: string | null, ...ids: string[]) => {
    const { records } = page(cursor, ...ids);
    return JSON.stringify({ records, next_cursor: cursor });
  };
  const { client, sent, bodies } = arriving(2);
  const pages = iterateRecordPages(client, input);
  const first = pages.next();
  await settle();
  bodies[0]!.push(late('c1', 'a').slice(0, -10));
  await settle();
  assert.is(sent.length, 1);
  bodies[0]!.push(late('c1', 'a').slice(-10));
  bodies[0]!.end();
  assert.is((await first).value!.next_cursor, 'c1');
  assert.is(sent.length, 2, 'it is ahead of the loop all the same');
  bodies[1]!.push(late(null, 'b'));
  bodies[1]!.end();
  assert.equal(await collect(pages), [page(null, 'b')]);
});

test('a cursor cut between two pieces, spaces, escapes, and a record that holds a next_cursor', async () => {
  const { client, sent, bodies } = arriving(3);
  const pages = iterateRecordPages(client, input);
  const first = pages.next();
  await settle();
  bodies[0]!.push('\n{ "next_cursor" : "c');
  await settle();
  assert.is(sent.length, 1);
  bodies[0]!.push('1", "records": []}');
  bodies[0]!.end();
  assert.is((await first).value!.next_cursor, 'c1');
  const second = pages.next();
  await settle();
  bodies[1]!.push('{"next_cursor":"c\\u0032","records":[]}');
  bodies[1]!.end();
  assert.is((await second).value!.next_cursor, 'c2');
  assert.is(query(sent[2]!)['cursor'], 'c2', 'read as JSON, not as it is spelled');
  const third = pages.next();
  bodies[2]!.push('{"records":[{"next_cursor":"trap","_nango_metadata":{}}],"next_cursor":null}');
  bodies[2]!.end();
  await third;
  assert.ok((await pages.next()).done);
  assert.is(sent.length, 3);
});

test('nothing is ahead of the last page', async () => {
  const { client, sent } = scripted([json(page(null, 'a'))]);
  const pages = iterateRecordPages(client, input);
  await pages.next();
  await settle();
  assert.is(sent.length, 1);
});

// Leaving

for (
  const [how, leave] of Object.entries<(client: ReturnType<typeof arriving>['client']) => Promise<unknown>>({
    break: async (client) => {
      for await (const _ of iterateRecords(client, input)) break;
    },
    throw: (client) =>
      rejection(async () => {
        for await (const _ of iterateRecordPages(client, input)) throw new Error('mine');
      }),
    return: async (client) => {
      const pages = iterateRecordPages(client, input);
      await pages.next();
      await pages.return();
    },
  })
) {
  test(`leaving by ${how} aborts the request that is ahead, and leaves no unhandled rejection`, async () => {
    const { client, sent } = scripted([
      json(page('c1', 'a')),
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
    await leave(client);
    assert.is(sent.length, 2);
    assert.ok(sent[1]!.signal.aborted);
    await settle();
  });
}

test('a page ahead that fails is told at its turn, after the page before it', async () => {
  const { client } = scripted([json(page('c1', 'a')), json({ error: { code: 'server_error' } }, { status: 500 })]);
  const pages = iterateRecordPages(client, input);
  assert.equal((await pages.next()).value, page('c1', 'a'));
  await settle();
  const error = await rejection(pages.next());
  assert.instance(error, NangoApiError);
  assert.is(error.reason, 'server_error');
  assert.ok((await pages.next()).done);
});

test('a page ahead that fails while nobody asks for it fails silently', async () => {
  const { client } = scripted([json(page('c1', 'a')), new TypeError('fetch failed')]);
  const pages = iterateRecordPages(client, input);
  await pages.next();
  await settle();
  await pages.return();
  await settle();
});

test('a page that fails after its cursor was known ends the request that is ahead', async () => {
  const { client, sent, bodies } = arriving(2);
  const call = rejection(iterateRecordPages(client, input).next());
  await settle();
  bodies[0]!.push('{"next_cursor":"c1","records":[');
  await settle();
  bodies[0]!.end();
  assert.instance(await call, NangoParseError);
  await settle();
  assert.is(sent.length, 2);
  assert.ok(sent[1]!.signal.aborted);
});

// Aborts and time limits

test('an abort rejects with its reason, whatever is under way', async () => {
  for (const step of ['before', 'headers', 'body', 'between']) {
    const { client, sent, bodies } = arriving(2);
    const controller = new AbortController();
    if (step === 'before') controller.abort('enough');
    const pages = iterateRecordPages(client, input, { signal: controller.signal });
    const first = pages.next();
    first.catch(() => {});
    if (step !== 'before') await settle();
    if (step === 'body') bodies[0]!.push('{"next_cursor":"c1",');
    if (step === 'between') {
      bodies[0]!.push(JSON.stringify(page('c1', 'a')));
      bodies[0]!.end();
      await first;
    }
    if (step === 'body') await settle();
    controller.abort('enough');
    assert.is(await rejection(step === 'between' ? pages.next() : first), 'enough', step);
    assert.is(sent.length, { before: 0, headers: 1, body: 2, between: 2 }[step]);
    for (const { signal } of sent.slice(step === 'between' ? 1 : 0)) assert.ok(signal.aborted, step);
    await settle();
  }
});

test('the timeout holds for each page', async () => {
  const { client } = scripted([json(page('c1', 'a')), () => new Promise(() => {})]);
  const pages = iterateRecordPages(client, input, { timeout: 20 });
  await pages.next();
  assert.instance(await rejection(pages.next()), NangoTimeoutError);
});

test('onResponse and headers hold for each page', async () => {
  const { client, sent } = scripted([json(page('c1', 'a')), json(page(null))]);
  let responses = 0;
  await collect(iterateRecords(client, input, { headers: { 'x-trace': 't' }, onResponse: () => void responses++ }));
  assert.is(responses, 2);
  assert.equal(
    sent.map(({ headers }) => headers['x-trace']),
    ['t', 't'],
  );
});

test('no listener is left on the signal', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: any) => (listeners++, addEventListener.apply(signal, args));
  signal.removeEventListener = (...args: any) => (listeners--, removeEventListener.apply(signal, args));
  const { client } = scripted([
    json(page('c1', 'a')),
    json(page(null)),
    json(page('c1', 'a')),
    () => new Promise(() => {}),
  ]);
  await collect(iterateRecords(client, input, { signal }));
  for await (const _ of iterateRecords(client, input, { signal })) break;
  await settle();
  assert.is(listeners, 0);
});

// Servers that err

test('a repeated cursor is an error after its page, not an endless loop', async () => {
  for (
    const [cursors, start] of [
      [['c1', 'c1'], undefined],
      [['c1', 'c2', 'c1'], undefined],
      [['c7'], 'c7'],
    ] as const
  ) {
    for (const prefetch of [true, false]) {
      const { client, sent } = scripted(cursors.map((cursor) => json(page(cursor, 'a'))));
      const pages = iterateRecordPages(client, { ...input, cursor: start }, { prefetch });
      for (const cursor of cursors) assert.is((await pages.next()).value!.next_cursor, cursor);
      const error = await rejection(pages.next());
      assert.instance(error, NangoError);
      assert.is(error.code, 'repeated_cursor');
      assert.is(error.operation, 'GET /records');
      await settle();
      assert.is(sent.length, cursors.length);
    }
  }
});

test('an answer that is JSON but no page is an error, never an end', async () => {
  for (const body of [{}, { records: [] }, null, []]) {
    const { client, sent } = scripted([json(body)]);
    assert.instance(await rejection(collect(iterateRecords(client, input))), NangoError, JSON.stringify(body));
    assert.is(sent.length, 1);
  }
});

test('an odd cursor of the server is sent back as it is', async () => {
  const cursor = `${'ü☃ &=?#%+'.repeat(200)}`;
  const { client, sent } = scripted([json(page(cursor, 'a')), json(page(null))]);
  assert.is((await collect(iterateRecords(client, input))).length, 1);
  assert.is(query(sent[1]!)['cursor'], cursor);
});

test('characters that are cut between two pieces are put together', async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(page(null, 'ü☃😀')));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const { client } = scripted([new Response(body)]);
  assert.is((await collect(iterateRecords(client, input)))[0]!.id, 'ü☃😀');
});

test('an answer without a body is a parse error', async () => {
  const { client } = scripted([new Response(null, { status: 200 })]);
  assert.instance(await rejection(iterateRecordPages(client, input).next()), NangoParseError);
});

// A server that keeps to the rules, with as many pages as it takes

test('no record is lost or given twice, with whatever sizes of pages', async () => {
  for (const size of [1, 2, 3, 7, 100]) {
    const all = Array.from({ length: 40 }, (_, at) => `r${at}`);
    const { client } = scripted(
      Array.from({ length: 41 }, () => ({ url }: Sent) => {
        const from = Number(url.searchParams.get('cursor') ?? 0);
        const next = from + size < all.length ? `${from + size}` : null;
        return json(page(next, ...all.slice(from, from + size)));
      }),
    );
    assert.equal(
      (await collect(iterateRecords(client, input))).map(({ id }) => id),
      all,
    );
  }
});

// Pruning

test('pruneAllRecords prunes until there is no more', async () => {
  const { client, sent } = scripted([
    json({ count: 1000, has_more: true }),
    json({ count: 1000, has_more: true }),
    json({ count: 3, has_more: false }),
  ]);
  assert.equal(await pruneAllRecords(client, { ...input, untilCursor: 'c9' }), { count: 2003 });
  assert.is(sent.length, 3);
  for (const { method, body } of sent) {
    assert.is(method, 'PATCH');
    assert.equal(JSON.parse(body as string), { model: 'Issue', until_cursor: 'c9' });
  }
});

test('pruneAllRecords ends where there is more but nothing was pruned', async () => {
  const { client, sent } = scripted([json({ count: 5, has_more: true }), json({ count: 0, has_more: true })]);
  assert.equal(await pruneAllRecords(client, { ...input, untilCursor: 'c9', limit: 5 }), { count: 5 });
  assert.is(sent.length, 2);
});

test('pruneAllRecords fails as soon as a call fails, and stops on abort', async () => {
  const { client } = scripted([
    json({ count: 5, has_more: true }),
    json({ error: { code: 'invalid_body' } }, { status: 400 }),
  ]);
  assert.is((await rejection(pruneAllRecords(client, { ...input, untilCursor: 'c9' }))).reason, 'invalid_body');
  const controller = new AbortController();
  const aborted = scripted([
    () => {
      setTimeout(() => controller.abort('enough'));
      return json({ count: 5, has_more: true });
    },
    () => new Promise<Response>(() => {}),
  ]);
  const call = pruneAllRecords(aborted.client, { ...input, untilCursor: 'c9' }, { signal: controller.signal });
  assert.is(await rejection(call), 'enough');
});

test.run();
