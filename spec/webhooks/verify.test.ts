// Verifying webhooks. The signatures were computed with `openssl dgst -sha256 -hmac`, not with this library.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, verifyIncomingWebhookRequest } from '../../lib/mod.ts';
import { verifyWebhook } from '../../lib/webhooks/mod.ts';
import { apiKey, rejection } from '../support/support.ts';

interface Vector {
  name: string;
  key: string;
  body: string;
  signature: string;
}

const vectors: readonly Vector[] = [
  {
    name: 'a creation',
    key: '4f1d9c0a-77aa-4b52-9a39-0d6f3b1c2e88',
    body:
      '{"authMode":"API_KEY","connectionId":"acme/1","environment":"prod","from":"nango","operation":"creation","provider":"notion","providerConfigKey":"notion","success":true,"type":"auth"}',
    signature: '21099cbc408ca61d80149d8d0bc24f46ffbf76202c115945d8d1a5734366c162',
  },
  {
    name: 'a sync',
    key: 'k',
    body:
      '{"connectionId":"c-9","from":"nango","model":"Ticket","modifiedAfter":"2026-05-06T07:08:09.010Z","providerConfigKey":"zendesk","responseResults":{"added":3,"deleted":1,"updated":0},"success":true,"syncName":"tickets","syncType":"INCREMENTAL","syncVariant":"base","type":"sync"}',
    signature: 'b1932b0fc432896d2e324c4f61319a2d0d3e2b8a21eb37f5b2a736b1e8014002',
  },
  {
    name: 'text of many scripts',
    key: 'schlüssel-☃',
    body: '{"from":"slack","payload":{"emoji":"👩‍🚀","text":"naïve — 東京 \\u0000 ß"},"type":"forward"}',
    signature: 'c3c6cbe81139ea65a709a8478bcfce599bcfd669f76d5a1328339980850112eb',
  },
  {
    name: 'an empty body',
    key: 'e3b0c442-98fc-4c14-9afb-f4c8996fb924',
    body: '',
    signature: 'eadd01167f73c4ce5b1381da6a48b1ee8d0ded6558982b23d44b517041a04a8c',
  },
];
const [first] = vectors as [Vector];
const { body, key, signature } = first;
const bytes = (text: string) => new TextEncoder().encode(text);
const other = '00000000-0000-4000-8000-000000000000';

for (const vector of vectors) {
  test(`verifies ${vector.name}, however the body comes`, async () => {
    const raw = bytes(vector.body);
    const framed = new Uint8Array(raw.length + 7).fill(120);
    framed.set(raw, 3);
    for (
      const form of [
        vector.body,
        raw,
        raw.buffer,
        framed.subarray(3, 3 + raw.length),
        new DataView(framed.buffer, 3, raw.length) as never,
      ]
    ) {
      assert.is(await verifyWebhook(form, vector.signature, vector.key), true);
    }
    assert.is(await verifyWebhook(vector.body, vector.signature.toUpperCase(), vector.key), true, 'hex in upper case');
    assert.is(await verifyWebhook(framed, vector.signature, vector.key), false, 'not the bytes beside it');
  });

  test(`refuses ${vector.name} once it was tampered with`, async () => {
    assert.is(await verifyWebhook(`${vector.body} `, vector.signature, vector.key), false);
    assert.is(await verifyWebhook(vector.body.slice(1) || '{}', vector.signature, vector.key), false);
    assert.is(await verifyWebhook(vector.body, vector.signature, other), false);
    for (let at = 0; at < 64; at++) {
      const digit = vector.signature[at] === '0' ? '1' : '0';
      const forged = vector.signature.slice(0, at) + digit + vector.signature.slice(at + 1);
      assert.is(await verifyWebhook(vector.body, forged, vector.key), false);
    }
  });
}

test('any of several keys will do, in any order', async () => {
  assert.is(await verifyWebhook(body, signature, [key]), true);
  assert.is(await verifyWebhook(body, signature, [other, key]), true);
  assert.is(await verifyWebhook(body, signature, [key, other]), true);
  assert.is(await verifyWebhook(body, signature, [other, `${other}1`]), false);
});

test('a signature that is missing or malformed is refused', async () => {
  for (
    const bad of [
      undefined,
      null,
      '',
      signature.slice(1),
      `${signature}0`,
      `${signature}\n`,
      ` ${signature}`,
      `${signature.slice(1)}g`,
      `sha256=${signature}`,
      `${signature},${signature}`,
      'ü'.repeat(64),
    ]
  ) {
    assert.is(await verifyWebhook(body, bad, key), false, `${bad}`);
  }
});

