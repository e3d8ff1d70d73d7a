// Providers and integrations against the emulator: from the catalogue to an integration that comes and goes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  createIntegration,
  createQuickstartIntegration,
  deleteIntegration,
  getIntegration,
  getProvider,
  getProviderTemplates,
  listIntegrations,
  listProviders,
  NangoApiError,
  updateIntegration,
} from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';

const credentials = { type: 'OAUTH2', client_id: 'app', client_secret: 'secret', scopes: 'repo,user' } as const;

async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(() => undefined, (reason: unknown) => reason);
  assert.instance(error, NangoApiError);
  return (error as NangoApiError).reason;
}

test('an integration is created with a key that needs encoding, read, renamed and deleted', async () => {
  const emulator = createEmulator();
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const uniqueKey = 'my key:v1.0@x ~a';
  const created = await createIntegration(client, { provider: 'github', unique_key: uniqueKey, credentials });
  assert.is(created.data.unique_key, uniqueKey);
  assert.is(created.data.forward_webhooks, true);
  assert.is('credentials' in created.data, false);

  const { data } = await getIntegration(client, { uniqueKey, include: ['webhook', 'credentials'] });
  assert.equal(data.credentials, { ...credentials, webhook_secret: null });
  assert.is('webhook_url' in data, true);
  assert.is('credentials' in (await getIntegration(client, { uniqueKey, include: [] })).data, false);
  assert.is('credentials' in (await getIntegration(client, { uniqueKey, include: 'credentials' })).data, true);

  await updateIntegration(client, { uniqueKey, body: { unique_key: 'github', display_name: 'Code' } });
  const { data: integrations } = await listIntegrations(client);
  assert.equal(integrations.map(({ unique_key, display_name }) => [unique_key, display_name]), [['github', 'Code']]);

  assert.equal(await deleteIntegration(client, { uniqueKey: 'github' }), { success: true });
  assert.is(await reasonOf(getIntegration(client, { uniqueKey: 'github' })), 'not_found');
});

test('a quickstart integration takes a provider that Nango has an app for', async () => {
  const emulator = createEmulator({ sharedApps: ['github'] });
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const { data } = await createQuickstartIntegration(client, { provider: 'github', unique_key: 'github' });
  assert.is(data.provider, 'github');
  const refused = createQuickstartIntegration(client, { provider: 'unauthenticated', unique_key: 'b' });
  assert.is(await reasonOf(refused), 'invalid_body');
});

test('providers are found by a part of their name, and their templates told apart by type', async () => {
  const template = { returns: ['Issue'], scopes: [], json_schema: null, input: 'None', description: 'd' };
  const emulator = createEmulator({
    templates: {
      github: [
        { ...template, type: 'action', name: 'create-issue' },
        { ...template, type: 'sync', name: 'issues', runs: 'every hour', auto_start: true, track_deletes: false },
      ],
    },
  });
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const { data: found } = await listProviders(client, { search: 'GITHUB' });
  assert.ok(found.length > 0 && found.every(({ name }) => name.includes('github')));
  assert.is((await getProvider(client, { provider: 'github' })).data.auth_mode, 'OAUTH2');
  const { data: templates } = await getProviderTemplates(client, { provider: 'github' });
  const schedules = templates.map((each) => (each.type === 'sync' ? each.runs : each.type));
  assert.equal(schedules, ['action', 'every hour']);
  assert.equal((await getProviderTemplates(client, { provider: 'nope' })).data, []);
});

test.run();
