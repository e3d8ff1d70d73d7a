// Class Nango beyond the samples of the documentation: what calls give and throw, older forms, refusals, secrets.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Nango } from '../../lib/compat/mod.ts';
import type { NangoOptions, NangoProps } from '../../lib/compat/mod.ts';
import { isNangoError, NangoApiError } from '../../lib/mod.ts';
import { apiKey, json, rejection, script, slow, textOf } from '../support/support.ts';
import type { Sent, Step } from '../support/support.ts';
import { hurry } from '../support/time.ts';
import { testWhere } from '../support/where.ts';

const page = { providerConfigKey: 'github', connectionId: 'c-1' };

/** Makes a class on a scripted fetch. */
function scripted(
  steps: Step[],
  config: Partial<NangoProps> = {},
  options: NangoOptions = {},
): { nango: Nango; sent: Sent[] } {
  const { fetch, sent } = script(...steps);
  return { nango: new Nango({ apiKey, ...config } as NangoProps, { fetch, ...options }), sent };
}

test('properties are there, and the keys are in no print of it', () => {
  const config = {
    apiKey,
    webhookSigningKey: 'signing-key',
    host: 'https://nango.example/base/',
    connectionId: 'c',
    providerConfigKey: 'p',
  };
  const nango = new Nango(Object.freeze(config));
  assert.equal(
    [
      nango.apiKey,
      nango.secretKey,
      nango.webhookSigningKey,
      nango.serverUrl,
      nango.connectionId,
      nango.providerConfigKey,
    ],
    [apiKey, undefined, 'signing-key', 'https://nango.example/base', 'c', 'p'],
  );
  assert.equal(
    [nango.isSync, nango.isScript, nango.dryRun, nango.activityLogId, nango.userAgent],
    [false, false, false, undefined, ''],
  );
  assert.is(new Nango({ secretKey: apiKey }).secretKey, apiKey);
  const text = textOf(nango);
  assert.not.match(text, apiKey);
  assert.not.match(text, 'signing-key');
});

test('what it cannot do is refused when it is made', () => {
  for (const config of [{}, { apiKey: '' }, { secretKey: '' }]) {
    assert.throws(() => new Nango(config as NangoProps), /^You must specify an API key/);
  }
  assert.throws(() => new Nango({ apiKey, host: 'no-host' }), /^Invalid URL provided for the Nango host: no-host$/);
  assert.throws(() => new Nango({ apiKey, host: 'ftp://nango.example' }), /^host must be/);
  for (const name of ['httpsAgent', 'interceptors']) {
    assert.throws(() => new Nango({ apiKey }, { [name]: {} }), new RegExp(`^${name} must be left out: give a fetch`));
  }
});

test('options reach the requests', async () => {
  const { nango, sent } = scripted(
    [json([]), (request) => slow({}, request.signal).response],
    {},
    { userAgent: 'my-app', timeout: 20 },
  );
  await nango.getEnvironmentVariables();
  assert.is(sent[0]!.headers['user-agent'], 'my-app');
  assert.is(sent[0]!.headers['authorization'], `Bearer ${apiKey}`);
  const error = await rejection(nango.getEnvironmentVariables());
  assert.equal(
    [error.code, error.isAxiosError, error.response, isNangoError(error)],
    ['ECONNABORTED', true, undefined, true],
  );
});

test('an error of the server reads like one of Axios, and is one of this library', async () => {
  const body = { error: { code: 'too_many_request', method: 'GET', path: '/integrations' } };
  const { nango } = scripted([
    json(body, { status: 429, headers: { 'Retry-After': '17' } }),
    json(body, { status: 503 }),
  ]);
  const error = await rejection(nango.listIntegrations());
  assert.is(error.message, 'Request failed with status code 429');
  assert.equal([error.code, error.status, error.isAxiosError], ['ERR_BAD_REQUEST', 429, true]);
  assert.is(error.response.status, 429);
  assert.is(error.response.headers['retry-after'], '17');
  assert.equal(error.response.data, body);
  assert.instance(error, NangoApiError);
  assert.is(isNangoError(error), true);
  assert.equal([error.reason, error.retryAfter, error.operation], ['too_many_request', 17, 'GET /integrations']);
  assert.not.ok('response' in JSON.parse(JSON.stringify(error)), 'no log holds the answer');
  assert.not.match(textOf(error), apiKey);
  assert.is((await rejection(nango.listIntegrations())).code, 'ERR_BAD_RESPONSE');
});

