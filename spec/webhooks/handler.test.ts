// Receiving webhooks: reading, handling, refusing, and telling an event from what looks like one.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createWebhookHandler, readWebhook, recordsOf, signWebhook, toLambdaHandler } from '../../lib/webhooks/mod.ts';
import type { SyncWebhook, WebhookHandlerOptions } from '../../lib/webhooks/mod.ts';
import { rejection } from '../support/support.ts';

const key = 'e3b0c442-98fc-4c14-9afb-f4c8996fb924';
const url = 'https://app.example/webhooks';
const of = { from: 'nango', connectionId: 'c-1', providerConfigKey: 'github' };
const sync = { ...of, type: 'sync', model: 'Issue', syncName: 'issues', syncVariant: 'base', success: true };

async function signed(event: object | string, use: string = key): Promise<Request> {
  return new Request(url, await signWebhook(event, use));
}

/** Creates a handler that notes what it was told. */
function noting(options: Partial<WebhookHandlerOptions> = {}) {
  const seen: [string, unknown][] = [];
  const note = (kind: string) => (event: unknown) => void seen.push([kind, event]);
  const on = {
    auth: note('auth'),
    sync: note('sync'),
    forward: note('forward'),
    async_action: note('async_action'),
    unknown: note('unknown'),
  };
  const handle = createWebhookHandler({ keys: key, on, onError: () => {}, ...options });
  return { handle, seen };
}

test('each kind of event goes to its own listener', async () => {
  const { handle, seen } = noting();
  const events = [
    { ...of, type: 'auth', operation: 'creation' },
    sync,
    { ...of, type: 'forward', from: 'slack', payload: { a: 1 } },
    { ...of, type: 'async_action', payload: { id: 'x', statusUrl: '/action/x' } },
  ];
  for (const event of events) assert.is((await handle(await signed(event))).status, 204);
  assert.equal(seen, events.map((event) => [event.type, event]));
});

test('what comes without the envelope is unknown, also where it has a type of its own', async () => {
  const { handle, seen } = noting();
  const bodies = [
    { type: 'auth', user: 1 },
    { ...sync, from: 'evil' },
    { ...of, type: 'brand_new' },
    [1],
    null,
    'text',
  ];
  for (const body of bodies) await handle(await signed(JSON.stringify(body)));
  assert.equal(seen, bodies.map((payload) => ['unknown', { type: 'unknown', payload }]));
});

test('a key that replaces another is taken beside it', async () => {
  const { handle, seen } = noting({ keys: ['the-new-one', key] });
  await handle(await signed(sync));
  await handle(await signed({ ...sync, model: 'Pull' }, 'the-new-one'));
  assert.is(seen.length, 2);
});

test('every refusal has a status and a reason of its own, and handles nothing', async () => {
  const { headers, body } = await signWebhook(sync, key);
  const signature = headers['x-nango-hmac-sha256']!;
  const post = (changed: Record<string, string>, text: BodyInit = body): Request =>
    new Request(url, { method: 'POST', headers: changed, body: text });
  const refusals: [string, number, () => Request][] = [
    ['no_signature', 401, () => post({})],
    ['legacy_signature_only', 401, () => post({ 'x-nango-signature': signature })],
    ['malformed_signature', 401, () => post({ 'x-nango-hmac-sha256': signature.slice(1) })],
    ['mismatch', 401, () => post(headers, `${body} `)],
    [
      'mismatch',
      401,
      () => post({ 'x-nango-hmac-sha256': signature.replace(/./, (digit) => (digit === '0' ? '1' : '0')) }),
    ],
    ['too_large', 413, () => post(headers, 'x'.repeat(2000))],
    ['too_large', 413, () => post({ ...headers, 'content-length': '2000' })],
  ];
  for (const [reason, status, make] of refusals) {
    const { handle, seen } = noting({ maxBytes: 1000 });
    const error = await rejection(readWebhook(make(), key, { maxBytes: 1000 }));
    assert.equal([error.name, error.reason, error.status], ['WebhookRefusedError', reason, status]);
    const response = await handle(make());
    assert.is(response.status, status);
    assert.not.match(await response.text(), key);
    assert.equal(seen, []);
  }
  const notJson = await rejection(readWebhook(await signed('{"a":'), key));
  assert.equal([notJson.reason, notJson.status, notJson.cause], ['not_json', 400, undefined]);
});

