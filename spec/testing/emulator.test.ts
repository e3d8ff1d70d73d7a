import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const limited = '20000000-0000-4000-8000-000000000001';
const account = '20000000-0000-4000-8000-000000000002';

test('an emulator without a seed has one environment with one key', async () => {
  const emulator = createEmulator();
  assert.equal((await call(emulator, 'GET /connections')).body, { connections: [] });
  assert.equal(
    emulator.store.environments.map(({ name }) => name),
    ['dev'],
  );
  assert.match(emulator.apiKey, /^[0-9a-f-]{36}$/);
});

test('any host is answered', async () => {
  const emulator = createEmulator();
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  assert.is((await emulator.fetch('https://elsewhere.example/connections', { headers })).status, 200);
  assert.is((await emulator.fetch(new URL('https://elsewhere.example/connections'), { headers })).status, 200);
  assert.is((await emulator.fetch(new Request('https://elsewhere.example/connections', { headers }))).status, 200);
});

test('authentication refuses as the server does, and does not count the call', async () => {
  const emulator = createEmulator();
  const cases: [string | undefined, string][] = [
    [undefined, '401 missing_auth_header'],
    ['Bearer not-a-key', '401 invalid_secret_key_format'],
    [`bearer ${emulator.apiKey}`, '401 invalid_secret_key_format'],
    ['Bearer 11111111-1111-4111-8111-111111111111', '401 unknown_account'],
  ];
  for (const [authorization, expected] of cases) {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await call(emulator, 'GET /integrations', { key: null, headers });
    assert.is(refusal(answer), expected);
    assert.equal(answer.body.error.payload, {});
    assert.is(answer.headers.get('x-ratelimit-limit'), null);
  }
  const bare = await call(emulator, 'GET /integrations', { key: null, headers: { authorization: emulator.apiKey } });
  assert.is(bare.status, 200, 'a key without the word Bearer is taken');
});

test('scopes are required, and wildcards cover what is below them', async () => {
  const emulator = createEmulator({ keys: [{ secret: limited, scopes: ['environment:integrations:*'] }] });
  assert.is((await call(emulator, 'GET /integrations', { key: limited })).status, 200);
  const refused = await call(emulator, 'GET /connections', { key: limited });
  assert.is(refused.status, 403);
  assert.is(
    refused.body.error.message,
    'Insufficient scope. Required one of: environment:connections:list or environment:connections:list_credentials',
  );
});

test('keys of the environment and of the account do not stand for each other', async () => {
  const emulator = createEmulator({ accountKeys: [{ secret: account }] });
  assert.is(refusal(await call(emulator, 'GET /connections', { key: account })), '403 forbidden');
  assert.is(refusal(await call(emulator, 'GET /environments')), '403 forbidden');
  assert.is((await call(emulator, 'GET /environments', { key: account })).status, 200);
});

test('an unknown path looks like a success to a GET, and like HTML to all', async () => {
  const emulator = createEmulator();
  const page = await call(emulator, 'GET /connection-s');
  assert.is(page.status, 200);
  assert.match(page.headers.get('content-type') ?? '', 'text/html');
  const refused = await call(emulator, 'POST /nothing/<here>', { body: {} });
  assert.is(refused.status, 404);
  assert.match(refused.body, 'Cannot POST /nothing/%3Chere%3E');
});

test('paths match in any case and with a slash at the end, and their segments are decoded once', async () => {
  const emulator = createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    connections: [{ provider_config_key: 'plain', connection_id: 'org/team 1' }],
  });
  assert.is((await call(emulator, 'GET /Connections/')).body.connections.length, 1);
  const found = await call(emulator, 'GET /connections/org%2Fteam%201?provider_config_key=plain');
  assert.is(found.body.connection_id, 'org/team 1');
  const twice = await call(emulator, 'GET /connections/org%252Fteam%25201?provider_config_key=plain');
  assert.is(refusal(twice), '400 invalid_uri_params invalid_format@connectionId');
  assert.is(refusal(await call(emulator, 'GET /connections/%zz')), '500 generic_error_support');
});

test('bodies are checked before anything else', async () => {
  const emulator = createEmulator({ bodyLimit: 20 });
  const json = { 'content-type': 'application/json' };
  assert.is(
    refusal(await call(emulator, 'POST /integrations', { key: null, headers: json, body: '{bad' })),
    '400 invalid_json',
  );
  assert.is(
    refusal(await call(emulator, 'POST /integrations', { key: null, headers: json, body: '"text"' })),
    '400 invalid_json',
  );
  const large = await call(emulator, 'POST /integrations', {
    key: null,
    headers: json,
    body: `{"a":"${'y'.repeat(20)}"}`,
  });
  assert.is(refusal(large), '500 generic_error_support');
  assert.type(large.body.error.payload, 'string');
  const text = await call(emulator, 'POST /integrations', {
    key: null,
    headers: { 'content-type': 'text/plain' },
    body: 'hi',
  });
  assert.is(refusal(text), '415 invalid_content_type');
});

test('unknown keys are refused in queries and bodies', async () => {
  const emulator = createEmulator();
  const query = await call(emulator, 'GET /integrations?x=1&y=2');
  assert.equal(query.body.error, {
    code: 'invalid_query_params',
    errors: [{ code: 'unrecognized_keys', message: 'Unrecognized keys: "x", "y"', path: [] }],
  });
  const body = await call(emulator, 'POST /integrations', { body: { provider: 'github', unique_key: 'a', nope: 1 } });
  assert.is(refusal(body), '400 invalid_body unrecognized_keys@');
});

