import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator } from '../../lib/testing/mod.ts';
import { call } from '../support/emulator.ts';

const of = ['plain', 'c1'] as const;
const target = { providerConfigKey: 'plain', connectionId: 'c1', model: 'Widget' };

function seeded() {
  return createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    connections: [{ provider_config_key: 'plain', connection_id: 'c1' }],
  });
}

const caught = async (work: Promise<unknown>): Promise<any> =>
  work.then(
    () => assert.unreachable(),
    (error: unknown) => error,
  );

test('a fault applies to the requests it matches, as often as it says', async () => {
  const emulator = seeded();
  const fault = emulator.fail({
    operation: 'listConnections',
    status: 503,
    skip: 1,
    times: 2,
    headers: { 'retry-after': '2' },
  });
  const statuses: number[] = [];
  for (let index = 0; index < 5; index += 1) statuses.push((await call(emulator, 'GET /connections')).status);
  assert.equal(statuses, [200, 503, 503, 200, 200]);
  assert.is(fault.used, 2);
  emulator.fail({ method: 'post', path: /metadata$/, status: 500, body: 'no', times: Infinity });
  assert.is((await call(emulator, 'POST /connections/metadata', { body: {} })).body, 'no');
  assert.is((await call(emulator, 'GET /integrations')).status, 200);
  emulator.clearFaults();
  assert.is((await call(emulator, 'POST /connections/metadata', { body: {} })).status, 400);
});

test('a fault can be taken back', async () => {
  const emulator = seeded();
  const fault = emulator.fail({ status: 500 });
  fault.remove();
  assert.is((await call(emulator, 'GET /connections')).status, 200);
});

test('a reset before leaves things as they were, one after does not', async () => {
  const emulator = seeded();
  const body = { provider_config_key: 'plain', connection_id: 'c2', credentials: { type: 'NONE' } };
  emulator.fail({ reset: true });
  const before = await caught(call(emulator, 'POST /connections', { body }));
  assert.instance(before, TypeError);
  assert.is(before.cause.code, 'ECONNRESET');
  assert.is(emulator.store.environments[0]?.connections.size, 1);
  emulator.fail({ reset: 'after' });
  await caught(call(emulator, 'POST /connections', { body }));
  assert.is(emulator.store.environments[0]?.connections.size, 2);
});

test('a cut body breaks after so many bytes', async () => {
  const emulator = seeded();
  emulator.fail({ operation: 'listConnections', cut: 10 });
  const response = await emulator.fetch(`${emulator.host}/connections`, {
    headers: { authorization: `Bearer ${emulator.apiKey}` },
  });
  const reader = response.body!.getReader();
  assert.is(new TextDecoder().decode((await reader.read()).value), '{"connecti');
  assert.instance(await caught(reader.read()), TypeError);
});

test('what stalls ends with the signal, before the headers and in the body', async () => {
  const emulator = seeded();
  const reason = new Error('enough');
  const init = (signal: AbortSignal) => ({ signal, headers: { authorization: `Bearer ${emulator.apiKey}` } });
  emulator.fail({ stall: 'headers' });
  const first = new AbortController();
  const waiting = caught(emulator.fetch(`${emulator.host}/connections`, init(first.signal)));
  setTimeout(() => first.abort(reason), 1);
  assert.is(await waiting, reason);
  emulator.fail({ stall: 'body' });
  const second = new AbortController();
  const response = await emulator.fetch(`${emulator.host}/connections`, init(second.signal));
  assert.is(response.status, 200);
  setTimeout(() => second.abort(reason), 1);
  // Some browsers put an error of their own in the place of the reason.
  assert.instance(await caught(response.text()), Error);
});

test('a delay passes, and can be cut short', async () => {
  const emulator = seeded();
  emulator.fail({ delay: 5 });
  assert.is((await call(emulator, 'GET /connections')).status, 200);
  emulator.fail({ delay: 60_000 });
  const controller = new AbortController();
  const waiting = caught(emulator.fetch(`${emulator.host}/connections`, { signal: controller.signal }));
  controller.abort(new Error('enough'));
  assert.is((await waiting).message, 'enough');
});

test('HTML, rate limits and repeated pages are as they are met', async () => {
  const emulator = seeded();
  emulator.fail({ html: true });
  const page = await call(emulator, 'GET /connections');
  assert.equal([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  emulator.fail({ html: true, status: 502 });
  assert.is((await call(emulator, 'GET /connections')).status, 502);
  emulator.fail({ rateLimit: 7 });
  const limited = await call(emulator, 'GET /connections');
  assert.equal([limited.status, limited.headers.get('retry-after')], [429, '7']);
  assert.equal(limited.body, { error: { code: 'too_many_request', method: 'GET', path: '/connections' } });
  emulator.saveRecords(target, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  const first = (await call(emulator, 'GET /records?model=Widget&limit=1', { of })).body;
  emulator.fail({ operation: 'listRecords', repeatPage: true });
  const cursor = encodeURIComponent(first.next_cursor);
  const repeated = (await call(emulator, `GET /records?model=Widget&limit=1&cursor=${cursor}`, { of })).body;
  assert.is(repeated.next_cursor, first.next_cursor);
});

test('the rate limit counts what gets past authentication, for the whole account', async () => {
  let now = 1_000_000;
  const emulator = createEmulator({ now: () => now, rateLimit: { limit: 2, window: 10_000 } });
  const first = await call(emulator, 'GET /connections');
  assert.equal(
    ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'].map((name) => first.headers.get(name)),
    ['2', '1', '1010'],
  );
  await call(emulator, 'GET /connections', { key: null });
  assert.is((await call(emulator, 'GET /connections?bad=1')).status, 400, 'a bad request counts');
  now += 500;
  const limited = await call(emulator, 'POST /integrations', { body: {} });
  assert.equal([limited.status, limited.headers.get('retry-after')], [429, '9']);
  assert.equal(limited.body.error, { code: 'too_many_request', method: 'POST', path: '/integrations' });
  now += 10_000;
  assert.is((await call(emulator, 'GET /connections')).status, 200);
  const free = createEmulator({ rateLimit: false });
  assert.is((await call(free, 'GET /connections')).headers.get('x-ratelimit-limit'), null);
});

test('a fault that is misspelt is refused', () => {
  const emulator = seeded();
  assert.throws(
    () => emulator.fail({ operation: 'listConnection' }),
    /unknown operation "listConnection"; did you mean "listConnections"\?/,
  );
  assert.throws(() => emulator.fail({ statuss: 500 } as object), /no member "statuss"; did you mean "status"\?/);
});

test.run();
