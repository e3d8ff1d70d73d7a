// Actions beyond their rows: outputs of any kind, the time limit, where a statusUrl may lead, and waiting.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  getAsyncActionResult,
  isNangoError,
  triggerAction,
  triggerActionAsync,
  waitForAction,
} from '../../lib/mod.ts';
import { ActionError, createEmulator } from '../../lib/testing/mod.ts';
import { json, rejection, scripted, settle } from '../support/support.ts';
import { hurry } from '../support/time.ts';

const id = 'b635fda5-9ebd-4120-b8f7-dcf59a5c7f51';
const other = '156b933f-aea7-4725-84e5-f55fe5b69626';
const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const pending = (): Response =>
  json({ error: { code: 'not_found', message: `No action '${id}' found` } }, { status: 404 });

function emulated() {
  const emulator = createEmulator({
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c-1' }],
    actions: {
      echo: (input) => ({ echoed: input }),
      number: () => 42,
      nothing: () => null,
      refuse: () => {
        throw new ActionError({ detail: { code: 7 } });
      },
    },
  });
  return createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch: emulator.fetch });
}

test('an action gives any JSON value, or the error that it throws', async () => {
  const client = emulated();
  const input = { hello: 'wörld ☃' };
  assert.equal(await triggerAction(client, { ...connection, actionName: 'echo', input }), { echoed: input });
  assert.is(await triggerAction(client, { ...connection, actionName: 'number' }), 42);
  assert.is(await triggerAction(client, { ...connection, actionName: 'nothing' }), null);
  const error = await rejection(triggerAction(client, { ...connection, actionName: 'refuse' }));
  assert.is(error.reason, 'action_script_runtime_error');
  assert.equal(error.payload.detail, { code: 7 });
});

test('an action has all the time it needs, unless the call says otherwise', async () => {
  const late = () => new Promise<Response>((resolve) => setTimeout(() => resolve(json({ done: true })), 30));
  const never = () => new Promise<Response>(() => {});
  const { client } = scripted([late, never, never], { timeout: 5 });
  const input = { ...connection, actionName: 'slow' };
  assert.equal(await triggerAction(client, input), { done: true });
  assert.is((await rejection(triggerAction(client, input, { timeout: 5 }))).code, 'timeout');
  const controller = new AbortController();
  const aborted = rejection(triggerAction(client, input, { signal: controller.signal }));
  controller.abort('enough');
  assert.is(await aborted, 'enough');
});

test('what triggerActionAsync gives leads to the result', async () => {
  const client = emulated();
  const run = await triggerActionAsync(client, { ...connection, actionName: 'echo', input: [1] });
  assert.equal(await waitForAction(client, { ...run, interval: 1 }), { echoed: [1] });
  assert.equal(await getAsyncActionResult(client, run), { echoed: [1] });
  assert.equal(await getAsyncActionResult(client, { statusUrl: run.statusUrl }), { echoed: [1] });
});

test('a statusUrl leads nowhere but to the results of the own host', async () => {
  const host = 'https://nango.example.com/base';
  for (const statusUrl of [`/action/${id}`, `${host}/action/${id}`]) {
    const { client, sent } = scripted([json(1)], { host });
    assert.is(await getAsyncActionResult(client, { statusUrl }), 1);
    assert.is(sent[0]!.url.href, `${host}/action/${id}`);
  }
  const bad = [
    '',
    id,
    `action/${id}`,
    `/action/${id}/`,
    `/action/${id}?a=b`,
    `/action/${id}#a`,
    `/action/${id}\n`,
    `/action//${id}`,
    `/action/../records`,
    `/action/${id}/../../records`,
    '/action/abc',
    '/records',
    `//evil.example/action/${id}`,
    `.evil.example/action/${id}`,
    `@evil.example/action/${id}`,
    `https://evil.example/action/${id}`,
    `${host}.evil.example/action/${id}`,
    `${host}@evil.example/action/${id}`,
    `https://nango.example.com/action/${id}`,
    `http://nango.example.com/base/action/${id}`,
    `${host}/records/action/${id}`,
    `/action/${id}/action/${id}`,
    ` /action/${id}`,
    `\\action\\${id}`,
    null,
    7,
    {},
  ];
  const { client, sent } = scripted([], { host });
  for (const statusUrl of bad) {
    for (const call of [getAsyncActionResult, waitForAction]) {
      const error = await rejection(call(client, { statusUrl: statusUrl as string }));
      assert.instance(error, TypeError, String(statusUrl));
      assert.match(error.message, 'statusUrl');
    }
  }
  assert.is(sent.length, 0);
});

test('waitForAction looks again after growing pauses', async () => {
  const at: number[] = [];
  const look = (): Response => {
    at.push(Date.now());
    return at.length < 6 ? pending() : json({ done: true });
  };
  const { client } = scripted(Array.from({ length: 6 }, () => look));
  assert.equal(await hurry(() => waitForAction(client, { id, interval: 4000 })), { done: true });
  const pauses = at.slice(1).map((time, index) => time - at[index]!);
  assert.equal(pauses.slice(0, 5), [4000, 6000, 9000, 10_000, 10_000]);
});

test('waitForAction gives outputs that are false, and fails with the error of the action', async () => {
  for (const output of [false, 0, '']) {
    const { client } = scripted([pending, json(output)]);
    assert.is(await waitForAction(client, { id, interval: 1 }), output);
  }
  const failures = { script_internal_error: 500, script_http_error: 424, invalid_action_output: 400 };
  for (const [code, status] of Object.entries(failures)) {
    const { client } = scripted([pending, json({ error: { code, payload: {} } }, { status })]);
    assert.is((await rejection(waitForAction(client, { id, interval: 1 }))).reason, code);
  }
});

test('waitForAction outlives rate limits, gateways and networks that fail', async () => {
  const { client } = scripted([
    json({ error: { code: 'too_many_request' } }, { status: 429, headers: { 'retry-after': '0' } }),
    new Response('', { status: 504 }),
    new TypeError('fetch failed'),
    pending,
    json('done'),
  ]);
  assert.is(await hurry(() => waitForAction(client, { id })), 'done');
});

test('waitForAction says that a missing output has three reasons', async () => {
  const { client } = scripted(Array.from({ length: 50 }, () => pending));
  const error = await rejection(hurry(() => waitForAction(client, { id: other, timeout: 5000 })));
  assert.ok(isNangoError(error));
  assert.is(error.code, 'wait_timeout');
  assert.is(error.operation, 'GET /action/{id}');
  for (const part of [other, '5000 ms', 'not done', 'unknown', 'null', '404']) assert.match(error.message, part);
});

test('waitForAction stops at once on abort, with the reason as it is', async () => {
  const { client } = scripted([pending]);
  const controller = new AbortController();
  const waiting = rejection(waitForAction(client, { id, interval: 60_000 }, { signal: controller.signal }));
  await settle();
  const reason = new Error('enough');
  controller.abort(reason);
  assert.is(await waiting, reason);
});

test.run();
