import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyWebhook } from '../../lib/webhooks/mod.ts';
import { createEmulator, type WebhookTarget } from '../../lib/testing/mod.ts';
import { call } from '../support/emulator.ts';

const event = {
  type: 'forward',
  from: 'slack',
  connectionId: 'c-2',
  providerConfigKey: 'slack',
  payload: { z: null, text: 'héllo 日本 👋', nested: [3, 2, 1] },
};

test('texts are sorted and signed with both signatures, as the server signs them', async () => {
  const { webhooks } = createEmulator();
  const { body, headers } = await webhooks.sign(event, '9f8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d');
  assert.is(
    body,
    '{"connectionId":"c-2","from":"slack","payload":{"nested":[3,2,1],"text":"héllo 日本 👋","z":null},"providerConfigKey":"slack","type":"forward"}',
  );
  assert.is(headers['x-nango-hmac-sha256'], '3a848d9d55ff52bbe248ce877d50e4ea2fbba4db51d9beb383d74fa4d6b14098');
  assert.is(headers['x-nango-signature'], 'e0d75b55b85f65829cdd88b4c6e426a60a4b7f195169ba1b507511bcd2664d86');
});

test('a request is what a handler would get, and verifies', async () => {
  const emulator = createEmulator();
  const sync = emulator.webhooks.syncEvent({
    providerConfigKey: 'github',
    connectionId: 'c1',
    model: 'Issue',
    responseResults: { added: 1 },
  });
  const request = await emulator.webhooks.request(sync);
  assert.is(request.method, 'POST');
  const signature = request.headers.get('x-nango-hmac-sha256');
  const text = await request.text();
  assert.is(await verifyWebhook(text, signature, emulator.webhookSigningKey), true);
  assert.is(await verifyWebhook(`${text} `, signature, emulator.webhookSigningKey), false);
});

test('delivery tries three times on failures of the server, and never on refusals', async () => {
  const waits: number[] = [];
  const answers = [500, 0, 204, 404, 302, 503, 503, 503];
  const emulator = createEmulator({
    sleep: async (milliseconds) => void waits.push(milliseconds),
    webhooks: {
      to: () => {
        const status = answers.shift();
        if (status === 0) throw new TypeError('fetch failed');
        return new Response(null, { status: status! });
      },
    },
  });
  const statuses = async () => {
    const [delivery] = await emulator.webhooks.send(event);
    return [delivery?.delivered, ...(delivery?.attempts ?? []).map(({ status }) => status)];
  };
  assert.equal(await statuses(), [true, 500, null, 204]);
  assert.equal(waits, [3000, 6000]);
  assert.equal(await statuses(), [false, 404]);
  assert.equal(await statuses(), [false, 302]);
  assert.equal(await statuses(), [false, 503, 503, 503]);
});

test('targets are told in order, and a connection’s own address replaces them', async () => {
  const got: string[] = [];
  const handler = (name: string): WebhookTarget => () => {
    got.push(name);
    return new Response();
  };
  const emulator = createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    connections: [
      { provider_config_key: 'plain', connection_id: 'c1' },
      { provider_config_key: 'plain', connection_id: 'c2', webhook_url_override: 'https://own.example.com/hook' },
    ],
    webhooks: {
      to: [handler('first'), 'https://second.example.com/hook'],
      fetch: async (input, init) => {
        got.push(`${init?.method} ${String(input)}`);
        return new Response();
      },
    },
  });
  await call(emulator, 'DELETE /connections/c1?provider_config_key=plain');
  await emulator.settled();
  assert.equal(got, ['first', 'POST https://second.example.com/hook']);
  got.length = 0;
  await call(emulator, 'DELETE /connections/c2?provider_config_key=plain');
  await emulator.settled();
  assert.equal(got, ['POST https://own.example.com/hook']);
});

test('what is sent can be chosen', async () => {
  const emulator = createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    webhooks: { onAuthCreation: false },
  });
  const body = { provider_config_key: 'plain', connection_id: 'c1', credentials: { type: 'NONE' } };
  await call(emulator, 'POST /connections', { body });
  await emulator.settled();
  assert.equal(emulator.webhooks.deliveries, []);
  await call(emulator, 'POST /connections', { body });
  await emulator.settled();
  assert.equal(
    emulator.webhooks.deliveries.map(({ event: told }) => told['operation']),
    ['override'],
    'always told',
  );
});

test.run();
