// One call: what is sent, time limits, aborts, and answers that are not what the API sends.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  deleteConnection,
  getConnection,
  isNangoError,
  listConnections,
  listRecords,
  NangoApiError,
  NangoNetworkError,
  NangoParseError,
  NangoTimeoutError,
} from '../../lib/mod.ts';
import { leaveOpen, send } from '../../lib/core/send.ts';
import { json, rejection, scripted, settle, slow } from '../support/support.ts';
import type { Slow } from '../support/support.ts';

const input = { providerConfigKey: 'github', connectionId: 'c-1' };
const hang = () => new Promise<Response>(() => {});

test('a request is sent once, without following redirects, with a signal', async () => {
  const { client, sent } = scripted([json({ connections: [] })]);
  await listConnections(client);
  assert.is(sent.length, 1);
  assert.is(sent[0]!.init.redirect, 'manual');
  assert.instance(sent[0]!.signal, AbortSignal);
  assert.is(sent[0]!.body, undefined);
  assert.is(sent[0]!.headers['content-type'], undefined, 'no content type without a body');
});

test('a JSON body is sent with its type', async () => {
  const { client, sent } = scripted([json({})]);
  await send(client, 'POST /things', { body: { a: [1, null], b: undefined } });
  assert.is(sent[0]!.method, 'POST');
  assert.is(sent[0]!.body, '{"a":[1,null]}');
  assert.is(sent[0]!.headers['content-type'], 'application/json');
});

test('an answer without content gives undefined', async () => {
  const { client } = scripted([new Response(null, { status: 204 })]);
  assert.is(await send(client, 'DELETE /connect/session'), undefined);
});

test('an answer may be any JSON', async () => {
  for (const value of [null, 0, false, '', 'text', [], {}, { deep: [{ ü: '☃' }] }]) {
    const { client } = scripted([json(value, { status: 201 })]);
    assert.equal(await send(client, 'GET /any'), value);
  }
});

test('onResponse is told the response of a success and of an error', async () => {
  const told: unknown[] = [];
  const onResponse = ({ status, headers }: Response) => told.push(status, headers.get('x-ratelimit-remaining'));
  const { client } = scripted([
    json({ connections: [] }, { headers: { 'x-ratelimit-remaining': '7' } }),
    json({ error: { code: 'not_found' } }, { status: 404 }),
  ]);
  await listConnections(client, {}, { onResponse });
  await rejection(getConnection(client, input, { onResponse }));
  assert.equal(told, [200, '7', 404, null]);
});

test('what onResponse throws comes out as it is', async () => {
  const failure = new Error('mine');
  const { client } = scripted([json({ connections: [] })]);
  const call = listConnections(
    client,
    {},
    {
      onResponse: () => {
        throw failure;
      },
    },
  );
  assert.is(await rejection(call), failure);
});

// Failures on the way

test('what fetch throws is the cause of a network error', async () => {
  const cause = new TypeError('fetch failed');
  const { client } = scripted([cause]);
  const error = await rejection(getConnection(client, input));
  assert.instance(error, NangoNetworkError);
  assert.is(error.name, 'NangoNetworkError');
  assert.is(error.code, 'network_error');
  assert.is(error.operation, 'GET /connections/{connectionId}');
  assert.is(error.cause, cause);
  assert.match(error.message, /^GET \/connections\/\{connectionId\}: .*fetch failed/);
});

test('a fetch that throws at once or throws anything is a network error too', async () => {
  for (const thrown of ['text', undefined, null, { a: 1 }]) {
    const { client } = scripted([], {
      fetch: () => {
        throw thrown;
      },
    });
    const error = await rejection(listConnections(client));
    assert.instance(error, NangoNetworkError);
    assert.is(error.cause, thrown);
  }
});

test('a body that breaks is a network error', async () => {
  let body!: Slow;
  const { client } = scripted([() => (body = slow()).response]);
  const call = rejection(listConnections(client));
  await settle();
  body.push('{"connections":[');
  body.fail(new TypeError('terminated'));
  const error = await call;
  assert.instance(error, NangoNetworkError);
  // Some browsers put an error of their own in its place.
  assert.instance(error.cause, Error);
});

// Answers that the API does not send

test('HTML with status 200 says that the host or an id is probably wrong', async () => {
  const page = `<!DOCTYPE html><html>${'x'.repeat(500)}</html>`;
  const { client } = scripted([new Response(page, { headers: { 'content-type': 'text/html; charset=UTF-8' } })]);
  const error = await rejection(listConnections(client));
  assert.instance(error, NangoParseError);
  assert.is(error.name, 'NangoParseError');
  assert.is(error.code, 'parse_error');
  assert.is(error.status, 200);
  assert.match(error.message, /^GET \/connections: 200 text\/html/);
  assert.match(error.message, 'host');
  assert.match(error.message, ' id');
});

