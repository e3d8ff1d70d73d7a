// Providers that are played: which recorded answer is given, and what is said where there is none.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createProvider, playRecordings, readRecordings, recordingsOf } from '../../../lib/dev/mock.ts';

const get = (url: string) => new Request(`https://api.test${url}`);

function play(content: unknown, lines: string[] = []) {
  const ask = playRecordings(recordingsOf(content, 'issues.json'), 'recorded.json', (line) => lines.push(line));
  return async (request: Request, name?: string) => {
    const response = await ask(request, { function: name });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as unknown,
    };
  };
}

test('the closest answer is given: by method, path and query', async () => {
  const ask = play([
    { method: 'GET', path: '/a', status: 200, headers: { 'x-y': '1' }, body: 1 },
    { method: 'GET', path: '/a', query: { page: '2' }, status: 200, headers: {}, body: 2 },
    { method: 'POST', path: '/a', status: 201, headers: {}, body: 3 },
    { method: 'GET', path: '/things/*', status: 200, headers: {}, body: 4 },
    { method: 'GET', path: '/gone', status: 204, headers: {}, body: null },
  ]);
  const first = await ask(get('/a?limit=5'));
  assert.equal([first.body, first.headers.get('x-y'), first.headers.get('content-type')?.includes('json')], [
    1,
    '1',
    true,
  ]);
  assert.is((await ask(get('/a?limit=5&page=2'))).body, 2);
  assert.is((await ask(get('/a?page=3'))).body, 1);
  const posted = await ask(new Request('https://api.test/a', { method: 'POST', body: '{}' }));
  assert.equal([posted.status, posted.body], [201, 3]);
  assert.is((await ask(get('/v2/things/7'))).body, 4);
  assert.is((await ask(get('/gone'))).status, 204);
});

test('a path fits with and without the path of the base URL', async () => {
  const ask = play([{ method: 'GET', path: 'users', status: 200, headers: {}, body: 1 }]);
  assert.is((await ask(get('/api/v2/users'))).body, 1);
  assert.is((await ask(get('/users'))).body, 1);
  assert.is((await ask(get('/superusers'))).status, 501);
});

test('equal answers take turns, and the last one stays', async () => {
  const one = { method: 'GET', path: '/a', status: 200, headers: {} };
  const ask = play([{ ...one, body: 1 }, { ...one, body: 2 }, { ...one, body: 3 }]);
  const bodies = [];
  for (let index = 0; index < 5; index++) bodies.push((await ask(get('/a'))).body);
  assert.equal(bodies, [1, 2, 3, 3, 3]);
});

test('recordings of the official command line are played, of both kinds', async () => {
  const unified = play({
    api: {
      GET: {
        '/items': [
          { response: { page: 1 }, request: { params: { cursor: 'a' } } },
          { response: { page: 2 }, request: { params: { cursor: 'b' } }, headers: { link: 'x' }, status: 203 },
        ],
      },
      POST: { 'items': { response: { made: 1 }, request: { data: { b: 1, a: 2 } } } },
    },
  });
  assert.equal((await unified(get('/items?cursor=a'))).body, { page: 1 });
  const second = await unified(get('/items?cursor=b'));
  assert.equal([second.status, second.headers.get('link'), second.body], [203, 'x', { page: 2 }]);
  const post = (body: string) => new Request('https://api.test/v1/items', { method: 'POST', body });
  assert.equal((await unified(post('{"a":2,"b":1}'))).body, { made: 1 });
  assert.equal((await unified(post('{"a":"2","b":1}'))).body, { made: 1 }, 'the type of a number does not count');

  const legacy = play({
    method: 'get',
    endpoint: 'crm/contacts',
    requestIdentity: { method: 'get', endpoint: 'crm/contacts', params: [['limit', '10']], headers: [] },
    response: [1],
  });
  assert.equal((await legacy(get('/crm/contacts?limit=10'))).body, [1]);
});

test('what was recorded for the function that asks comes first', async () => {
  const recorded = (body: string) => ({ api: { GET: { '/a': { response: [body] } } } });
  const files = [
    'github/tests/issues.test.json',
    'github/tests/list-issues.test.json',
    'gitlab/tests/issues.test.json',
  ];
  const ask = playRecordings(files.flatMap((file) => recordingsOf(recorded(file), `/x/${file}`)), 'x', () => undefined);
  const from = async (name: string, integration: string) =>
    ((await (await ask(get('/a'), { function: name, integration })).json()) as string[])[0];
  assert.is(await from('issues', 'github'), files[0]);
  assert.is(await from('list-issues', 'github'), files[1]);
  assert.is(await from('issues', 'gitlab'), files[2]);
});

test('a request without an answer says what to add', async () => {
  const lines: string[] = [];
  const { status, body } = await play([], lines)(get('/b?x=1'));
  assert.is(status, 501);
  const { error } = body as { error: { message: string; add: unknown } };
  assert.equal(error.add, { method: 'GET', path: '/b', query: { x: '1' }, status: 200, headers: {}, body: {} });
  assert.match(lines[0] ?? '', 'Add this to recorded.json: {"method":"GET","path":"/b"');
});

test('files are read from folders, and what is wrong with them is said in one line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  try {
    writeFileSync(join(folder, 'a.json'), '[{"method":"GET","path":"/a","status":200,"headers":{},"body":1}]');
    writeFileSync(join(folder, 'other.json'), '{"name":"no recording"}');
    assert.is(readRecordings(folder).length, 1);
    writeFileSync(join(folder, 'bad.json'), '{');
    assert.throws(() => readRecordings(folder), /bad\.json is no JSON/);
    assert.throws(() => createProvider(join(folder, 'none'), () => undefined), /names no file or folder/);
    assert.throws(() => createProvider(join(folder, 'other.json'), () => undefined), /holds no recorded answers/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
