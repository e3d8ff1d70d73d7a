// Who may call what: the types of lib/api/connect.ts and authorize.ts, checked by the compiler.

import {
  authorizeApiKey,
  authorizeAwsSigV4,
  authorizeBasic,
  authorizeBill,
  authorizeJwt,
  authorizeOAuth2ClientCredentials,
  authorizeOAuthOutbound,
  authorizeSignature,
  authorizeTba,
  authorizeTwoStep,
  authorizeUnauthenticated,
  createConnectSession,
  createReconnectSession,
  createSessionClient,
  deleteConnectSession,
  getConnectSession,
} from '../../lib/mod.ts';
import type { Client, SessionClient } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const { data } = await createConnectSession(client, { tags: { end_user_id: 'u-1' }, allowed_integrations: ['a'] });
  void createConnectSession(client, { end_user: { id: 'u-1' }, organization: { id: 'o-1' } });
  // @ts-expect-error It must be for someone.
  void createConnectSession(client, { allowed_integrations: ['github'] });
  // @ts-expect-error A typo.
  void createConnectSession(client, { tags: {}, allowed_integration: ['github'] });
  void createConnectSession(client, {
    tags: {},
    // @ts-expect-error Scopes are one string here.
    integrations_config_defaults: { github: { connection_config: { oauth_scopes_override: ['repo'] } } },
  });
  // @ts-expect-error The body is spelled as on the wire.
  void createReconnectSession(client, { connectionId: 'c', integrationId: 'github' });
  // @ts-expect-error Only a backend creates sessions.
  void createConnectSession(session, { tags: {} });
  // @ts-expect-error Only a backend creates sessions.
  void createReconnectSession(session, { connection_id: 'c', integration_id: 'github' });

  void (createSessionClient({ token: data.token }) satisfies SessionClient);
  // @ts-expect-error A session client never has a key.
  void createSessionClient({ apiKey: 'key' });

  const { data: shown } = await getConnectSession(session);
  // @ts-expect-error Its token is not told.
  void shown.token;
  // @ts-expect-error An API key is no session.
  void getConnectSession(client);
  // @ts-expect-error An API key is no session.
  void deleteConnectSession(client);

  const providerConfigKey = 'a';
  void ((await authorizeApiKey(session, { providerConfigKey, body: { apiKey: 'k' } })).connectionId satisfies string);
  // @ts-expect-error An API key is no session.
  void authorizeApiKey(client, { providerConfigKey, body: { apiKey: 'k' } });
  // @ts-expect-error An API key is no session.
  void authorizeBasic(client, { providerConfigKey, body: { username: 'u', password: 'p' } });
  // @ts-expect-error An API key is no session.
  void authorizeOAuth2ClientCredentials(client, { providerConfigKey, body: { client_id: 'i' } });
  // @ts-expect-error An API key is no session.
  void authorizeOAuthOutbound(client, { providerConfigKey });
  // @ts-expect-error An API key is no session.
  void authorizeTba(client, { providerConfigKey, body: { token_id: 'i', token_secret: 's' } });
  // @ts-expect-error An API key is no session.
  void authorizeTwoStep(client, { providerConfigKey, body: {} });
  // @ts-expect-error An API key is no session.
  void authorizeJwt(client, { providerConfigKey, body: {} });
  const account = { username: 'u', password: 'p', organization_id: 'o', dev_key: 'd' };
  void authorizeBill(session, { providerConfigKey, body: account });
  // @ts-expect-error An API key is no session.
  void authorizeBill(client, { providerConfigKey, body: account });
  // @ts-expect-error An API key is no session.
  void authorizeAwsSigV4(client, { providerConfigKey, body: { role_arn: 'r' } });
  // @ts-expect-error An API key is no session.
  void authorizeSignature(client, { providerConfigKey, body: { username: 'u', password: 'p', type: 'SIGNATURE' } });
  // @ts-expect-error An API key is no session.
  void authorizeUnauthenticated(client, { providerConfigKey });

  // @ts-expect-error A password is missing.
  void authorizeBasic(session, { providerConfigKey, body: { username: 'u' } });
  // @ts-expect-error The type is missing.
  void authorizeSignature(session, { providerConfigKey, body: { username: 'u', password: 'p' } });
  // @ts-expect-error It takes no credentials.
  void authorizeUnauthenticated(session, { providerConfigKey, body: {} });
  // @ts-expect-error Settings are text.
  void authorizeOAuthOutbound(session, { providerConfigKey, params: { port: 1 } });
}
