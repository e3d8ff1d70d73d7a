// Fetches and signals that are not the platform's: all that is asked of a response is `ok`, `status`, `headers.get` and
// `text()`, and of a signal `aborted` and `addEventListener`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  consumeRecords,
  createClient,
  createProxyFetch,
  createSessionClient,
  getMetadata,
  getRawTokenResponse,
  getToken,
  iterateConnections,
  iterateFunctions,
  iterateRecordPages,
  iterateRecords,
  listConnections,
  NangoApiError,
  NangoNetworkError,
  NangoParseError,
  proxy,
  pruneAllRecords,
  streamRecords,
  waitForConnection,
} from '../../lib/mod.ts';
import type { Client, Fetch, FetchResponse } from '../../lib/mod.ts';
import { apiKey, collect, json, rejection, scripted, settle } from '../support/support.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const input = { ...connection, model: 'Issue' };
const metadata = { last_action: 'ADDED', pruned_at: null, cursor: 'c1' };
const page = { next_cursor: null, records: [{ id: '1', _nango_metadata: metadata }] };

/** Responses as other fetches give them, by what their `body` is. */
const bodies: Record<string, (text: string) => unknown> = {
  'no body': () => undefined,
  'a stream of Node': (text) => ({
    pipe: () => {},
    on: () => {},
    [Symbol.asyncIterator]: async function* () {
      yield text;
    },
  }),
};

function answer(body: unknown, value: unknown, status = 200): FetchResponse {
  const text = JSON.stringify(value);
  const headers = new Map([['content-type', 'application/json'], ['retry-after', '3']]);
  const response = {
    ok: status < 400,
    status,
    headers: { get: (name: string) => headers.get(name.toLowerCase()) ?? null },
    body,
    text: async () => text,
    clone: () => response,
  };
  return response;
}

for (const [name, body] of Object.entries(bodies)) {
  const of = (value: unknown, status?: number): Client => {
    const fetch: Fetch = async () => answer(body(JSON.stringify(value)), value, status);
    return createClient({ apiKey, fetch });
  };

  test(`a response with ${name} is read by every kind of call`, async () => {
    assert.equal(await listConnections(of({ connections: [] })), { connections: [] });
    assert.equal(await collect(iterateRecords(of(page), input)), page.records);
    const seen: unknown[] = [];
    const store = new Map<string, string>();
    await consumeRecords(of(page), { ...input, store, handle: ({ added }) => seen.push(...added) });
    assert.equal(seen, page.records);
    assert.equal(JSON.parse(await new Response(streamRecords(of(page), input)).text()), page.records[0]);
    const proxied = await proxy(of({ a: 1 }), { ...connection, endpoint: '/x' }, { timeout: 60_000 });
    assert.is(await proxied.text(), '{"a":1}');
    const fetch = createProxyFetch(of({ message: 'no' }, 404), connection);
    assert.equal([(await fetch('/x')).status, await (await fetch('/x')).text()], [404, '{"message":"no"}']);
  });

  test(`an error with ${name} keeps its status, reason and headers`, async () => {
    const refusal = { error: { code: 'unknown_account', message: 'no' } };
    for (
      const call of [
        (client: Client) => listConnections(client),
        (client: Client) => iterateRecords(client, input).next(),
        (client: Client) => proxy(client, { ...connection, endpoint: '/x' }),
      ]
    ) {
      const error = await rejection(call(of(refusal, 401)));
      assert.instance(error, NangoApiError);
      assert.equal([error.status, error.reason, error.retryAfter], [401, 'unknown_account', 3]);
    }
  });
}

test('a signal without reason and throwIfAborted ends a call with an AbortError', async () => {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
  };
  const options = { signal: signal as unknown as AbortSignal };
  const { client } = scripted([() => new Promise(() => {}), () => new Promise(() => {})]);
  const calls = [
    rejection(listConnections(client, {}, options)),
    rejection(iterateRecords(client, input, options).next()),
  ];
  await settle();
  signal.aborted = true;
  for (const listener of [...listeners]) listener();
  for (const call of calls) assert.is((await call).name, 'AbortError');
  assert.is((await rejection(listConnections(client, {}, options))).name, 'AbortError');
  assert.is(listeners.size, 0);
});

test('what carries on after an abort is not handed out', async () => {
  const reason = new Error('enough');
  const pages = [{ ...page, records: ['1', '2', '3'].map((id) => ({ id, _nango_metadata: metadata })) }];
  const stop = new AbortController();
  const { client } = scripted([json(pages[0])]);
  const seen: string[] = [];
  const error = await rejection(async () => {
    for await (const { id } of iterateRecords(client, input, { signal: stop.signal })) {
      seen.push(id);
      stop.abort(reason);
    }
  });
  assert.is(error, reason);
  assert.equal(seen, ['1']);
  const again = new AbortController();
  const last = iterateRecordPages(scripted([json(page)]).client, input, { signal: again.signal });
  await last.next();
  again.abort(reason);
  assert.is(await rejection(last.next()), reason, 'also after the last page');
});

