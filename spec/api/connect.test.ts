// The way of a connection from a backend to a browser and back: sessions, authorizations, and the wait for them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  authorizeApiKey,
  authorizeBasic,
  authorizeUnauthenticated,
  createClient,
  createConnectSession,
  createReconnectSession,
  createSessionClient,
  deleteConnectSession,
  getConnection,
  getConnectSession,
  listIntegrations,
  waitForConnection,
} from '../../lib/mod.ts';
import type { SessionClient } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';
import { rejection, textOf } from '../support/support.ts';

const tags = { end_user_id: 'u-1' };

function emulated() {
  const emulator = createEmulator({
    integrations: [
      { provider: 'private-api-bearer', unique_key: 'bearer' },
      { provider: 'private-api-basic', unique_key: 'basic' },
      { provider: 'unauthenticated', unique_key: 'open' },
    ],
  });
  const { host, fetch, apiKey } = emulator;
  const session = (token: string): SessionClient => createSessionClient({ token, host, fetch });
  return { emulator, session, client: createClient({ apiKey, host, fetch }) };
}

test('a browser authorizes what the backend waits for', async () => {
  const { emulator, client, session } = emulated();
  const { data } = await createConnectSession(client, { tags, allowed_integrations: ['bearer', 'open'] });
  const browser = session(data.token);

  const { data: shown } = await getConnectSession(browser);
  assert.equal(shown.allowed_integrations, ['bearer', 'open']);
  assert.not(textOf(shown).includes(data.token));
  const { data: allowed } = await listIntegrations(browser);
  assert.equal(allowed.map(({ unique_key }) => unique_key).sort(), ['bearer', 'open']);

  const body = { apiKey: 'sk-1' };
  const made = await authorizeApiKey(browser, { providerConfigKey: 'bearer', params: { region: 'eu & us' }, body });
  const found = await waitForConnection(client, { providerConfigKey: 'bearer', tags });
  assert.is(found.connection_id, made.connectionId);
  const connection = await getConnection(client, made);
  assert.equal(connection.credentials, { type: 'API_KEY', apiKey: 'sk-1' });
  assert.is(connection.connection_config['region'], 'eu & us');

  const { data: next } = await createConnectSession(client, { tags });
  await authorizeUnauthenticated(session(next.token), { providerConfigKey: 'open' });
  assert.is((await waitForConnection(client, { providerConfigKey: 'open', tags })).provider, 'unauthenticated');

  for (const { operation, headers, search } of emulator.requests) {
    if (!operation?.startsWith('authorize')) continue;
    assert.not('authorization' in headers, 'the token of a session is in the query of what it posts');
    assert.ok(search.includes(data.token) || search.includes(next.token));
  }
});

test('a session is refused what it is not for, and ends', async () => {
  const { client, session } = emulated();
  const { data } = await createConnectSession(client, { tags, allowed_integrations: ['bearer'] });
  const browser = session(data.token);
  const basic = { providerConfigKey: 'basic', body: { username: 'u', password: 'p' } };
  const refused = await rejection(authorizeBasic(browser, basic));
  assert.is(refused.reason, 'integration_not_allowed');
  assert.is(refused.operation, 'POST /api-auth/basic/{providerConfigKey}');
  assert.not(textOf(refused).includes(data.token));

  assert.is(await deleteConnectSession(browser), undefined);
  assert.is((await rejection(getConnectSession(browser))).reason, 'unknown_connect_session_token');
});

test('a session to reconnect replaces the credentials of a connection', async () => {
  const { emulator, client, session } = emulated();
  emulator.addConnection({ provider_config_key: 'bearer', connection_id: 'c-1' });
  const { data } = await createReconnectSession(client, { connection_id: 'c-1', integration_id: 'bearer' });
  const browser = session(data.token);
  assert.is((await getConnectSession(browser)).data.isReconnecting, true);
  const made = await authorizeApiKey(browser, { providerConfigKey: 'bearer', body: { apiKey: 'sk-2' } });
  assert.is(made.connectionId, 'c-1');
  assert.equal((await getConnection(client, made)).credentials, { type: 'API_KEY', apiKey: 'sk-2' });
});

test.run();
