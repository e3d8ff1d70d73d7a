// The proxy: which bodies arrive how, whose errors throw, and the fetch that is made of it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, createProxyFetch, isNangoError, proxy } from '../../lib/mod.ts';
import type { NangoApiError, ProxyFetchInput, ProxyInput } from '../../lib/mod.ts';
import { apiKey, rejection } from '../support/support.ts';
import { hurry } from '../support/time.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };

/** A client whose fetch notes the request and gives the answer. */
function scripted(answer: () => Response = () => new Response('{}'), host = 'https://api.nango.dev') {
  const requests: { url: string; method: string; headers: Headers; body: unknown; signal: AbortSignal }[] = [];
  const client = createClient({
    apiKey,
    host,
    fetch: async (input, init) => {
      const headers = new Headers(init!.headers);
      // What fetch itself would make of the body.
      const type = init!.body == null ? null : new Response(init!.body).headers.get('content-type');
      if (type && !headers.has('content-type')) headers.set('content-type', type);
      requests.push({
        url: String(input),
        method: init!.method!,
        headers,
        body: init!.body,
        signal: init!.signal!,
      });
      return answer();
    },
  });
  return { client, requests };
}

const bodies = suite('proxy bodies');

const form = new FormData();
form.set('file', new Blob(['x'], { type: 'text/plain' }), 'x.txt');

const cases: [string, ProxyInput['body'], Record<string, string> | undefined, string | RegExp, string][] = [
  ['an object', { a: 1 }, undefined, 'application/json', 'application/json'],
  ['an array', [1], undefined, 'application/json', 'application/json'],
  [
    'vendor JSON',
    { a: 1 },
    { 'Content-Type': 'application/vnd.api+json' },
    'application/vnd.api+json',
    'application/vnd.api+json',
  ],
  ['text', 'hello', undefined, 'text/plain;charset=UTF-8', 'text/plain;charset=UTF-8'],
  ['XML', '<a/>', { 'content-type': 'text/xml' }, 'text/xml', 'text/xml'],
  ['bytes', new Uint8Array([1, 2]), undefined, 'application/octet-stream', 'application/octet-stream'],
  ['a buffer', new ArrayBuffer(2), undefined, 'application/octet-stream', 'application/octet-stream'],
  ['a blob', new Blob(['a'], { type: 'image/png' }), undefined, 'image/png', 'image/png'],
  ['a form', form, undefined, /^multipart\/form-data; ?boundary=/, 'multipart/form-data'],
  [
    'a form with a type',
    form,
    { 'content-type': 'multipart/form-data' },
    /^multipart\/form-data; ?boundary=/,
    'multipart/form-data',
  ],
  [
    'a form as text',
    '--X\r\n',
    { 'content-type': 'multipart/form-data; boundary=X' },
    'multipart/form-data; boundary=X',
    'multipart/form-data',
  ],
  [
    'parameters',
    new URLSearchParams('a=1'),
    undefined,
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded',
  ],
  ['a stream', new Response('abc').body!, undefined, 'application/octet-stream', 'application/octet-stream'],
];

for (const [name, body, headers, outer, inner] of cases) {
  bodies(`sends ${name} with the types that the server needs`, async () => {
    const { client, requests } = scripted();
    await proxy(client, { ...connection, method: 'POST', endpoint: '/x', body, headers });
    const [request] = requests;
    if (typeof outer === 'string') assert.is(request!.headers.get('content-type'), outer);
    else assert.match(request!.headers.get('content-type')!, outer);
    assert.is(request!.headers.get('nango-proxy-content-type'), inner);
    if (outer === 'application/json' || outer === 'application/vnd.api+json') {
      assert.is(request!.body, JSON.stringify(body));
    } else assert.is(request!.body, body, 'untouched');
  });
}

bodies('sends no type without a body', async () => {
  const { client, requests } = scripted();
  for (const body of [undefined, null]) await proxy(client, { ...connection, method: 'POST', endpoint: '/x', body });
  for (const { headers } of requests) {
    assert.is(headers.get('content-type'), null);
    assert.is(headers.get('nango-proxy-content-type'), null);
  }
});

bodies('refuses what is no body', async () => {
  const { client, requests } = scripted();
  for (const body of [5, true, new Date(0), new Map(), Symbol.iterator, () => {}]) {
    const error = await rejection(
      proxy(client, { ...connection, method: 'POST', endpoint: '/x', body: body as never }),
    );
    assert.instance(error, TypeError);
    assert.match(error.message, 'body');
  }
  for (const method of ['GET', 'head']) {
    const error = await rejection(proxy(client, { ...connection, method, endpoint: '/x', body: 'a' }));
    assert.match(error.message, 'body');
  }
  assert.is(requests.length, 0);
});

