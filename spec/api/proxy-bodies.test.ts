// What the proxy does with bodies: those that it sends, whatever makes them, and those that it hands on, whatever their size.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createProxyFetch, NangoApiError, proxy } from '../../lib/mod.ts';
import type { Client, ProxyBody } from '../../lib/mod.ts';
import { json, rejection, scripted, settle, slow } from '../support/support.ts';
import type { Slow } from '../support/support.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const call = { ...connection, endpoint: '/upload' };

/** A stream of Node, as far as anyone looks at it: an object that is iterated, and whose pieces may be text. */
function readable(...pieces: (string | Uint8Array)[]): AsyncIterable<string | Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* pieces;
    },
  };
}

const post = { ...call, method: 'POST' };

test('the bytes of an async iterable are sent, not its members', async () => {
  const sendings = [
    (body: ProxyBody) => (client: Client) => proxy(client, { ...post, body }),
    (body: ProxyBody) => (client: Client) =>
      createProxyFetch(client, connection)('/upload', { method: 'POST', body: body as BodyInit }),
  ];
  for (const sending of sendings) {
    const { client, sent } = scripted([json({})]);
    await sending(readable('a', new TextEncoder().encode('ü'), 'c'))(client);
    assert.is(sent[0]!.headers['content-type'], 'application/octet-stream');
    assert.is(await new Response(sent[0]!.body as BodyInit).text(), 'aüc');
  }
});

test('what is no body is refused, and a form that repeats a field too', async () => {
  const form = new FormData();
  form.append('file', 'a');
  form.append('file', 'b');
  const { client, sent } = scripted([]);
  for (const body of [new Map(), new Date(0), () => {}, Symbol('x'), 5, true, form] as ProxyBody[]) {
    const fetch = createProxyFetch(client, connection);
    for (
      const error of [
        await rejection(proxy(client, { ...post, body })),
        await rejection(fetch('/upload', { method: 'POST', body: body as BodyInit })),
      ]
    ) {
      assert.instance(error, TypeError);
      assert.match(error.message, /^body must /);
    }
  }
  assert.is(sent.length, 0);
});

test('only multipart/form-data loses its boundary', async () => {
  const related = 'multipart/related; boundary=abc';
  const { client, sent } = scripted([json({}), json({})]);
  await proxy(client, { ...post, body: 'x', headers: { 'content-type': related } });
  await proxy(client, { ...post, body: new FormData() });
  assert.is(sent[0]!.headers['nango-proxy-content-type'], related);
  assert.is(sent[1]!.headers['nango-proxy-content-type'], 'multipart/form-data');
});

test('an error that is huge, or no JSON, is handed on before it has been read', async () => {
  const bodies: ResponseInit['headers'][] = [
    { 'content-type': 'application/json', 'content-length': '100000000' },
    { 'content-type': 'text/html' },
  ];
  for (const headers of bodies) {
    let body!: Slow;
    const { client } = scripted([() => (body = slow({ status: 500, headers: headers! })).response]);
    const response = await proxy(client, call);
    assert.is(response.status, 500);
    body.push('{"so":"it is"}');
    body.end();
    assert.equal(JSON.parse(await response.text()), { so: 'it is' });
  }
});

test('an error whose length is not told is looked at up to 64 KiB, and handed on whole', async () => {
  let pulled = 0;
  const piece = new TextEncoder().encode(`${' '.repeat(16_383)}\n`);
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (pulled++ === 100) controller.close();
      else controller.enqueue(piece);
    },
  }, { highWaterMark: 0 });
  const { client } = scripted([new Response(body, { status: 500, headers: { 'content-type': 'application/json' } })]);
  const response = await proxy(client, call);
  assert.ok(pulled < 10, `${pulled} pieces of 16 KiB`);
  assert.is((await response.arrayBuffer()).byteLength, 100 * piece.length);
});

test('nothing is left on a signal that many calls share, once their bodies were read', async () => {
  let listeners = 0;
  const { signal } = new AbortController();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: any) => (listeners++, addEventListener.apply(signal, args));
  signal.removeEventListener = (...args: any) => (listeners--, removeEventListener.apply(signal, args));
  for (let index = 0; index < 50; index++) {
    const { client } = scripted([json({ index }, { status: index % 2 ? 200 : 404 })]);
    const response = await proxy(client, call, { signal, timeout: 60_000 });
    assert.equal(JSON.parse(await response.text()), { index });
  }
  await settle();
  assert.is(listeners, 0);
});

test('a signal of the Request ends the call', async () => {
  const { client } = scripted([() => new Promise(() => {})]);
  const controller = new AbortController();
  const reason = new Error('enough');
  const request = new Request('https://api.github.com/user', { signal: controller.signal });
  const fetch = createProxyFetch(client, { ...connection, baseUrl: 'https://api.github.com' });
  const pending = rejection(fetch(request));
  await settle();
  controller.abort(reason);
  // A Request has a signal of its own, which not every runtime gives the same reason.
  assert.instance(await pending, Error);
});

test('a refusal by Nango is thrown, or given as a response where that is wanted', async () => {
  const refusal = { error: { code: 'unknown_account', message: 'no' } };
  const answer = () => json(refusal, { status: 401, headers: { 'retry-after': '3' } });
  const { client } = scripted([answer(), answer()]);
  assert.instance(await rejection(createProxyFetch(client, connection)('/x')), NangoApiError);
  const response = await createProxyFetch(client, { ...connection, refusals: 'response' })('/x');
  assert.equal([response.status, response.headers.get('retry-after')], [401, '3']);
  assert.equal(JSON.parse(await response.text()), refusal);
});

test('addresses are read as the platform reads them', async () => {
  const { client, sent } = scripted([json({})]);
  const fetch = createProxyFetch(client, { ...connection, baseUrl: 'https://api.github.com' });
  for (const address of ['//other.example/x', ' https://other.example/x', 'https:\\\\other.example/x']) {
    assert.instance(await rejection(fetch(address)), TypeError, address);
  }
  await fetch('/a b?c=d#e');
  assert.is(sent[0]!.url.href, 'https://api.nango.dev/proxy/a%20b?c=d');
});

test.run();