test('a signature of the wrong type is a TypeError', async () => {
  for (const bad of [5, {}, [signature], true]) {
    const error = await rejection(verifyWebhook(body, bad as never, key));
    assert.instance(error, TypeError);
    assert.match(error.message, 'signature');
  }
});

test('a body that was parsed is a TypeError, never a silent no', async () => {
  for (
    const bad of [
      JSON.parse(body),
      undefined,
      null,
      5,
      true,
      [],
      new Blob([body]),
      new Request('http://a.example'),
    ]
  ) {
    for (const given of [signature, undefined]) {
      const error = await rejection(verifyWebhook(bad as never, given, key));
      assert.instance(error, TypeError);
      assert.match(error.message, 'body');
      assert.match(error.message, 'raw');
    }
  }
});

test('keys that are missing, empty or no strings are a TypeError, also where the signature is malformed', async () => {
  for (const bad of [undefined, null, '', [], [''], [key, ''], [key, undefined], 5, {}, [[key]]]) {
    for (const given of [signature, 'x']) {
      const error = await rejection(verifyWebhook(body, given, bad as never));
      assert.instance(error, TypeError, JSON.stringify(bad));
      assert.match(error.message, 'key');
      assert.not.match(error.message, key);
    }
  }
});

test('a key is imported once', async () => {
  const original = crypto.subtle.importKey;
  let imports = 0;
  crypto.subtle.importKey = function (this: SubtleCrypto, ...args: any) {
    imports++;
    return (original as Function).apply(this, args);
  } as typeof original;
  try {
    const fresh = `${other}-fresh`;
    // Two that begin together may both import it: neither waits for a promise of the other.
    await verifyWebhook(body, signature, fresh);
    await verifyWebhook(body, signature, [fresh, fresh]);
    assert.is(imports, 1);
    for (let tenant = 0; tenant < 250; tenant++) await verifyWebhook('x', signature, `tenant ${tenant}`);
    assert.is(await verifyWebhook(body, signature, key), true, 'also after many others');
    const before = imports;
    await verifyWebhook(body, signature, fresh);
    assert.is(imports, before + 1, 'keys are not kept for ever');
  } finally {
    crypto.subtle.importKey = original;
  }
});

// With a client

const client = createClient({
  apiKey,
  webhookSigningKey: key,
  fetch: () => assert.unreachable('nothing is sent') as never,
});

test('the header is found in whatever holds it, in any case', async () => {
  for (
    const headers of [
      new Headers({ 'X-Nango-Hmac-Sha256': signature }),
      { 'x-nango-hmac-sha256': signature },
      { 'X-Nango-Hmac-Sha256': signature },
      { host: 'x', 'X-NANGO-HMAC-SHA256': [signature], other: undefined },
      new Map([['X-Nango-Hmac-Sha256', signature]]) as never,
      Object.assign(Object.create(null), { 'x-nango-hmac-sha256': signature }),
    ]
  ) {
    assert.is(await verifyIncomingWebhookRequest(client, body, headers), true);
    assert.is(await verifyIncomingWebhookRequest(client, `${body} `, headers), false);
  }
});

test('without the header it is no', async () => {
  for (
    const headers of [
      new Headers(),
      {},
      { 'x-nango-hmac-sha256': undefined },
      { 'x-nango-hmac-sha256': [] },
      // The legacy signature is another one, which is not looked at.
      { 'x-nango-signature': signature },
    ]
  ) {
    assert.is(await verifyIncomingWebhookRequest(client, body, headers), false);
  }
});

test('several keys of a client', async () => {
  const rotating = createClient({ apiKey, webhookSigningKey: [other, key] });
  assert.is(await verifyIncomingWebhookRequest(rotating, body, { 'x-nango-hmac-sha256': signature }), true);
});

test('a client without a key is a TypeError that says which', async () => {
  const none = createClient({ apiKey });
  const error = await rejection(verifyIncomingWebhookRequest(none, body, { 'x-nango-hmac-sha256': signature }));
  assert.instance(error, TypeError);
  assert.match(error.message, 'webhookSigningKey');
  assert.not.match(error.message, apiKey);
});

test('a request that was canceled while its key was imported holds up no other', async () => {
  const original = crypto.subtle.importKey;
  crypto.subtle.importKey = (() => new Promise(() => {})) as never;
  void verifyWebhook(body, signature, 'canceled');
  crypto.subtle.importKey = original;
  assert.is(await verifyWebhook(body, signature, 'canceled'), false);
});

test.run();