bodies('sends an empty retryOn as nothing', async () => {
  const { client, requests } = scripted();
  await proxy(client, { ...connection, endpoint: '/x', retryOn: [] });
  assert.is(requests[0]!.headers.get('retry-on'), null);
});

bodies.run();

const targets = suite('proxy targets');

targets('keeps path and query as they are', async () => {
  const { client, requests } = scripted(undefined, 'https://self.hosted/base/');
  for (
    const input of [
      { endpoint: '/a%2Fb/c?q=a+b&empty=&flag' },
      { endpoint: 'a', params: '?x=1&x=2' },
      { endpoint: '/a?x=1', params: new URLSearchParams('y=2') },
      { endpoint: '/a', params: {} },
      { endpoint: '' },
      { endpoint: '/a/./b/../c' },
      { endpoint: '/time:12' },
    ]
  ) {
    await proxy(client, { ...connection, ...input });
  }
  assert.equal(
    requests.map(({ url }) => url),
    [
      'https://self.hosted/base/proxy/a%2Fb/c?q=a+b&empty=&flag',
      'https://self.hosted/base/proxy/a?x=1&x=2',
      'https://self.hosted/base/proxy/a?x=1&y=2',
      'https://self.hosted/base/proxy/a',
      'https://self.hosted/base/proxy/',
      'https://self.hosted/base/proxy/a/./b/../c',
      'https://self.hosted/base/proxy/time:12',
    ],
  );
});

targets('refuses whatever would leave the proxy', async () => {
  const { client, requests } = scripted();
  for (
    const endpoint of [
      undefined,
      5,
      '../connections',
      '/../connections',
      '/%2e%2e/connections',
      '/.%2E/connections',
      '/a/../../connections',
      '/..\\connections',
      'https://evil.example/x',
      'a#b',
      'a\nb',
    ]
  ) {
    const error = await rejection(proxy(client, { ...connection, endpoint: endpoint as string }));
    assert.instance(error, TypeError, `${endpoint}`);
    assert.match(error.message, 'endpoint');
  }
  assert.is(requests.length, 0);
});

targets.run();

const answers = suite('proxy answers');

answers('gives the response of the provider as it came, whatever its status', async () => {
  for (
    const response of [
      () => new Response('created', { status: 201, headers: { 'x-request-id': 'r' } }),
      () => new Response('{"error":{"code":"not_found","message":"no such repository"}}', { status: 404 }),
      () => new Response('{"error":"upstream 401"}', { status: 401 }),
      () => new Response('{"message":"slow down","code":"x"}', { status: 429, headers: { 'retry-after': '7' } }),
      () => new Response('<html>', { status: 502 }),
      () => new Response('null', { status: 500 }),
      () => new Response('{"message":"m","code":"c","method":"get","extra":1}', { status: 500 }),
      () => new Response(null, { status: 404 }),
      () => new Response(null, { status: 302, headers: { location: 'https://x.example' } }),
    ]
  ) {
    const made = response();
    const { client } = scripted(() => made);
    const given = await proxy(client, { ...connection, endpoint: '/x' });
    assert.equal([given.status, given.headers.get('location')], [made.status, made.headers.get('location')]);
    assert.not(given.bodyUsed);
    assert.is(await given.text(), await response().text(), 'its body is still there');
  }
});

