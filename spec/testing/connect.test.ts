import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type EmulatorSeed } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

function seeded(more: EmulatorSeed = {}) {
  return createEmulator({
    integrations: [
      { provider: 'github', unique_key: 'github' },
      { provider: 'private-api-bearer', unique_key: 'bearer' },
      { provider: 'unauthenticated', unique_key: 'plain' },
    ],
    ...more,
  });
}

const open = async (emulator: ReturnType<typeof seeded>, body: object): Promise<string> =>
  (await call(emulator, 'POST /connect/sessions', { body })).body.data.token;

test('a session has a token, a link and half an hour', async () => {
  let now = Date.parse('2026-01-02T03:04:05.000Z');
  const emulator = seeded({ now: () => now });
  const { status, body } = await call(emulator, 'POST /connect/sessions', {
    body: { end_user: { id: 'u1' }, allowed_integrations: ['github'] },
  });
  assert.is(status, 201);
  assert.match(body.data.token, /^nango_connect_session_[0-9a-f]{64}$/);
  assert.is(body.data.connect_link, `https://connect.nango.test/?session_token=${body.data.token}`);
  assert.is(body.data.expires_at, '2026-01-02T03:34:05.000Z');
  assert.is((await call(emulator, 'GET /connect/session', { key: body.data.token })).status, 200);
  now += 30 * 60 * 1000;
  assert.is(
    refusal(await call(emulator, 'GET /connect/session', { key: body.data.token })),
    '401 unknown_connect_session_token',
  );
});

test('a session shows what it was made with, and may do little else', async () => {
  const emulator = seeded();
  const token = await open(emulator, {
    end_user: { id: 'u1', email: 's@example.com' },
    organization: { id: 'o1' },
    allowed_integrations: ['github'],
    integrations_config_defaults: { github: { user_scopes: 'a', connection_config: { subdomain: 'z' } } },
  });
  const { data } = (await call(emulator, 'GET /connect/session', { key: token })).body;
  assert.equal(data.endUser.organization, { id: 'o1', display_name: null });
  assert.equal(data.integrations_config_defaults, { github: { connection_config: { subdomain: 'z' } } });
  assert.not('token' in data);
  const listed = (await call(emulator, 'GET /integrations', { key: token })).body.data;
  assert.equal(
    listed.map(({ unique_key: key }: { unique_key: string }) => key),
    ['github'],
  );
  assert.is(refusal(await call(emulator, 'GET /connections', { key: token })), '401 invalid_secret_key_format');
  assert.is((await call(emulator, 'DELETE /connect/session', { key: token })).status, 204);
  assert.is(refusal(await call(emulator, 'GET /connect/session', { key: token })), '401 unknown_connect_session_token');
  assert.is(refusal(await call(emulator, 'GET /connect/session')), '401 invalid_connect_session_token_format');
});

test('sessions are refused as the server refuses them', async () => {
  const emulator = seeded();
  const create = (body: unknown) => call(emulator, 'POST /connect/sessions', { body });
  assert.is(refusal(await create({})), '400 invalid_body invalid_type@end_user');
  assert.is((await create({ tags: { a: 'b' } })).status, 201, 'tags will do');
  assert.is(
    refusal(await create({ end_user: { id: 'u' }, allowed_integrations: ['nope', 'github'] })),
    '400 invalid_body custom@allowed_integrations.0',
  );
  assert.is(
    refusal(await create({ end_user: { id: 'u', email: 'x' } })),
    '400 invalid_body invalid_format@end_user.email too_small@end_user.email',
  );
  const overrides = { github: { docs_connect: 'https://docs.example.com' } };
  assert.is(refusal(await create({ end_user: { id: 'u' }, overrides })), '403 forbidden');
  const reconnect = await call(emulator, 'POST /connect/sessions/reconnect', {
    body: { connection_id: 'nope', integration_id: 'github' },
  });
  assert.is(reconnect.body.error.message, 'ConnectionID or IntegrationId does not exists');
});

test('completing a session creates the connection and sends the webhook', async () => {
  const emulator = seeded();
  const token = await open(emulator, {
    tags: { end_user_id: 'u1' },
    allowed_integrations: ['github'],
    integrations_config_defaults: { github: { connection_config: { subdomain: 'z' } } },
  });
  const { connectionId } = emulator.completeConnection(token);
  const { body } = await call(emulator, `GET /connections/${connectionId}?provider_config_key=github`);
  assert.equal(body.tags, { end_user_id: 'u1' });
  assert.equal(body.connection_config, { subdomain: 'z' });
  assert.is(body.credentials.type, 'OAUTH2');
  await emulator.settled();
  assert.equal(emulator.webhooks.deliveries[0]?.event, {
    from: 'nango',
    type: 'auth',
    connectionId,
    providerConfigKey: 'github',
    provider: 'github',
    authMode: 'OAUTH2',
    environment: 'dev',
    tags: { end_user_id: 'u1' },
    operation: 'creation',
    success: true,
  });
  const again = emulator.completeConnection(token);
  assert.is.not(again.connectionId, connectionId, 'a session can authorize more than once');
});