test('truncated JSON is a parse error that quotes nothing, since it may hold credentials', async () => {
  const text = '{"credentials":{"access_token":"hidden-token"';
  const { client } = scripted([new Response(text, { headers: { 'content-type': 'application/json' } })]);
  const error = await rejection(getConnection(client, input));
  assert.instance(error, NangoParseError);
  assert.match(error.message, 'cut off');
  assert.not.match(`${error} ${JSON.stringify(error)} ${error.stack} ${error.cause}`, 'hidden');
});

test('an empty success is a parse error', async () => {
  const { client } = scripted([new Response('', { headers: { 'content-type': 'text/plain' } })]);
  const error = await rejection(listConnections(client));
  assert.instance(error, NangoParseError);
  assert.match(error.message, '200 text/plain');
  const none = scripted([new Response(null, { status: 200 })]);
  assert.instance(await rejection(listConnections(none.client)), NangoParseError);
});

test('a redirect is refused, and the key does not follow it', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const { client, sent } = scripted([new Response(null, { status, headers: { location: 'https://evil.example/' } })]);
    const error = await rejection(listConnections(client));
    assert.instance(error, NangoApiError);
    assert.is(error.status, status);
    assert.match(error.message, 'redirect');
    assert.is(sent.length, 1);
  }
});

test('an opaque redirect, which is all that browsers show, is refused too', async () => {
  const opaque = {
    type: 'opaqueredirect',
    ok: false,
    status: 0,
    headers: new Headers(),
    body: null,
    text: async () => '',
  } as unknown as Response;
  const { client } = scripted([() => opaque]);
  const error = await rejection(listConnections(client));
  assert.instance(error, NangoApiError);
  assert.is(error.status, 0);
  assert.match(error.message, 'redirect');
});

test('an answer that was not modified is no redirect', async () => {
  const { client, sent } = scripted([new Response(null, { status: 304, headers: { etag: '"a"' } })]);
  const error = await rejection(listConnections(client, {}, { headers: { 'if-none-match': '"a"' } }));
  assert.is(sent[0]!.headers['if-none-match'], '"a"');
  assert.instance(error, NangoApiError);
  assert.is(error.status, 304);
  assert.is(error.headers.get('etag'), '"a"');
  assert.not.match(error.message, 'redirect');
});

// Time limits

test('the timeout ends a call without an answer, also where the fetch ignores its signal', async () => {
  const { client, sent } = scripted([hang]);
  const error = await rejection(listConnections(client, {}, { timeout: 5 }));
  assert.instance(error, NangoTimeoutError);
  assert.is(error.name, 'NangoTimeoutError');
  assert.is(error.operation, 'GET /connections');
  assert.match(error.message, '5 ms');
  assert.ok(sent[0]!.signal.aborted, 'the fetch is told');
});

test('the timeout of the client holds where the call has none', async () => {
  const { client } = scripted([hang], { timeout: 5 });
  assert.instance(await rejection(listConnections(client)), NangoTimeoutError);
});

test('the timeout covers the body', async () => {
  const begun = (init: ResponseInit, signal?: AbortSignal): Response => {
    const { response, push } = slow(init, signal);
    push('{"connec');
    return response;
  };
  const { client } = scripted([({ signal }) => begun({}, signal), () => begun({}), () => begun({ status: 500 })]);
  for (const what of ['a body that heeds the signal', 'one that does not', 'an error']) {
    assert.instance(await rejection(listConnections(client, {}, { timeout: 20 })), NangoTimeoutError, what);
  }
});

test('a long and an infinite timeout do not fire at once', async () => {
  for (const timeout of [2 ** 31, 1e12, Number.MAX_VALUE, Infinity]) {
    const { client } = scripted([async () => (await settle(), json({ connections: [] }))]);
    assert.equal(await listConnections(client, {}, { timeout }), { connections: [] });
  }
});

// Aborts

test('a signal that has fired sends nothing and rejects with its reason', async () => {
  const { client, sent } = scripted([]);
  const reason = { any: 'value' };
  assert.is(await rejection(listConnections(client, {}, { signal: AbortSignal.abort(reason) })), reason);
  assert.is((await rejection(listConnections(client, {}, { signal: AbortSignal.abort() }))).name, 'AbortError');
  assert.is(sent.length, 0);
});

test('an abort before the answer rejects with the reason, also where the fetch ignores its signal', async () => {
  for (
    const step of [
      hang,
      ({ signal }: { signal: AbortSignal }) =>
        new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    ]
  ) {
    const { client, sent } = scripted([step]);
    const controller = new AbortController();
    const reason = new Error('the user left');
    const call = rejection(listConnections(client, {}, { signal: controller.signal }));
    await settle();
    controller.abort(reason);
    assert.is(await call, reason);
    assert.ok(sent[0]!.signal.aborted, 'the fetch is told');
    assert.is(sent[0]!.signal.reason, reason);
  }
});

test('an abort in the middle of the body rejects with the reason', async () => {
  for (const status of [200, 500]) {
    let body!: Slow;
    const { client } = scripted([({ signal }) => (body = slow({ status }, signal)).response]);
    const controller = new AbortController();
    const reason = new Error('the user left');
    const call = rejection(listConnections(client, {}, { signal: controller.signal }));
    await settle();
    body.push('{"connections":[');
    await settle();
    controller.abort(reason);
    assert.is(await call, reason);
  }
});