test('a broken connection has its code, and no response', async () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const undici = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  const failures = [
    new TypeError('fetch failed', { cause: reset }),
    new TypeError('fetch failed', { cause: undici }),
    new TypeError('Load failed'),
  ];
  const { nango } = scripted(failures);
  const [first, second, third] = [
    await rejection(nango.listProviders({})),
    await rejection(nango.listProviders({})),
    await rejection(nango.listProviders({})),
  ];
  assert.equal([first.code, first.message], ['ECONNRESET', 'read ECONNRESET']);
  assert.equal([second.code, second.message], ['ECONNRESET', 'other side closed']);
  assert.equal([third.code, third.message], ['ERR_NETWORK', 'Load failed']);
  for (const error of [first, second, third]) {
    assert.equal([error.response, error.isAxiosError, isNangoError(error)], [undefined, true, true]);
  }
});

test('a success that is no JSON is an error with a response', async () => {
  const page = new Response('<html>', { headers: { 'content-type': 'text/html' } });
  const error = await rejection(scripted([page]).nango.listIntegrations());
  assert.equal([error.code, error.response.status, error.response.data], ['ERR_BAD_RESPONSE', 200, undefined]);
  assert.equal(error.response.headers, { 'content-type': 'text/html' });
});

test('bad arguments reject before anything is sent, in the words that callers know', async () => {
  const { nango, sent } = scripted([]);
  const any = undefined as never;
  const calls: [promise: Promise<unknown>, message: string][] = [
    [nango.getMetadata(any, any), 'Provider Config Key is required'],
    [nango.getMetadata('p', any), 'Connection Id is required'],
    [nango.setMetadata('p', 'c', any), 'Metadata is required'],
    [nango.updateMetadata('p', '', {}), 'Connection Id is required'],
    [nango.startSync('p', any), 'Sync is required'],
    [
      nango.pauseSync('p', 'issues' as never),
      'Syncs must be an array of strings. If it is a single sync, please wrap it in an array.',
    ],
    [
      nango.syncStatus('p', 'issues' as never),
      'Syncs must be an array. If it is a single sync, please wrap it in an array.',
    ],
    [
      nango.triggerSync('p', 'issues' as never),
      'Syncs must be an array. If it is a single sync, please wrap it in an array.',
    ],
    [nango.updateSyncConnectionFrequency('p', 's', any, null), 'ConnectionId must be a string.'],
    [nango.updateSyncConnectionFrequency('p', 's', 'c', any), 'Frequency must be a string or null.'],
    [nango.listRecords({ ...page } as never), 'model is missing and is required to make a proxy call!'],
    [nango.get({} as never), 'endpoint is missing and is required to make a proxy call!'],
    [nango.get({ endpoint: '/e' }), 'providerConfigKey is missing and is required to make a proxy call!'],
    [nango.getAsyncActionResult({}), 'Either id or statusUrl must be provided'],
  ];
  for (const [promise, message] of calls) {
    const error = await rejection(promise);
    assert.instance(error, TypeError);
    assert.is(error.message, message);
  }
  // What the official client sends to who knows where.
  assert.match((await rejection(nango.getConnection('p', 'ü'))).message, 'connectionId');
  assert.match((await rejection(nango.getAsyncActionResult({ statusUrl: '.evil.example/x' }))).message, 'statusUrl');
  assert.match((await rejection(nango.get({ ...page, endpoint: '/../connections' }))).message, 'endpoint');
  assert.is(sent.length, 0);
});

