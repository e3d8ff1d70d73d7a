import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ActionError, type ActionFunction, createEmulator, type EmulatorSeed } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const of = ['bearer', 'c1'] as const;

function seeded(actions: Record<string, ActionFunction>, more: EmulatorSeed = {}) {
  return createEmulator({
    integrations: [{ provider: 'private-api-bearer', unique_key: 'bearer' }],
    connections: [
      { provider_config_key: 'bearer', connection_id: 'c1', credentials: { type: 'API_KEY', apiKey: 'sk' } },
    ],
    actions,
    ...more,
  });
}

const trigger = (emulator: ReturnType<typeof seeded>, action_name: string, input?: unknown, headers = {}) =>
  call(emulator, 'POST /action/trigger', {
    of,
    headers,
    body: { action_name, ...(input === undefined ? {} : { input }) },
  });

test('an action gets its input and gives any JSON value', async () => {
  const emulator = seeded({
    echo: (input, io) => ({ input, conn: io.connectionId }),
    nothing: () => undefined,
    text: () => 'hi',
  });
  assert.equal((await trigger(emulator, 'echo', { a: 1 })).body, { input: { a: 1 }, conn: 'c1' });
  assert.equal((await trigger(emulator, 'echo')).body.input, {}, 'no input is an empty object');
  assert.is((await trigger(emulator, 'echo', 0)).body.input, null, 'a falsy input is null');
  assert.is((await trigger(emulator, 'nothing')).body, null);
  assert.is((await trigger(emulator, 'text')).body, 'hi');
});

test('failures take the shapes of the server', async () => {
  const emulator = seeded(
    {
      custom: () => {
        throw new ActionError({ message: 'custom failure', detail: { code: 7 } });
      },
      boom: () => {
        throw new Error('boom');
      },
      upstream: async (_input, io) => (await io.fetch('/missing')).json(),
      large: () => 'x'.repeat(3_000_000),
    },
    {
      provider: (request) => {
        assert.is(request.headers.get('authorization'), 'Bearer sk');
        return new Response('{"error":"gone"}', { status: 404, headers: { 'content-type': 'application/json' } });
      },
    },
  );
  const custom = await trigger(emulator, 'custom');
  assert.is(refusal(custom), '500 action_script_runtime_error');
  assert.equal(custom.body.error.payload, { detail: { code: 7 }, message: 'custom failure' });
  const boom = await trigger(emulator, 'boom');
  assert.is(refusal(boom), '500 script_internal_error');
  assert.is(boom.body.error.payload.message, 'boom');
  const upstream = await trigger(emulator, 'upstream');
  assert.is(upstream.status, 424);
  assert.equal(upstream.body, {
    error: {
      payload: { error: 'gone' },
      code: 'script_http_error',
      upstream: { status: 404, headers: { 'content-type': 'application/json' }, body: { error: 'gone' } },
    },
  });
  assert.match((await trigger(emulator, 'large')).body.error.payload.message, 'too large');
});

test('what is not there is refused', async () => {
  const emulator = seeded({ echo: (input) => input });
  assert.is(refusal(await trigger(emulator, 'nope')), '404 not_found');
  assert.is(refusal(await trigger(emulator, 'has space')), '400 invalid_body invalid_format@action_name');
  const unknown = await call(emulator, 'POST /action/trigger', {
    of: ['bearer', 'nope'],
    body: { action_name: 'echo' },
  });
  assert.is(refusal(unknown), '400 unknown_connection');
  const headers = await call(emulator, 'POST /action/trigger', { body: { action_name: 'echo' } });
  assert.is(refusal(headers), '400 invalid_headers invalid_type@provider-config-key invalid_type@connection-id');
  assert.is(
    refusal(await trigger(emulator, 'echo', {}, { 'x-async': 'maybe' })),
    '400 invalid_headers invalid_value@x-async',
  );
});

