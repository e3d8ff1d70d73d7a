import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const of = ['plain', 'c1'] as const;
const target = { providerConfigKey: 'plain', connectionId: 'c1', model: 'Widget' };

function seeded(now: () => number = () => Date.parse('2026-01-02T03:04:05.000Z')) {
  return createEmulator({
    now,
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    connections: [{ provider_config_key: 'plain', connection_id: 'c1' }],
  });
}

test('a page begins with its cursor and gives records as the server does', async () => {
  const emulator = seeded();
  emulator.saveRecords(target, [{ id: 7, name: 'seven', big: 12345678901234567890 }]);
  const response = await emulator.fetch(`${emulator.host}/records?model=Widget`, {
    headers: { authorization: `Bearer ${emulator.apiKey}`, 'provider-config-key': 'plain', 'connection-id': 'c1' },
  });
  const text = await response.text();
  assert.ok(
    text.startsWith('{"next_cursor":null,"records":[{"id":"7","name":"seven","big":12345678901234567000,'),
    text,
  );
  const [record] = JSON.parse(text).records;
  assert.equal(Object.keys(record._nango_metadata), [
    'first_seen_at',
    'last_modified_at',
    'last_action',
    'deleted_at',
    'pruned_at',
    'cursor',
  ]);
  assert.is(record._nango_metadata.last_modified_at, '2026-01-02T03:04:05+00:00');
  assert.match(atob(record._nango_metadata.cursor), /^2026-01-02T03:04:05\+00:00\|\|[0-9a-f]{8}-[0-9a-f]{4}-5/);
});

test('cursors lead through all records once, in the order of time and UUID', async () => {
  const emulator = seeded();
  for (let batch = 0; batch < 5; batch += 1) {
    emulator.saveRecords(
      target,
      Array.from({ length: 7 }, (_, index) => ({ id: `${batch}-${index}` })),
    );
  }
  const seen: string[] = [];
  const places: string[] = [];
  let cursor: string | null = '';
  let pages = 0;
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await call(emulator, `GET /records?model=Widget&limit=4${query}`, { of });
    for (const record of body.records) {
      seen.push(record.id);
      places.push(atob(record._nango_metadata.cursor));
    }
    cursor = body.next_cursor;
    pages += 1;
  }
  assert.is(pages, 9);
  assert.is(new Set(seen).size, 35);
  assert.equal(places, [...places].sort());
});

test('a last page that is full ends with null', async () => {
  const emulator = seeded();
  emulator.saveRecords(target, [{ id: 'a' }, { id: 'b' }]);
  assert.is((await call(emulator, 'GET /records?model=Widget&limit=2', { of })).body.next_cursor, null);
});

test('saving adds, updates and leaves alone; deleting keeps; saving again brings back', async () => {
  const emulator = seeded();
  assert.equal(
    emulator.saveRecords(target, [
      { id: 1, n: 1 },
      { id: 2, n: 2 },
    ]),
    { added: 2, updated: 0, deleted: 0 },
  );
  const before = emulator.getRecord(target, 1);
  assert.equal(
    emulator.saveRecords(target, [
      { id: 1, n: 1 },
      { id: 2, n: 3 },
    ]),
    { added: 0, updated: 1, deleted: 0 },
  );
  assert.equal(emulator.getRecord(target, 1), before, 'unchanged records keep their time');
  assert.equal(emulator.deleteRecords(target, [1, 99]), { added: 0, updated: 0, deleted: 1 });
  const { body } = await call(emulator, 'GET /records?model=Widget&filter=deleted', { of });
  assert.is(body.records.length, 1);
  assert.is(body.records[0]._nango_metadata.last_action, 'DELETED');
  assert.ok(body.records[0]._nango_metadata.deleted_at);
  assert.equal(emulator.saveRecords(target, [{ id: 1, n: 1 }]), { added: 1, updated: 0, deleted: 0 });
  assert.is((emulator.getRecord(target, 1) as any)._nango_metadata.deleted_at, null);
});

test('changes move a record to the end', async () => {
  const emulator = seeded();
  emulator.saveRecords(target, [{ id: 'a', n: 1 }]);
  emulator.saveRecords(target, [{ id: 'b', n: 1 }]);
  const [a] = (await call(emulator, 'GET /records?model=Widget', { of })).body.records;
  emulator.saveRecords(target, [{ id: 'a', n: 2 }]);
  const { body } = await call(
    emulator,
    `GET /records?model=Widget&cursor=${encodeURIComponent(a._nango_metadata.cursor)}`,
    { of },
  );
  assert.equal(
    body.records.map(({ id }: { id: string }) => id),
    ['b', 'a'],
  );
});