test('an abort after the answer changes nothing, and no listener is left', async () => {
  const { signal, listeners } = counting();
  const { client } = scripted([json({ connections: [] }), new TypeError('fetch failed'), json({}, { status: 500 })]);
  await listConnections(client, {}, { signal });
  await rejection(listConnections(client, {}, { signal }));
  await rejection(listConnections(client, {}, { signal }));
  assert.is(listeners(), 0);
});

test('a fetch that fails after the call ended leaves no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (event: { preventDefault?: () => void; reason: unknown }) => {
    event.preventDefault?.();
    unhandled.push(event.reason);
  };
  const remove = onUnhandledRejection(note);
  let fail!: (error: Error) => void;
  const { client } = scripted([() => new Promise<Response>((_, reject) => (fail = reject))]);
  await rejection(listConnections(client, {}, { timeout: 5 }));
  fail(new Error('late'));
  await settle();
  remove();
  assert.equal(unhandled, []);
});

function onUnhandledRejection(listener: (event: { reason: unknown }) => void): () => void {
  const { process } = globalThis as { process?: { on?: Function; off?: Function } };
  if (process?.on) {
    const own = (reason: unknown) => listener({ reason });
    process.on('unhandledRejection', own);
    return () => process.off!('unhandledRejection', own);
  }
  globalThis.addEventListener('unhandledrejection', listener as never);
  return () => globalThis.removeEventListener('unhandledrejection', listener as never);
}

test('a body that is left open is ended by the signal, also where it ignores its own', async () => {
  for (const heeds of [true, false]) {
    let body!: Slow;
    const { client } = scripted([({ signal }) => (body = slow({}, heeds ? signal : undefined)).response]);
    const controller = new AbortController();
    const response = await send(client, 'GET /any', {}, { signal: controller.signal }, leaveOpen);
    body.push('first');
    const text = rejection(response.text());
    await settle();
    controller.abort(new Error('enough'));
    // Some browsers put an error of their own in the place of the reason.
    assert.instance(await text, Error);
  }
});

test('a body that is left open is whole, and keeps what its response says', async () => {
  const url = 'https://api.nango.dev/any';
  const answer = Object.defineProperty(new Response('whole', { status: 418, headers: { 'x-a': 'b' } }), 'url', {
    value: url,
  });
  const { client } = scripted([answer]);
  const response = await send(client, 'GET /any', {}, { timeout: 60_000 }, leaveOpen);
  assert.equal([response.status, response.headers.get('x-a'), response.url], [418, 'b', url]);
  assert.is(await response.text(), 'whole');
});

test('nothing is left on the signal once an open body was read, canceled or failed', async () => {
  const { signal, listeners } = counting();
  const endings: ((response: Response) => Promise<unknown>)[] = [
    (response) => response.text(),
    async (response) => (await response.body!.cancel(), undefined),
    (response) => response.text().catch(() => undefined),
  ];
  for (const [index, end] of endings.entries()) {
    const { client } = scripted([() => {
      const body = slow();
      body.push('x');
      if (index === 0) body.end();
      if (index === 2) setTimeout(() => body.fail(new TypeError('terminated')));
      return body.response;
    }]);
    const response = await send(client, 'GET /any', {}, { signal, timeout: 60_000 }, leaveOpen);
    assert.is(listeners(), 1, 'while it is open');
    await end(response);
    assert.is(listeners(), 0, `after ending ${index}`);
  }
});

/** Gives a signal that counts its listeners. */
function counting(): { signal: AbortSignal; listeners: () => number } {
  const { signal } = new AbortController();
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: any) => (count++, addEventListener.apply(signal, args));
  signal.removeEventListener = (...args: any) => (count--, removeEventListener.apply(signal, args));
  return { signal, listeners: () => count };
}

// Ids

test('ids are encoded in the path, each as one segment, and raw in headers', async () => {
  const { client, sent } = scripted([json({}), json({ records: [], next_cursor: null })]);
  const ids = { providerConfigKey: 'my key/v1', connectionId: 'org/team 1?#%&+:@' };
  await deleteConnection(client, ids);
  await listRecords(client, { ...ids, model: 'Issue' });
  assert.is(
    sent[0]!.url.href,
    'https://api.nango.dev/connections/org%2Fteam%201%3F%23%25%26%2B%3A%40?provider_config_key=my+key%2Fv1',
  );
  assert.is(sent[1]!.headers['connection-id'], ids.connectionId);
  assert.is(sent[1]!.headers['provider-config-key'], ids.providerConfigKey);
});

test('every error of a call is an error of this library', async () => {
  const { client } = scripted([new TypeError('x'), json({}, { status: 400 }), new Response('<'), hang]);
  for (let call = 0; call < 4; call++) {
    assert.ok(isNangoError(await rejection(listConnections(client, {}, { timeout: 10 }))));
  }
});

test.run();