test('methods that gave an answer of Axios give its data, status and headers', async () => {
  const calls: ((nango: Nango) => Promise<unknown>)[] = [
    (nango) => nango.deleteIntegration('github'),
    (nango) => nango.deleteConnection('github', 'c-1'),
    (nango) => nango.setMetadata('github', 'c-1', {}),
    (nango) => nango.updateMetadata('github', ['c-1'], {}),
    (nango) => nango.triggerSync('github'),
    (nango) => nango.startSync('github', ['issues']),
    (nango) => nango.pauseSync('github', ['issues']),
  ];
  for (const call of calls) {
    const headers = new Headers({ 'X-Request-Id': 'r-1' });
    const { nango } = scripted([new Response('{"success":true}', { status: 201, statusText: 'Created', headers })]);
    const answer = (await call(nango)) as Record<string, unknown>;
    assert.equal([answer['status'], answer['statusText'], answer['data']], [201, 'Created', { success: true }]);
    assert.is((answer['headers'] as Record<string, string>)['x-request-id'], 'r-1');
  }
});

test('older forms of syncs are understood', async () => {
  const modes: [mode: unknown, sent: object][] = [
    [undefined, {}],
    [{ reset: true, emptyCache: true }, { opts: { reset: true, emptyCache: true } }],
    ['full_refresh_and_clear_cache', { sync_mode: 'full_refresh_and_clear_cache' }],
    [true, { sync_mode: 'full_refresh' }],
    [false, { sync_mode: 'incremental' }],
  ];
  for (const [mode, expected] of modes) {
    const { nango, sent } = scripted([json({ success: true })]);
    await nango.triggerSync('github', ['issues', { name: 'pulls', variant: 'eu' }], 'c-1', mode as boolean);
    const syncs = ['issues', { name: 'pulls', variant: 'eu' }];
    assert.equal(JSON.parse(sent[0]!.body as string), {
      syncs,
      provider_config_key: 'github',
      connection_id: 'c-1',
      ...expected,
    });
  }
  const { nango, sent } = scripted([json({ success: true })]);
  await nango.triggerSync('github');
  assert.equal(JSON.parse(sent[0]!.body as string), { syncs: [], provider_config_key: 'github' });
});

test('both forms of listConnections, and the aliases of tags', async () => {
  const { nango, sent } = scripted([json({ connections: [] }), json({ connections: [] }), json({ connections: [] })]);
  await nango.listConnections('c-1', 'jane', { endUserId: 'u-1', limit: 3, page: 2, tags: { plan: 'pro' } });
  await nango.listConnections({
    integrationId: ['gh', 'slack'],
    userId: 'u-1',
    tags: { displayName: 'D', email: 'e@x', Plan: 'pro' },
  });
  await nango.listConnections('', '', { limit: 0, page: 0 });
  const queries = sent.map(({ url }) => Object.fromEntries(url.searchParams));
  assert.equal(queries, [
    { connectionId: 'c-1', search: 'jane', endUserId: 'u-1', limit: '3', page: '2', 'tags[plan]': 'pro' },
    {
      integrationId: 'gh,slack',
      endUserId: 'u-1',
      'tags[end_user_display_name]': 'D',
      'tags[end_user_email]': 'e@x',
      'tags[plan]': 'pro',
    },
    {},
  ]);
});

test('tokens are those that the official client gives', async () => {
  const credentials: [credentials: object, token: unknown][] = [
    [{ type: 'OAUTH2', access_token: 'token', raw: { scope: 'repo' } }, 'token'],
    [
      { type: 'OAUTH1', oauth_token: 't', oauth_token_secret: 's' },
      { oAuthToken: 't', oAuthTokenSecret: 's' },
    ],
    [
      { type: 'OAUTH2_CC', token: 'token' },
      { type: 'OAUTH2_CC', token: 'token' },
    ],
    [{}, {}],
  ];
  for (const [given, token] of credentials) {
    const { nango, sent } = scripted([json({ credentials: given }), json({ credentials: given })]);
    assert.equal(await nango.getToken('github', 'c-1', true, true), token);
    assert.is(
      sent[0]!.url.search,
      '?provider_config_key=github&force_refresh=true&refresh_token=false&refresh_github_app_jwt_token=true',
    );
    assert.equal(await nango.getRawTokenResponse('github', 'c-1'), (given as { raw?: unknown }).raw);
  }
});

