import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type EmulatorSeed } from '../../lib/testing/mod.ts';
import { isWebKit, testWhere } from '../support/where.ts';
import { call, refusal } from '../support/emulator.ts';

const of = ['api', 'c1'] as const;

function seeded(provider: (request: Request) => Response | Promise<Response>, more: EmulatorSeed = {}) {
  return createEmulator({
    integrations: [
      {
        provider: 'private-api-generic',
        unique_key: 'api',
        integration_config: {
          baseUrl: 'https://up.example.com/v2/',
          keyPlacement: 'header',
          keyName: 'X-Api-Key',
          valueTemplate: '${apiKey}',
        },
      },
      { provider: 'unauthenticated', unique_key: 'plain' },
    ],
    connections: [
      { provider_config_key: 'api', connection_id: 'c1', credentials: { type: 'API_KEY', apiKey: 'sk' } },
      { provider_config_key: 'plain', connection_id: 'p1' },
    ],
    provider,
    ...more,
  });
}

/** A provider that says what reached it. */
const echo = async (request: Request): Promise<Response> => {
  const url = new URL(request.url);
  const body = {
    method: request.method,
    url: request.url,
    path: url.pathname + url.search,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  };
  return Response.json(body);
};

test('path, query and body reach the provider, with its credentials and the headers that are marked', async () => {
  const emulator = seeded(echo);
  const { body } = await call(emulator, 'GET /proxy/a%2Fb/c%20d?q=%26&arr[]=1&arr[]=2', {
    of,
    headers: { 'Nango-Proxy-X-Custom': 'v', 'X-Not-Forwarded': 'z' },
  });
  assert.is(body.url, 'https://up.example.com/v2/a%2Fb/c%20d?q=%26&arr[]=1&arr[]=2');
  assert.is(body.headers['x-api-key'], 'sk');
  assert.is(body.headers['x-custom'], 'v');
  for (const name of ['authorization', 'x-not-forwarded', 'connection-id', 'provider-config-key']) {
    assert.not(name in body.headers, name);
  }
  assert.is((await call(emulator, 'GET /proxy//twice', { of })).body.path, '/v2/twice');
  const own = await call(emulator, 'GET /proxy/x', { of, headers: { 'nango-proxy-x-api-key': 'mine' } });
  assert.is(own.body.headers['x-api-key'], 'mine', 'credentials can be overridden');
});

test('bodies leave as the server sends them on', async () => {
  const emulator = seeded(echo);
  const post = async (type: string, body: string, wanted?: string) => {
    const headers = { 'content-type': type, ...(wanted && { 'nango-proxy-content-type': wanted }) };
    const answer = await call(emulator, 'POST /proxy/x', { of, headers, body });
    return [answer.body.headers['content-type'], answer.body.body];
  };
  const form = 'application/x-www-form-urlencoded';
  assert.equal(await post('application/json', '{ "big": 12345678901234567890 }'), [
    'application/json',
    '{"big":12345678901234567000}',
  ]);
  assert.equal(await post(form, 'a=1&b=2+3'), ['application/json', '{"a":"1","b":"2 3"}']);
  assert.equal(await post(form, 'a=1&b=2+3', form), [form, 'a=1&b=2+3']);
  assert.equal(await post('text/csv', 'a,b'), [form, 'a,b'], 'the outer type does not go through');
  assert.equal(await post('text/csv', 'a,b', 'text/csv'), ['text/csv', 'a,b']);
  assert.equal(await post('application/vnd.api+json', '{"a":1}', 'application/vnd.api+json'), [
    'application/vnd.api+json',
    '{"a":1}',
  ]);
  const none = await call(emulator, 'DELETE /proxy/x', { of });
  assert.is(none.body.headers['content-type'], undefined);
});

const whereRead = testWhere(test, !isWebKit, 'WebKit cannot read a form with files out of a Request');

whereRead('a form keeps its files only with the exact type in the marked header', async () => {
  const emulator = seeded(async (request) => {
    const parts = [...(await request.formData())].map(([name, value]) => `${name}:${typeof value}`);
    return Response.json(parts);
  });
  const send = async (wanted: string) => {
    const form = new FormData();
    form.append('file', new Blob(['hello']), 'a.txt');
    form.append('field', 'v');
    const headers = {
      authorization: `Bearer ${emulator.apiKey}`,
      'provider-config-key': 'api',
      'connection-id': 'c1',
      'nango-proxy-content-type': wanted,
    };
    const response = await emulator.fetch(`${emulator.host}/proxy/x`, { method: 'POST', headers, body: form });
    return JSON.parse(await response.text()) as string[];
  };
  assert.equal(await send('multipart/form-data'), ['file:object', 'field:string']);
  assert.equal(await send('multipart/form-data; boundary=x'), ['field:string']);
});