test('other methods are refused, and a request whose body was read before', async () => {
  const { handle } = noting();
  const response = await handle(new Request(url));
  assert.equal([response.status, response.headers.get('allow')], [405, 'POST']);
  const request = await signed(sync);
  await request.text();
  assert.instance(await rejection(readWebhook(request, key)), TypeError);
  assert.is((await handle(request)).status, 500);
});

test('a listener that fails is answered with 500, and the event is handled when it comes again', async () => {
  const told: unknown[] = [];
  const failure = new Error('the database is down');
  let fails = true;
  let handled = 0;
  const handle = createWebhookHandler({
    keys: key,
    on: {
      sync: () => {
        if (fails) throw failure;
        handled++;
      },
    },
    onError: (error) => void told.push(error),
  });
  const response = await handle(await signed(sync));
  assert.is(response.status, 500);
  assert.not.match(await response.text(), 'database');
  fails = false;
  assert.is((await handle(await signed(sync))).status, 204);
  assert.equal([told, handled], [[failure], 1]);
});

test('what is delivered again is acknowledged, and not handled again', async () => {
  const { handle, seen } = noting();
  for (let time = 0; time < 3; time++) assert.is((await handle(await signed(sync))).status, 204);
  assert.is(seen.length, 1);
  const all = noting({ store: false });
  for (let time = 0; time < 3; time++) await all.handle(await signed(sync));
  assert.is(all.seen.length, 3);
  const store = new Set<string>();
  const own = noting({ store });
  await own.handle(await signed(sync));
  assert.is(store.size, 1);
  const second = noting({ store });
  await second.handle(await signed(sync));
  assert.equal(second.seen, [], 'another process knows it by the store');
});

test('with waitUntil the answer goes out before the work is done', async () => {
  let finish!: () => void;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const waited: Promise<unknown>[] = [];
  const { handle } = noting({ on: { sync: () => done } });
  const response = await handle(await signed(sync), { waitUntil: (work) => void waited.push(work) });
  assert.is(response.status, 204);
  assert.is(waited.length, 1);
  finish();
  await waited[0];
});

test('a Lambda gets the same in both payload forms, in text and in base64', async () => {
  const { headers, body } = await signWebhook({ ...sync, text: 'ü' }, key);
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(body)));
  const forms = [
    { httpMethod: 'POST', path: '/webhooks', headers, body },
    {
      httpMethod: 'POST',
      path: '/webhooks',
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      body,
    },
    { requestContext: { http: { method: 'POST' } }, rawPath: '/webhooks', rawQueryString: 'a=b', headers, body },
    {
      requestContext: { http: { method: 'POST' } },
      rawPath: '/webhooks',
      headers,
      body: base64,
      isBase64Encoded: true,
    },
  ];
  for (const form of forms) {
    const { handle, seen } = noting();
    assert.is((await toLambdaHandler(handle)(form)).statusCode, 204);
    assert.is(seen.length, 1);
  }
  assert.is((await toLambdaHandler(noting().handle)({ httpMethod: 'GET', path: '/' })).statusCode, 405);
});

test('a sync tells which records to read', () => {
  assert.equal(recordsOf(sync as SyncWebhook), {
    providerConfigKey: 'github',
    connectionId: 'c-1',
    model: 'Issue',
    variant: 'base',
  });
  assert.throws(() => recordsOf({ ...of, type: 'auth' } as never), /event must be the event of a sync/);
});

test.run();