test('records: the older name of a filter, and what is empty', async () => {
  const { nango, sent } = scripted([
    json({ records: [], next_cursor: null }),
    json({ records: [], next_cursor: null }),
  ]);
  await nango.listRecords({ ...page, model: 'Issue', delta: '2026-01-01T00:00:00Z', cursor: null, ids: [], limit: 0 });
  await nango.listRecords({ ...page, model: 'Issue', delta: 'old', modifiedAfter: 'new', filter: 'added,updated' });
  assert.equal(
    sent.map(({ url }) => Object.fromEntries(url.searchParams)),
    [
      { model: 'Issue', modified_after: '2026-01-01T00:00:00Z' },
      { model: 'Issue', modified_after: 'new', filter: 'added,updated' },
    ],
  );
});

test('the proxy reads bodies as it is told', async () => {
  const bodies: [type: 'json' | 'text' | 'document' | undefined, text: string, data: unknown][] = [
    [undefined, '{"a":1}', { a: 1 }],
    ['json', '[1]', [1]],
    ['json', 'hello', 'hello'],
    [undefined, '', ''],
    ['text', '{"a":1}', '{"a":1}'],
    ['document', '<a/>', '<a/>'],
  ];
  for (const [responseType, text, data] of bodies) {
    const { nango } = scripted([new Response(text)]);
    assert.equal((await nango.get({ ...page, endpoint: '/e', responseType })).data, data);
  }
  const { nango } = scripted([new Response('abc'), new Response('abc', { headers: { 'content-type': 'text/csv' } })]);
  const { data: bytes } = await nango.get<Uint8Array>({ ...page, endpoint: '/e', responseType: 'arraybuffer' });
  assert.is(new TextDecoder().decode(bytes), 'abc');
  const { data: blob } = await nango.get<Blob>({ ...page, endpoint: '/e', responseType: 'blob' });
  assert.equal([blob.type, await blob.text()], ['text/csv', 'abc']);
});

test('the proxy gives a stream: of Node where there are such, else a ReadableStream', async () => {
  const { nango } = scripted([new Response('abc'), new Response(null, { status: 204 })]);
  const { data } = await nango.get({ ...page, endpoint: '/e', responseType: 'stream' });
  let text = '';
  if (typeof data.getReader === 'function') text = await new Response(data).text();
  else for await (const chunk of data) text += new TextDecoder().decode(chunk);
  assert.is(text, 'abc');
  const { status, data: nothing } = await nango.get({ ...page, endpoint: '/e', responseType: 'stream' });
  assert.is(status, 204);
  if (nothing) { for await (const _ of nothing) assert.unreachable('there is no body'); }
});

test('the proxy throws what the provider refuses, and what Nango does', async () => {
  const provider = () => json({ message: 'no' }, { status: 422, headers: { 'x-request-id': 'r-1' } });
  const own = () => json({ error: { code: 'unknown_provider_config', message: 'm' } }, { status: 404 });
  const { nango } = scripted([provider(), own(), own(), provider()]);
  const call = (responseType?: 'text' | 'arraybuffer') =>
    rejection(nango.get({ ...page, endpoint: '/e', responseType }));
  const refused = await call();
  assert.equal(
    [refused.message, refused.origin, refused.status],
    ['Request failed with status code 422', 'provider', 422],
  );
  assert.equal([refused.response.data, refused.response.headers['x-request-id']], [{ message: 'no' }, 'r-1']);
  const unknown = await call();
  assert.equal(
    [unknown.origin, unknown.reason, unknown.response.data.error.message],
    ['nango', 'unknown_provider_config', 'm'],
  );
  assert.type((await call('text')).response.data, 'string');
  assert.equal(JSON.parse(new TextDecoder().decode((await call('arraybuffer')).response.data)), { message: 'no' });
});