// Answers that lack what was asked for

const odd = [{}, [], null, 42, { next_cursor: null }, { next_cursor: null, records: null }, {
  next_cursor: null,
  records: {},
}];
const readers: Record<string, (client: Client) => Promise<unknown>> = {
  iterateRecords: (client) => iterateRecords(client, input).next(),
  iterateRecordPages: (client) => iterateRecordPages(client, input).next(),
  consumeRecords: (client) => consumeRecords(client, { ...input, store: new Map(), handle: () => {} }),
  streamRecords: (client) => streamRecords(client, input).getReader().read(),
  pruneAllRecords: (client) => pruneAllRecords(client, { ...input, untilCursor: 'c' }),
  iterateConnections: (client) => iterateConnections(client).next(),
  iterateFunctions: (client) => iterateFunctions(client, { uniqueKey: 'github' }).next(),
  waitForConnection: (client) => waitForConnection(client, { providerConfigKey: 'github', userId: 'u', timeout: 1 }),
  getToken: (client) => getToken(client, connection),
  getRawTokenResponse: (client) => getRawTokenResponse(client, connection),
  getMetadata: (client) => getMetadata(client, connection),
};

for (const [name, read] of Object.entries(readers)) {
  test(`${name} says what a success lacks`, async () => {
    for (const value of odd) {
      const error = await rejection(read(scripted([json(value)]).client));
      assert.instance(error, NangoParseError, `${JSON.stringify(value)}: ${error}`);
      assert.match(error.message, /the server sent an? [a-z]+ without [a-z_]+$/);
    }
    assert.instance(await rejection(read(scripted([new Response(null, { status: 204 })]).client)), NangoParseError);
  });
}

test('a record without metadata, and a page without a cursor, are told apart', async () => {
  const run = (value: unknown) =>
    rejection(consumeRecords(scripted([json(value)]).client, { ...input, store: new Map(), handle: () => {} }));
  assert.match((await run({ next_cursor: null, records: [{ id: '1' }] })).message, 'a record without _nango_metadata');
  assert.match((await run({ next_cursor: null, records: [null] })).message, 'a record without _nango_metadata');
  assert.match((await run({ records: [] })).message, 'a page without next_cursor');
});

// Words of failures

test('a network error names the deepest cause', async () => {
  const refused = new Error('connect ECONNREFUSED 127.0.0.1:3003');
  const { client } = scripted([new TypeError('fetch failed', { cause: refused })]);
  assert.match((await rejection(listConnections(client))).message, 'no answer: connect ECONNREFUSED 127.0.0.1:3003');
  const several = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
  const next = scripted([new TypeError('fetch failed', { cause: several })]);
  assert.match((await rejection(listConnections(next.client))).message, 'no answer: ECONNREFUSED');
});

test('what a key function throws is no network error', async () => {
  const failure = new Error('the vault is sealed');
  const client = createClient({ apiKey: () => Promise.reject(failure), fetch: async () => json({}) });
  assert.is(await rejection(listConnections(client)), failure);
});

test('an error whose body is nested deeply can be written as JSON', async () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const { client } = scripted([
    new Response(`{"error":{"code":"a","payload":${deep},"errors":[${deep}]}}`, { status: 400 }),
  ]);
  const error = await rejection(listConnections(client));
  assert.is(JSON.parse(JSON.stringify(error)).reason, 'a');
});

test('a token that an error holds twice is in neither place', async () => {
  const token = `nango_connect_session_${'0a'.repeat(32)}`;
  const fetch: Fetch = async (url) => {
    throw new TypeError(`error sending request for url (${url}): ${url}`);
  };
  const error = await rejection(
    createSessionClient({ token, fetch }).fetch('/x', {
      method: 'POST',
      headers: {},
      redirect: 'manual',
      signal: new AbortController().signal,
      operation: 'POST /x',
      deadline: Infinity,
    }),
  );
  assert.instance(error, NangoNetworkError);
  assert.not.match(`${error} ${error.cause} ${error.stack}`, token);
});

test('a base path may stand for the host, where the gateway of the page answers', async () => {
  const urls: string[] = [];
  const fetch: Fetch = async (url, { headers }) => {
    urls.push(url);
    assert.not('authorization' in headers);
    return json({ connections: [] });
  };
  const client = createClient({ apiKey: null, host: '/api/nango/', fetch });
  await listConnections(client);
  await proxy(client, { ...connection, endpoint: '/user', params: { a: 1 } });
  await createProxyFetch(client, { ...connection, baseUrl: 'https://api.github.com' })('https://api.github.com/user');
  assert.equal(urls, ['/api/nango/connections', '/api/nango/proxy/user?a=1', '/api/nango/proxy/user']);
});

test.run();