test('a session that allows several needs to be told which', async () => {
  const emulator = seeded();
  const token = await open(emulator, { tags: { a: 'b' } });
  assert.throws(() => emulator.completeConnection(token), /integrationId must name one/);
  const made = emulator.completeConnection(token, { integrationId: 'plain', connectionId: 'mine' });
  assert.is(made.connectionId, 'mine');
});

test('a reconnect session authorizes the same connection again', async () => {
  const emulator = seeded({
    connections: [{ provider_config_key: 'bearer', connection_id: 'c1', metadata: { kept: true }, tags: { a: '1' } }],
  });
  const { body } = await call(emulator, 'POST /connect/sessions/reconnect', {
    body: { connection_id: 'c1', integration_id: 'bearer', tags: { b: '2' } },
  });
  const session = (await call(emulator, 'GET /connect/session', { key: body.data.token })).body.data;
  assert.is(session.isReconnecting, true);
  emulator.completeConnection(body.data.token, { credentials: { type: 'API_KEY', apiKey: 'new' } });
  const { connections } = (await call(emulator, 'GET /connections')).body;
  assert.is(connections.length, 1);
  const read = (await call(emulator, 'GET /connections/c1?provider_config_key=bearer')).body;
  assert.equal([read.credentials.apiKey, read.metadata, read.tags], ['new', { kept: true }, { b: '2' }]);
  await emulator.settled();
  assert.is(emulator.webhooks.deliveries[0]?.event['operation'], 'override');
});

test('a front end authorizes with the token in the query', async () => {
  const emulator = seeded();
  const token = await open(emulator, { tags: { end_user_id: 'u1' }, allowed_integrations: ['bearer'] });
  const post = (path: string, body: object) => call(emulator, `POST ${path}`, { key: null, body });
  const query = `?connect_session_token=${token}`;
  assert.is(refusal(await post('/api-auth/api-key/bearer', { apiKey: 'sk' })), '401 missing_public_key');
  assert.is(refusal(await post(`/api-auth/api-key/bearer${query}`, {})), '400 invalid_body invalid_type@apiKey');
  assert.is(
    refusal(await post(`/api-auth/basic/bearer${query}`, { username: 'a', password: 'b' })),
    '400 invalid_auth_mode',
  );
  assert.is(refusal(await post(`/auth/unauthenticated/plain${query}`, {})), '400 integration_not_allowed');
  assert.is(refusal(await post(`/api-auth/api-key/nope${query}`, { apiKey: 'sk' })), '404 unknown_provider_config');
  const made = await post(`/api-auth/api-key/bearer${query}&params[region]=eu`, { apiKey: 'sk' });
  assert.equal(Object.keys(made.body), ['connectionId', 'providerConfigKey']);
  const read = (await call(emulator, `GET /connections/${made.body.connectionId}?provider_config_key=bearer`)).body;
  assert.equal(read.credentials, { type: 'API_KEY', apiKey: 'sk' });
  assert.equal(read.connection_config, { region: 'eu' });
});

test('every auth mode that has one can be authorized headlessly', async () => {
  const cases: Record<string, [string, object]> = {
    '8x8': ['/oauth2/auth', { client_id: 'a', client_secret: 'b' }],
    'netsuite-tba': ['/auth/tba', { token_id: 'a', token_secret: 'b' }],
    '3cx': ['/auth/two-step', { username: 'a' }],
    'apple-app-store': ['/auth/jwt', { privateKey: 'a' }],
    bill: ['/auth/bill', { username: 'a', password: 'b', organization_id: 'c', dev_key: 'd' }],
    'aws-sigv4': ['/auth/aws-sigv4', { role_arn: 'arn', region: 'eu-west-1' }],
    emarsys: ['/auth/signature', { username: 'a', password: 'b', type: 'SIGNATURE' }],
    'private-api-basic': ['/api-auth/basic', { username: 'a', password: '' }],
    unauthenticated: ['/auth/unauthenticated', {}],
  };
  const emulator = createEmulator({
    integrations: Object.keys(cases).map((provider) => ({ provider, unique_key: provider })),
  });
  for (const [provider, [path, body]] of Object.entries(cases)) {
    const token = await open(emulator, { tags: { a: 'b' } });
    const answer = await call(emulator, `POST ${path}/${provider}?connect_session_token=${token}`, { key: null, body });
    assert.is(answer.status, 200, provider);
  }
  assert.is((await call(emulator, 'GET /connections')).body.connections.length, Object.keys(cases).length);
});

test.run();