test('the proxy makes bodies as Axios does, and leaves its arguments alone', async () => {
  const form = { a: { b: 1, c: [1, { d: 'ü' }] }, l: [1, 2], none: null, at: new Date(0) };
  const config = Object.freeze({
    ...page,
    endpoint: '/e',
    headers: Object.freeze({ 'Content-Type': 'application/x-www-form-urlencoded', gone: undefined as never }),
    data: form,
  });
  const { nango, sent } = scripted([json({}), json({}), json({}), json({})], {
    connectionId: 'c-9',
    providerConfigKey: 'slack',
  });
  await nango.post(config);
  const pairs = 'a[b]=1&a[c][0]=1&a[c][1][d]=ü&l[]=1&l[]=2&at=1970-01-01T00:00:00.000Z';
  assert.is(decodeURIComponent(`${sent[0]!.body}`), pairs);
  assert.is(sent[0]!.headers['nango-proxy-content-type'], 'application/x-www-form-urlencoded');
  assert.not.ok('nango-proxy-gone' in sent[0]!.headers);

  const multipart = { 'content-type': 'multipart/form-data' };
  await nango.post({ ...config, data: { a: form.a, at: form.at }, headers: multipart });
  assert.is((sent[1]!.body as FormData).get('a[c][1][d]'), 'ü');
  assert.not.ok('content-type' in sent[1]!.headers, 'fetch draws the boundary');
  assert.match((await rejection(nango.post({ ...config, headers: multipart }))).message, 'must not repeat a field');

  await nango.get({ endpoint: '/e', data: { a: 1 } });
  assert.equal([sent[2]!.method, sent[2]!.body], ['GET', undefined]);
  assert.equal([sent[2]!.headers['connection-id'], sent[2]!.headers['provider-config-key']], ['c-9', 'slack']);
  await nango.proxy({ endpoint: '/e', method: 'patch', data: { a: 1 } });
  assert.equal([sent[3]!.method, sent[3]!.body], ['PATCH', '{"a":1}']);
});

interface Streams {
  Readable: { from(items: AsyncIterable<string>): object };
}
const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Streams | undefined } };
const streams = process?.getBuiltinModule?.('node:stream');

testWhere(
  test,
  Boolean(streams),
  'there are no streams of Node',
)('streams of Node are sent, and fail the call where they fail', async () => {
  const drain: Step = async ({ body }) => json({ got: await new Response(body as BodyInit).text() });
  const { nango } = scripted([drain, drain]);
  const stream = (fails: boolean): object =>
    streams!.Readable.from(
      (async function* () {
        yield 'a';
        if (fails) throw new Error('the disk is gone');
        yield 'b';
      })(),
    );
  const config = { ...page, endpoint: '/e', headers: { 'content-type': 'text/csv' } };
  assert.equal((await nango.post({ ...config, data: stream(false) })).data, { got: 'ab' });
  const error = await rejection(nango.post({ ...config, data: stream(true) }));
  assert.equal([isNangoError(error), error.response], [true, undefined]);
  assert.match(error.message, 'the disk is gone');
});

test('a header that is repeated stays whole', async () => {
  const headers = new Headers({ 'x-one': '1' });
  headers.append('x-one', '2');
  const { nango } = scripted([new Response('{}', { headers })]);
  assert.is((await nango.deleteIntegration('github')).headers['x-one'], '1, 2');
});

test('waiting ends in the words that callers know', async () => {
  const none = (): Response => json({ connections: [] });
  const { nango } = scripted(Array.from({ length: 99 }, () => none));
  const timeout = await hurry(() => rejection(nango.waitForConnection('github', 'u-1')));
  assert.equal([timeout.message, timeout.code], ['Timeout waiting for connection to be created', 'wait_timeout']);

  const reason = new Error('mine');
  const aborted = await rejection(nango.waitForConnection('github', 'u-1', { signal: AbortSignal.abort(reason) }));
  assert.equal([aborted.message, aborted.cause], ['Wait for connection was aborted', reason]);

  const controller = new AbortController();
  const { nango: held, sent } = scripted([
    ({ signal }) => {
      queueMicrotask(() => controller.abort(reason));
      return slow({}, signal).response;
    },
  ]);
  assert.is(
    (await rejection(held.waitForConnection('github', 'u-1', { signal: controller.signal }))).message,
    'Wait for connection was aborted',
  );
  assert.ok(sent[0]!.signal.aborted, 'the request is aborted, not only the pause');
  assert.is(sent[0]!.url.search, '?integrationId=github&limit=1&tags%5Bend_user_id%5D=u-1');
});

test.run();