test('answers carry an entity tag, and 304 answers the one that is known', async () => {
  const emulator = createEmulator({ variables: { MY_VAR: 'my-value', UNICODE: 'héllo ☃' } });
  const first = await call(emulator, 'GET /environment-variables');
  assert.is(first.headers.get('etag'), 'W/"4e-Huhs0icJrAzMOImXTBVHeOpnhps"');
  const again = await call(emulator, 'GET /environment-variables', {
    headers: { 'if-none-match': first.headers.get('etag')! },
  });
  assert.is(again.status, 304);
  assert.is(again.body, '');
});

test('HEAD answers as GET without a body, OPTIONS for any origin', async () => {
  const emulator = createEmulator();
  const head = await call(emulator, 'HEAD /connections', {});
  assert.is(head.status, 200);
  const preflight = await call(emulator, 'OPTIONS /connections', { key: null });
  assert.is(preflight.status, 204);
  assert.is(preflight.headers.get('access-control-allow-origin'), '*');
  assert.not.match(preflight.headers.get('access-control-allow-headers') ?? '', /retries/i);
});

test('requests are noted', async () => {
  const emulator = createEmulator();
  await call(emulator, 'PATCH /connections/metadata?x=1', { body: { a: 1 } });
  await call(emulator, 'GET /nowhere', { key: null });
  const [first, second] = emulator.requests;
  assert.is(first?.operation, 'updateMetadata');
  assert.is(first?.search, 'x=1');
  assert.equal(first?.body, { a: 1 });
  assert.is(first?.status, 400);
  assert.is(second?.operation, undefined);
});

test('a fired signal rejects with its reason', async () => {
  const emulator = createEmulator();
  const controller = new AbortController();
  const reason = new Error('enough');
  controller.abort(reason);
  const failed = await emulator
    .fetch(`${emulator.host}/health`, { signal: controller.signal })
    .catch((error: unknown) => error);
  assert.is(failed, reason);
});

test('a signal that fires between the headers and the body ends the body', async () => {
  const emulator = createEmulator();
  const controller = new AbortController();
  const reason = new Error('enough');
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  const response = await emulator.fetch(`${emulator.host}/providers`, { headers, signal: controller.signal });
  const reader = response.body!.getReader();
  controller.abort(reason);
  let failed: unknown;
  try {
    while (!(await reader.read()).done);
  } catch (error) {
    failed = error;
  }
  assert.is(failed, reason);
});

test('environments do not see each other', async () => {
  const other = '20000000-0000-4000-8000-000000000009';
  const emulator = createEmulator({
    variables: { A: 'dev' },
    environments: [{ name: 'prod', apiKey: other, variables: { A: 'prod' } }],
  });
  assert.equal((await call(emulator, 'GET /environment-variables')).body, [{ name: 'A', value: 'dev' }]);
  assert.equal((await call(emulator, 'GET /environment-variables', { key: other })).body, [
    { name: 'A', value: 'prod' },
  ]);
});

/** The message that something throws. */
function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.instance(error, TypeError);
    return (error as TypeError).message;
  }
  return assert.unreachable() as never;
}

test('a seed that names what does not exist is refused, with the nearest name that does', () => {
  const seeds: [seed: object, message: string][] = [
    [
      { integrations: [{ provider: 'posthook', unique_key: 'a' }] },
      'seed.integrations[0] names an unknown provider "posthook"; did you mean "posthog"?',
    ],
    [
      { connections: [{ provider_config_key: 'a', connection_id: 'b' }] },
      'seed.connections[0] names an unknown integration "a"',
    ],
    [{ integration: [] }, 'seed has no member "integration"; did you mean "integrations"?'],
    [{ integrations: [{ provider: 'github' }] }, 'seed.integrations[0].unique_key is missing'],
    [
      { integrations: [{ provider: 'github', unique_key: 'a', displayname: 'A' }] },
      'seed.integrations[0] has no member "displayname"; did you mean "display_name"?',
    ],
    [{ keys: [{ secret: 'a', scope: [] }] }, 'seed.keys[0] has no member "scope"; did you mean "scopes"?'],
    [
      { environments: [{ syncs: { issues: { model: ['Issue'] } } }] },
      'seed.environments[0].syncs.issues has no member "model"; did you mean "models"?',
    ],
    [{ events: { hello: {} } }, 'seed.events.hello.event is missing'],
    [{ webhooks: { onSyncErrors: true } }, 'seed.webhooks has no member "onSyncErrors"; did you mean "onSyncError"?'],
    [{ rateLimit: { max: 1 } }, 'seed.rateLimit has no member "max"; did you mean "limit"?'],
  ];
  for (const [seed, message] of seeds) assert.is(messageOf(() => createEmulator(seed)), message);
  const emulator = createEmulator();
  const target = { providerConfigKey: 'a', connectionId: 'b', model: 'M' };
  assert.match(messageOf(() => emulator.saveRecords(target, [])), /no connection b of a/);
  assert.is(
    messageOf(() => emulator.saveRecords({ ...target, varient: 'b' } as typeof target, [])),
    'target has no member "varient"; did you mean "variant"?',
  );
});

test('every provider of Nango can be used', async () => {
  const emulator = createEmulator({
    integrations: ['posthog', 'stripe-app', 'notion'].map((provider) => ({ provider, unique_key: provider })),
  });
  const { body } = await call(emulator, 'GET /providers/posthog');
  assert.is(body.data.auth_mode, 'API_KEY');
  assert.is((await call(emulator, 'GET /providers')).body.data.length, 981);
  assert.throws(() => emulator.store.providers.get('notion')!.display_name = 'Mine', TypeError);
});

test.run();