test('a buffered success keeps four headers, an error all, a stream all', async () => {
  const answers: Record<string, Response> = {
    '/v2/ok': Response.json({}, { headers: { 'x-request-id': 'r', link: '<next>', 'x-ratelimit-limit': '5' } }),
    '/v2/error': Response.json({ error: 'no' }, { status: 422, headers: { 'x-upstream': 'yes', 'retry-after': '1' } }),
    '/v2/stream': new Response('bytes', { headers: { 'transfer-encoding': 'chunked', link: '<next>' } }),
    '/v2/file': new Response('bytes', { headers: { 'content-disposition': 'attachment; filename=a' } }),
    '/v2/none': new Response(null, { status: 204, headers: { 'x-upstream': 'yes' } }),
  };
  const emulator = seeded((request) => answers[new URL(request.url).pathname]!.clone());
  const ok = await call(emulator, 'GET /proxy/ok', { of });
  assert.equal(
    [ok.headers.get('x-request-id'), ok.headers.get('link'), ok.headers.get('x-ratelimit-limit')],
    ['r', null, '100000'],
  );
  const error = await call(emulator, 'GET /proxy/error', { of });
  assert.equal([error.status, error.headers.get('x-upstream'), error.headers.get('retry-after')], [422, 'yes', '1']);
  assert.equal(error.body, { error: 'no' });
  const stream = await call(emulator, 'GET /proxy/stream', { of });
  assert.equal([stream.body, stream.headers.get('link')], ['bytes', '<next>']);
  assert.is(
    (await call(emulator, 'GET /proxy/file', { of })).headers.get('content-disposition'),
    'attachment; filename=a',
  );
  const none = await call(emulator, 'GET /proxy/none', { of });
  assert.equal([none.status, none.headers.get('x-upstream')], [204, null]);
});

test('retries are the server’s: so many, for such answers, with such waits', async () => {
  const waits: number[] = [];
  let asked = 0;
  let answer: () => Response = () => Response.json({});
  const emulator = seeded(
    () => {
      asked += 1;
      return answer();
    },
    { sleep: async (milliseconds) => void waits.push(milliseconds) },
  );
  const get = async (headers: Record<string, string>) => {
    asked = 0;
    return [(await call(emulator, 'GET /proxy/x', { of, headers })).status, asked];
  };
  answer = () => new Response('', { status: 500 });
  assert.equal(await get({}), [500, 1]);
  assert.equal(await get({ retries: '2' }), [500, 3]);
  assert.equal(waits, [3000, 6000]);
  answer = () => new Response('', { status: 401 });
  assert.equal(await get({ retries: '1' }), [401, 2], '401 is tried again too');
  answer = () => new Response('', { status: 404 });
  assert.equal(await get({ retries: '1' }), [404, 1]);
  assert.equal(await get({ retries: '1', 'retry-on': '404,409' }), [404, 2]);
  answer = () => {
    throw Object.assign(new Error('connect ECONNREFUSED up:443'), { code: 'ECONNREFUSED' });
  };
  assert.equal(await get({ retries: '1' }), [500, 2]);
});

test('an unreachable provider is a bare error, as is an emulator without one', async () => {
  const emulator = createEmulator({
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c1' }],
  });
  const { status, body } = await call(emulator, 'GET /proxy/x', { of: ['github', 'c1'] });
  assert.is(status, 500);
  assert.equal(body, { message: 'connect ECONNREFUSED api.github.com', code: 'ECONNREFUSED', method: 'get' });
});

test('redirects of the provider are followed by the server', async () => {
  const emulator = seeded((request) =>
    new URL(request.url).pathname === '/v2/old'
      ? new Response(null, { status: 302, headers: { location: '/v2/new' } })
      : echo(request)
  );
  const { body } = await call(emulator, 'POST /proxy/old', { of, body: { a: 1 } });
  assert.equal([body.method, body.path, body.body], ['GET', '/v2/new', '']);
});

test('what the proxy itself refuses', async () => {
  const emulator = seeded(echo);
  const get = (headers: Record<string, string>, who: readonly [string, string] = of) =>
    call(emulator, 'GET /proxy/x', { of: who, headers });
  assert.is(
    refusal(await call(emulator, 'GET /proxy/x')),
    '400 invalid_headers invalid_type@provider-config-key invalid_type@connection-id',
  );
  assert.is(refusal(await get({}, ['nope', 'c1'])), '404 unknown_provider_config');
  assert.is(refusal(await get({}, ['api', 'nope'])), '400 server_error');
  assert.is(refusal(await get({}, ['plain', 'p1'])), '400 unsupported_provider');
  assert.is(refusal(await get({ retries: 'abc' })), '400 invalid_headers invalid_type@retries');
  assert.is(refusal(await get({ 'retry-on': 'abc' })), '400 invalid_headers invalid_format@retry-on');
  assert.is(refusal(await get({ decompress: 'maybe' })), '400 invalid_headers invalid_value@decompress');
  assert.is(refusal(await get({ 'base-url-override': 'http://localhost:1' })), '400 base_url_override_not_allowed');
  const over = await get({ 'base-url-override': 'https://other.example.com' });
  assert.is(over.body.url, 'https://other.example.com/x');
  assert.is((await get({ 'base-url-override': '' })).body.url, 'https://up.example.com/v2/x');
});

test('credentials that a provider takes in the query are put there', async () => {
  const urls: string[] = [];
  const emulator = createEmulator({
    integrations: [{ provider: 'builtwith', unique_key: 'built' }],
    connections: [{
      provider_config_key: 'built',
      connection_id: 'c1',
      credentials: { type: 'API_KEY', apiKey: 'a key' },
    }],
    provider: (request) => {
      urls.push(request.url);
      return Response.json({});
    },
  });
  await call(emulator, 'GET /proxy/v1/lookup?domain=a.example', { of: ['built', 'c1'] });
  assert.match(urls[0]!, /\/v1\/lookup\?domain=a\.example&KEY=a\+key$/);
});

test.run();