test('filters, ids, variants and times select', async () => {
  let now = Date.parse('2026-01-02T00:00:00.000Z');
  const emulator = seeded(() => now);
  emulator.saveRecords(target, [{ id: 'a' }, { id: 'b' }, { id: 'c,d' }]);
  now += 60_000;
  emulator.saveRecords(target, [{ id: 'b', changed: true }]);
  emulator.saveRecords({ ...target, variant: 'v2' }, [{ id: 'z' }]);
  const ids = async (query: string): Promise<string> => {
    const { body } = await call(emulator, `GET /records?model=Widget&${query}`, { of });
    return body.records
      .map(({ id }: { id: string }) => id)
      .sort()
      .join(' ');
  };
  assert.is(await ids('filter=updated'), 'b');
  assert.is(await ids('filter=ADDED,updated'), 'a b c,d');
  assert.is(await ids('ids=a&ids=b'), 'a b');
  assert.is(await ids('ids[]=a'), 'a');
  assert.is(await ids('ids=c,d'), 'c,d');
  assert.is(await ids('variant=v2'), 'z');
  assert.is(await ids('modified_after=2026-01-02T00:01:00Z'), 'b');
  assert.is(await ids('modified_after=2026-01-02T00:01:00Z&delta=2026-01-01T00:00:00.000Z'), 'a b c,d', 'delta wins');
});

test('what is wrong is refused in the words of the server', async () => {
  const emulator = seeded();
  const many = Array.from({ length: 101 }, (_, index) => `ids=${index}`).join('&');
  const cases: Record<string, string> = {
    'limit=1': '400 invalid_query_params invalid_type@model',
    'model=widget': '400 invalid_query_params invalid_format@model',
    'model=Widget&limit=0': '400 invalid_query_params too_small@limit',
    'model=Widget&limit=10001': '400 invalid_query_params too_big@limit',
    'model=Widget&limit=abc': '400 invalid_query_params invalid_type@limit',
    'model=Widget&filter=bogus': '400 invalid_query_params invalid_value@filter.0',
    'model=Widget&filter=added&filter=updated': '400 invalid_query_params invalid_type@filter',
    'model=Widget&cursor=': '400 invalid_query_params too_small@cursor',
    'model=Widget&cursor=not-a-cursor': '500 server_error',
    'model=Widget&modified_after=2026-01-01': '400 invalid_query_params invalid_format@modified_after',
    'model=Widget&modified_after=2026-01-01T00:00:00%2B00:00': '400 invalid_query_params invalid_format@modified_after',
    'model=Widget&modified_after=2024-01-01T00:00:00Z': '400 invalid_query_params custom@modified_after',
    [`model=Widget&${many}`]: '400 invalid_query_params invalid_union@ids',
  };
  for (const [query, expected] of Object.entries(cases)) {
    assert.is(refusal(await call(emulator, `GET /records?${query}`, { of })), expected, query);
  }
  assert.is(
    refusal(await call(emulator, 'GET /records?model=Widget')),
    '400 invalid_headers invalid_type@connection-id invalid_type@provider-config-key',
  );
  assert.is(
    refusal(await call(emulator, 'GET /records?model=Widget', { of: ['plain', 'nope'] })),
    '400 unknown_connection',
  );
  assert.is(
    refusal(await call(emulator, 'GET /records?model=Widget', { of: ['plain', 'org%2F1'] })),
    '400 invalid_headers invalid_format@connection-id',
  );
  assert.equal((await call(emulator, 'GET /records?model=Nope', { of })).body, { next_cursor: null, records: [] });
});

test('pruning empties payloads up to a cursor and says whether there is more', async () => {
  const emulator = seeded();
  emulator.saveRecords(target, [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: 3 },
    { id: 'd', n: 4 },
  ]);
  const all = (await call(emulator, 'GET /records?model=Widget', { of })).body.records;
  const until_cursor = all[2]._nango_metadata.cursor;
  const prune = async (limit?: number) =>
    (
      await call(emulator, 'PATCH /records/prune', {
        of,
        body: { model: 'Widget', until_cursor, ...(limit && { limit }) },
      })
    ).body;
  assert.equal(await prune(2), { count: 2, has_more: true });
  assert.equal(await prune(), { count: 1, has_more: false });
  assert.equal(await prune(), { count: 0, has_more: false });
  const left = (await call(emulator, 'GET /records?model=Widget', { of })).body.records;
  assert.equal(Object.keys(left[0]), ['id', '_nango_metadata']);
  assert.ok(left[0]._nango_metadata.pruned_at);
  assert.is(left[0]._nango_metadata.last_action, 'ADDED');
  assert.equal(left[3], all[3]);
  const { _nango_metadata, ...payload } = all[0];
  assert.equal(emulator.saveRecords(target, [payload]), { added: 0, updated: 0, deleted: 0 });
  assert.equal(emulator.getRecord(target, payload.id), all[0], 'saving it as it was brings the payload back');
  const refused = await call(emulator, 'PATCH /records/prune', {
    of,
    body: { model: 'Widget', until_cursor, limit: 10001 },
  });
  assert.is(refusal(refused), '400 invalid_body too_big@limit');
});

test('records need their scope', async () => {
  const secret = '20000000-0000-4000-8000-000000000001';
  const emulator = createEmulator({ keys: [{ secret, scopes: ['environment:connections:*'] }] });
  const refused = await call(emulator, 'GET /records?model=Widget', { key: secret, of });
  assert.is(refused.body.error.message, 'Insufficient scope. Required: environment:records:read');
});

test.run();