answers('throws what Nango itself refuses', async () => {
  for (
    const [status, body] of [
      [400, { error: { code: 'server_error', message: 'Failed to get connection' } }],
      [424, { error: { code: 'server_error', message: 'Failed to get connection credentials: expired' } }],
      [401, { error: { code: 'unknown_account', message: 'm', payload: {} } }],
      [429, { error: { code: 'too_many_request', method: 'GET', path: '/proxy/x' } }],
      [400, { error: { code: 'base_url_override_not_allowed', message: 'm' } }],
      [500, { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', method: 'get' }],
      [500, undefined],
    ] as const
  ) {
    const { client } = scripted(
      () =>
        body
          ? Response.json(body, { status, headers: { 'retry-after': '3' } })
          : new Response(new Uint8Array(0), { status, headers: { 'retry-after': '3' } }),
    );
    const error: NangoApiError = await rejection(proxy(client, { ...connection, endpoint: '/x' }));
    assert.ok(isNangoError(error), JSON.stringify(body));
    assert.is(error.origin, 'nango');
    assert.is(error.status, status);
    assert.is(error.operation, 'GET /proxy/{endpoint}');
    assert.is(error.retryAfter, 3);
    assert.equal(error.body, body ?? '');
  }
});

answers('streams, and ends the stream with the signal of the caller or after its timeout', async () => {
  for (const options of [{ signal: new AbortController() }, { timeout: 20 }]) {
    await hurry(async () => {
      const controller = 'signal' in options ? options.signal : undefined;
      let given: AbortSignal | undefined;
      const client = createClient({
        apiKey,
        fetch: async (_, init) => {
          given = init!.signal!;
          return new Response(
            new ReadableStream({
              start(stream) {
                stream.enqueue(new TextEncoder().encode('first'));
                given!.addEventListener('abort', () => stream.error(given!.reason));
              },
            }),
          );
        },
      });
      const response = await proxy(client, { ...connection, endpoint: '/x' }, {
        signal: controller?.signal,
        timeout: 'timeout' in options ? options.timeout : undefined,
      });
      const reader = response.body!.getReader();
      assert.is(new TextDecoder().decode((await reader.read()).value), 'first');
      const reason = new Error('enough');
      controller?.abort(reason);
      const error = await rejection(reader.read());
      if (controller) assert.is(error, reason);
      else assert.is(error.name, 'NangoTimeoutError');
    });
  }
});

answers('has no time limit of its own', async () => {
  const { client } = scripted();
  const quick = createClient({
    apiKey,
    timeout: 1,
    fetch: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return new Response('late');
    },
  });
  assert.is((await proxy(client, { ...connection, endpoint: '/x' })).status, 200);
  assert.is(await (await proxy(quick, { ...connection, endpoint: '/x' })).text(), 'late');
});

answers.run();

const fetches = suite('createProxyFetch');

const github: ProxyFetchInput = {
  ...connection,
  baseUrl: 'https://api.github.com/v3',
  origins: ['https://uploads.github.com'],
};

fetches('sends paths and URLs below its base to the provider, and URLs of its origins there', async () => {
  const { client, requests } = scripted();
  const fetch = createProxyFetch(client, github);
  for (
    const input of [
      '/user',
      'https://api.github.com/v3/user?a=1#top',
      new URL('https://api.github.com/v3'),
      'https://uploads.github.com/f?n=x',
    ]
  ) {
    await fetch(input);
  }
  assert.equal(
    requests.map(({ url, headers }) => [url.slice('https://api.nango.dev'.length), headers.get('base-url-override')]),
    [
      ['/proxy/user', null],
      ['/proxy/user?a=1', null],
      ['/proxy/', null],
      ['/proxy/f?n=x', 'https://uploads.github.com'],
    ],
  );
});

fetches('refuses every other URL', async () => {
  const { client, requests } = scripted();
  const fetch = createProxyFetch(client, github);
  for (
    const input of [
      'https://evil.example/',
      'https://api.github.com/v4/user',
      'https://api.github.com.evil.example/v3/user',
      'https://api.github.com/v3/../v4',
      'http://api.github.com/v3/user',
      'https://uploads.github.com.evil.example/',
      'data:text/plain,x',
      '//other.example/x',
      ' https://other.example/x',
    ]
  ) {
    assert.instance(await rejection(fetch(input)), TypeError, input);
  }
  assert.is(requests.length, 0);
});

fetches('takes a Request, and leaves the credentials to Nango', async () => {
  const { client, requests } = scripted();
  const fetch = createProxyFetch(client, github);
  const request = new Request('https://api.github.com/v3/gists', {
    method: 'POST',
    headers: {
      Authorization: 'token placeholder',
      'Content-Type': 'application/vnd.github+json',
      'X-GitHub-Api-Version': '1',
    },
    body: '{"a":1}',
  });
  await fetch(request);
  const { method, headers, body } = requests[0]!;
  assert.is(method, 'POST');
  assert.is(headers.get('authorization'), `Bearer ${apiKey}`);
  assert.is(headers.get('nango-proxy-authorization'), null);
  assert.is(headers.get('nango-proxy-x-github-api-version'), '1');
  assert.is(headers.get('content-type'), 'application/vnd.github+json');
  assert.is(headers.get('nango-proxy-content-type'), 'application/vnd.github+json');
  assert.is(new TextDecoder().decode(body as ArrayBuffer), '{"a":1}');
});

fetches('takes any method, and the init of fetch', async () => {
  const { client, requests } = scripted();
  const fetch = createProxyFetch(client, github);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'PROPFIND']) await fetch('/x', { method });
  assert.equal(
    requests.map(({ method }) => method),
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'PROPFIND'],
  );
  const reason = new Error('stop');
  assert.is(await rejection(fetch('/x', { signal: AbortSignal.abort(reason) })), reason as never);
});

fetches('refuses a bad connection at once', () => {
  const { client } = scripted();
  assert.throws(() => createProxyFetch(client, { ...connection, connectionId: '' }), /connectionId/);
  assert.throws(() => createProxyFetch(client, { ...connection, baseUrl: 'github' }), /baseUrl/);
  assert.throws(() => createProxyFetch(client, { ...connection, origins: ['github'] }), /origins/);
});

fetches.run();
