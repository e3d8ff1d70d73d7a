// Webhooks on Node's own HTTP server: streamed bodies, bodies that were parsed before, and requests that are cut off.

import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createWebhookHandler, signWebhook, toNodeListener } from '../../lib/webhooks/mod.ts';
import type { NodeRequest } from '../../lib/webhooks/mod.ts';

const key = 'signing-key';
const event = { type: 'auth', from: 'nango', operation: 'creation', connectionId: 'c-1', providerConfigKey: 'github' };

/** Serves a listener for as long as it is used. */
async function serving(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks?a=b`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function receiver() {
  const seen: unknown[] = [];
  const errors: unknown[] = [];
  const handler = createWebhookHandler({
    keys: key,
    on: { auth: (told) => void seen.push(told) },
    store: false,
    onError: (error) => void errors.push(error),
  });
  return { seen, errors, listener: toNodeListener(handler) };
}

test('a webhook arrives whole, and one with another byte does not', async () => {
  const { seen, listener } = receiver();
  await serving(listener, async (url) => {
    const large = await signWebhook({ ...event, text: '☃'.repeat(100_000) }, key);
    assert.is((await fetch(url, large)).status, 204);
    assert.is((await fetch(url, { ...large, body: `${large.body} ` })).status, 401);
    assert.is((await fetch(url, await signWebhook('x'.repeat(2_000_000), key))).status, 413);
    assert.is((await fetch(url)).status, 405);
  });
  assert.is(seen.length, 1);
});

test('a body that was parsed before is told apart, and one that was kept raw is taken', async () => {
  const { seen, listener } = receiver();
  const parsing = (keep: boolean) => async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = keep ? raw : JSON.parse(raw.toString());
    return listener(Object.assign(request, { body }) as NodeRequest, response);
  };
  const webhook = await signWebhook(event, key);
  await serving(parsing(false), async (url) => {
    const response = await fetch(url, webhook);
    assert.is(response.status, 500);
    assert.match(await response.text(), 'The body was parsed before: mount this before express.json()');
  });
  await serving(parsing(true), async (url) => assert.is((await fetch(url, webhook)).status, 204));
  assert.is(seen.length, 1);
});

test('a request that is cut off handles nothing, and the next one is answered', async () => {
  const { seen, listener } = receiver();
  const { headers, body } = await signWebhook(event, key);
  await serving(listener, async (url) => {
    const cut = send(url, { method: 'POST', headers: { ...headers, 'content-length': `${body.length}` } });
    cut.on('error', () => {});
    cut.write(body.slice(0, 10));
    await once(cut, 'socket');
    await new Promise<void>((resolve) => cut.socket!.once('connect', resolve));
    cut.destroy();
    assert.is((await fetch(url, { method: 'POST', headers, body })).status, 204);
  });
  assert.is(seen.length, 1);
});

test.run();