test('a queued action is pending until it is through, and tells when it is', async () => {
  let finish: (value: unknown) => void = () => undefined;
  const emulator = seeded({ slow: () => new Promise((done) => (finish = done)) });
  const queued = await trigger(emulator, 'slow', {}, { 'x-async': 'true' });
  assert.is(queued.status, 202);
  const { id, statusUrl } = queued.body;
  assert.is(statusUrl, `/action/${id}`);
  assert.is(queued.headers.get('location'), statusUrl);
  assert.is(refusal(await call(emulator, `GET ${statusUrl}`)), '404 not_found');
  finish({ slept: true });
  await emulator.settled();
  assert.equal((await call(emulator, `GET ${statusUrl}`)).body, { slept: true });
  assert.equal(emulator.webhooks.deliveries[0]?.event, {
    from: 'nango',
    type: 'async_action',
    connectionId: 'c1',
    providerConfigKey: 'bearer',
    payload: { id, statusUrl },
  });
});

test('a queued action that gives null stays 404, one that fails answers its failure', async () => {
  let tries = 0;
  const emulator = seeded({
    nothing: () => null,
    boom: () => {
      tries += 1;
      throw new Error('boom');
    },
  });
  const nothing = await trigger(emulator, 'nothing', {}, { 'x-async': 'true' });
  const boom = await trigger(emulator, 'boom', {}, { 'x-async': 'true', 'x-max-retries': '2' });
  await emulator.settled();
  assert.is(refusal(await call(emulator, `GET ${nothing.body.statusUrl}`)), '404 not_found');
  assert.is(refusal(await call(emulator, `GET ${boom.body.statusUrl}`)), '500 script_internal_error');
  assert.is(tries, 3);
  assert.is(refusal(await call(emulator, 'GET /action/abc')), '400 invalid_uri_params invalid_format@id');
  assert.is(refusal(await call(emulator, 'GET /action/11111111-1111-4111-8111-111111111111')), '404 not_found');
});

test('who gives up on an action does not wait for it', async () => {
  const emulator = seeded({ endless: () => new Promise(() => undefined) });
  const controller = new AbortController();
  const reason = new Error('enough');
  const headers = {
    authorization: `Bearer ${emulator.apiKey}`,
    'content-type': 'application/json',
    'provider-config-key': 'bearer',
    'connection-id': 'c1',
  };
  const body = JSON.stringify({ action_name: 'endless' });
  const calling = emulator.fetch(`${emulator.host}/action/trigger`, {
    method: 'POST',
    headers,
    body,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(reason), 1);
  assert.is(await calling.catch((error: unknown) => error), reason);
});

test('queued actions run one after the other', async () => {
  const order: string[] = [];
  const emulator = seeded({
    step: async (input) => {
      order.push(`begin ${input}`);
      await new Promise((done) => setTimeout(done, 1));
      order.push(`end ${input}`);
    },
  });
  await trigger(emulator, 'step', 'a', { 'x-async': 'true' });
  await trigger(emulator, 'step', 'b', { 'x-async': 'true' });
  await emulator.settled();
  assert.equal(order, ['begin a', 'end a', 'begin b', 'end b']);
});

test('the old endpoints run actions and list records', async () => {
  const emulator = seeded(
    {},
    {
      actions: { echo: { endpoints: [{ method: 'POST', path: '/echo' }], run: (input) => input } },
      syncs: { widgets: { models: ['Widget'], endpoints: [{ method: 'GET', path: '/widgets' }] } },
    },
  );
  emulator.saveRecords({ providerConfigKey: 'bearer', connectionId: 'c1', model: 'Widget' }, [{ id: 1 }]);
  assert.equal((await call(emulator, 'POST /v1/echo', { of, body: { a: 1 } })).body, { a: 1 });
  assert.is((await call(emulator, 'GET /v1/widgets', { of })).body.records.length, 1);
  assert.equal((await call(emulator, 'GET /v1/unknown', { of })).body, { message: "Unknown endpoint 'GET /unknown'" });
});

test.run();
