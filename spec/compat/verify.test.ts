// Webhooks verified at once: true or false, or an error, and never a promise.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Nango } from '../../lib/compat/mod.ts';
import { testWhere } from '../support/where.ts';

const host = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
const able = testWhere(
  test,
  Boolean(host.process?.getBuiltinModule?.('node:crypto')),
  'there is no synchronous cryptography',
);

const nango = new Nango({ apiKey: 'api-key', webhookSigningKey: '9f8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d' });
const body =
  '{"connectionId":"c-7","from":"nango","payload":{"text":"grüße 世界"},"providerConfigKey":"slack","type":"forward"}';
const payload = JSON.parse(body) as unknown;
const hmac = 'e4c1260ca32307c105eb87533634d8f3902f04f671c4fa547e6c93f86e039fb1';
const hash = 'b0378897e64e8c3e9d373230b3953dfc33c706e15a8b2e5e36c4f0fae87548d0';

able('a genuine body is true, whatever holds the header', () => {
  for (
    const headers of [
      { 'x-nango-hmac-sha256': hmac },
      { 'X-Nango-Hmac-Sha256': hmac.toUpperCase() },
      { 'x-nango-hmac-sha256': [hmac] },
      new Headers({ 'X-Nango-Hmac-Sha256': hmac }),
    ]
  ) {
    assert.is(nango.verifyIncomingWebhookRequest(body, headers), true);
  }
  const bytes = new TextEncoder().encode(body);
  assert.is(nango.verifyIncomingWebhookRequest(bytes, { 'x-nango-hmac-sha256': hmac }), true);
  assert.is(nango.verifyIncomingWebhookRequest(bytes.buffer, { 'x-nango-hmac-sha256': hmac }), true);
});

able('anything else is false', () => {
  const headers = { 'x-nango-hmac-sha256': hmac };
  assert.is(nango.verifyIncomingWebhookRequest(`${body} `, headers), false);
  assert.is(nango.verifyIncomingWebhookRequest('', headers), false);
  const other = new Nango({ apiKey: 'api-key', webhookSigningKey: 'another' });
  assert.is(other.verifyIncomingWebhookRequest(body, headers), false);
  const forged = [
    {},
    { 'x-nango-signature': hash },
    { 'x-nango-hmac-sha256': undefined },
    { 'x-nango-hmac-sha256': '' },
    { 'x-nango-hmac-sha256': hmac.slice(1) },
    { 'x-nango-hmac-sha256': `${hmac}0` },
    { 'x-nango-hmac-sha256': 'é'.repeat(32) },
    { 'x-nango-hmac-sha256': `${hmac.slice(0, -1)}${hmac.endsWith('0') ? 1 : 0}` },
  ];
  for (const wrong of forged) assert.is(nango.verifyIncomingWebhookRequest(body, wrong), false);
});

able('the older signature is verified too', () => {
  assert.is(nango.verifyWebhookSignature(hash, payload), true);
  assert.is(nango.verifyWebhookSignature(hash, { ...(payload as object), more: 1 }), false);
  assert.is(nango.verifyWebhookSignature(hash.toUpperCase(), payload), false);
  assert.is(nango.verifyWebhookSignature(undefined as never, payload), false);
});

able('secretKey is the signing key where that is left out, and apiKey never is', () => {
  const headers = { 'x-nango-hmac-sha256': hmac };
  const { webhookSigningKey } = nango;
  assert.is(new Nango({ secretKey: webhookSigningKey! }).verifyIncomingWebhookRequest(body, headers), true);
  const keyless = new Nango({ apiKey: webhookSigningKey! });
  assert.throws(() => keyless.verifyIncomingWebhookRequest(body, headers), /^webhookSigningKey must be given/);
  assert.throws(() => keyless.verifyWebhookSignature(hash, payload), /^webhookSigningKey must be given/);
});

able('a body that is not raw is an error', () => {
  for (const parsed of [payload, undefined, null, 5, [body]]) {
    assert.throws(
      () => nango.verifyIncomingWebhookRequest(parsed as never, { 'x-nango-hmac-sha256': hmac }),
      (error: unknown) => error instanceof TypeError && /^body must be the raw body/.test(error.message),
    );
  }
  assert.throws(() => nango.verifyIncomingWebhookRequest(body, undefined as never), /^headers must be/);
});

test('without synchronous cryptography the error names what to await instead', () => {
  const { process } = host;
  const described = Object.getOwnPropertyDescriptor(globalThis, 'process');
  Object.defineProperty(globalThis, 'process', { value: undefined, configurable: true, writable: true });
  try {
    const words = /await verifyIncomingWebhookRequest\(\) of nango-fetch/;
    assert.throws(() => nango.verifyIncomingWebhookRequest(body, { 'x-nango-hmac-sha256': hmac }), words);
    assert.throws(() => nango.verifyWebhookSignature(hash, payload), words);
  } finally {
    if (described) Object.defineProperty(globalThis, 'process', described);
    else delete host.process;
  }
  assert.is(host.process, process);
});

test.run();
