import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const app = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret', scopes: 'a,b' };
const limited = '20000000-0000-4000-8000-000000000001';

test('integrations are created, read, changed, renamed and deleted', async () => {
  const emulator = createEmulator({ keys: [{ secret: limited, scopes: ['environment:integrations:read'] }] });
  const created = await call(emulator, 'POST /integrations', {
    body: { provider: 'github', unique_key: 'gh', credentials: app },
  });
  assert.is(created.status, 200);
  assert.equal(Object.keys(created.body.data), [
    'unique_key',
    'provider',
    'display_name',
    'logo',
    'forward_webhooks',
    'created_at',
    'updated_at',
  ]);
  const path = 'GET /integrations/gh?include=webhook&include=credentials';
  const read = (await call(emulator, path)).body.data;
  assert.equal(read.credentials, { ...app, webhook_secret: null });
  assert.is(read.webhook_url, null);
  assert.not('credentials' in (await call(emulator, path, { key: limited })).body.data, 'left out without the scope');
  const patched = await call(emulator, 'PATCH /integrations/gh', { body: { display_name: 'Hub', unique_key: 'hub' } });
  assert.is(patched.body.data.display_name, 'Hub');
  assert.is(refusal(await call(emulator, 'GET /integrations/gh')), '404 not_found');
  assert.equal((await call(emulator, 'DELETE /integrations/hub')).body, { success: true });
  assert.equal((await call(emulator, 'GET /integrations')).body, { data: [] });
});

test('integrations are refused as the server refuses them', async () => {
  const emulator = createEmulator({
    integrations: [
      { provider: 'github', unique_key: 'taken' },
      { provider: 'unauthenticated', unique_key: 'used' },
    ],
    connections: [{ provider_config_key: 'used', connection_id: 'c1' }],
  });
  const create = (body: object) =>
    call(emulator, 'POST /integrations', { body: { provider: 'github', unique_key: 'new', ...body } });
  assert.is(refusal(await create({ unique_key: 'a/b' })), '400 invalid_body invalid_format@unique_key');
  assert.is(refusal(await create({ unique_key: 'taken' })), '400 invalid_body invalid_string@uniqueKey');
  assert.is(refusal(await create({ provider: 'nope' })), '400 invalid_body invalid_string@provider');
  assert.is((await create({})).body.error.message, 'Missing credentials');
  const apple = {
    type: 'APP',
    app_id: '1',
    app_link: 'l',
    private_key: '-----BEGIN RSA PRIVATE KEY-----x-----END RSA PRIVATE KEY-----',
  };
  assert.is(
    (await create({ credentials: apple })).body.error.message,
    'incompatible credentials auth type and provider auth',
  );
  assert.is(
    refusal(await create({ credentials: { type: 'BOGUS' } })),
    '400 invalid_body invalid_union@credentials.type',
  );
  assert.is((await create({ provider: 'private-api-generic' })).body.error.message, 'Base URL is required');
  const rename = (body: object) => call(emulator, 'PATCH /integrations/used', { body });
  assert.match((await rename({ unique_key: 'taken' })).body.error.message, 'already used');
  assert.match((await rename({ unique_key: 'free' })).body.error.message, 'active connections');
  assert.is(
    refusal(await call(emulator, 'GET /integrations/taken?include=webhook,credentials')),
    '400 invalid_query_params invalid_union@include',
  );
});

test('the quickstart takes providers for which there is a shared app', async () => {
  const emulator = createEmulator({ sharedApps: ['slack'] });
  const start = (provider: string) =>
    call(emulator, 'POST /integrations/quickstart', { body: { provider, unique_key: provider } });
  assert.is((await start('slack')).status, 200);
  assert.match((await start('github')).body.error.message, 'No Nango-provided developer app');
  assert.match((await start('unauthenticated')).body.error.message, 'only available for providers that require');
});

test('the catalog is listed, searched, extended', async () => {
  const emulator = createEmulator({
    providers: { mine: { display_name: 'Mine', auth_mode: 'API_KEY', docs: 'https://docs.example.com' } },
    templates: { mine: [{ name: 'whoami', type: 'action' }] },
  });
  const names = async (query: string): Promise<string[]> =>
    (await call(emulator, `GET /providers${query}`)).body.data.map(({ name }: { name: string }) => name);
  assert.equal(await names('?search=m.ne'), ['mine']);
  assert.is((await names('')).length, 982, 'all providers of Nango, and one more');
  assert.equal(await names('?search=GITHUB'), ['github', 'github-app', 'github-app-oauth', 'github-pat']);
  const { data } = (await call(emulator, 'GET /providers/mine')).body;
  assert.is(data.logo_url, `${emulator.host}/images/template-logos/mine.svg`);
  assert.is(refusal(await call(emulator, 'GET /providers/nope')), '404 not_found');
  assert.equal((await call(emulator, 'GET /providers/mine/templates')).body, {
    data: [{ name: 'whoami', type: 'action' }],
  });
  assert.equal((await call(emulator, 'GET /providers/nope/templates')).body, { data: [] });
});

test.run();
