// The types of lib/api/connections.ts and credentials.ts, checked by the compiler.

import {
  createConnection,
  deleteConnection,
  getConnection,
  getMetadata,
  getRawTokenResponse,
  getToken,
  listConnections,
  patchConnection,
  setMetadata,
  updateMetadata,
  waitForConnection,
} from '../../lib/mod.ts';
import type {
  ApiKeyCredentials,
  Client,
  ConnectionListItem,
  Credentials,
  JwtCredentials,
  OAuth1Credentials,
  OAuth1Token,
  OAuth2Credentials,
  SessionClient,
} from '../../lib/mod.ts';

interface Settings {
  plan: 'free' | 'pro';
  seats?: number;
}

/** Tells two types apart that are assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const connection = { providerConfigKey: 'github', connectionId: 'c-1' };

  // What the credentials hold depends on their type.
  const { credentials, created_at } = await getConnection(client, connection);
  void (created_at satisfies string);
  // @ts-expect-error There may be none, and not all have a token.
  void credentials.access_token;
  if (credentials.type === 'OAUTH2') void (credentials.access_token satisfies string);
  // @ts-expect-error A password is not an access token.
  if (credentials.type === 'BASIC') void credentials.access_token;
  // @ts-expect-error There are no such credentials.
  if (credentials.type === 'OAUTH3') return;

  // Credentials to import are told apart by their type.
  const provider_config_key = 'github';
  void createConnection(client, { provider_config_key, credentials: { type: 'NONE' } });
  const connection_config = { subdomain: 'acme' };
  void createConnection(client, {
    provider_config_key,
    credentials: { type: 'API_KEY', apiKey: 'a' },
    connection_config,
  });
  // @ts-expect-error The key is in camelCase on the wire.
  void createConnection(client, { provider_config_key, credentials: { type: 'API_KEY', api_key: 'a' } });
  // @ts-expect-error A secret is missing.
  void createConnection(client, { provider_config_key, credentials: { type: 'OAUTH1', oauth_token: 'a' } });
  // @ts-expect-error They cannot be imported.
  void createConnection(client, { provider_config_key, credentials: { type: 'JWT', token: 'a' } });
  // @ts-expect-error The body is spelled as on the wire.
  void createConnection(client, { providerConfigKey: 'github', credentials: { type: 'NONE' } });
  void createConnection(client, {
    provider_config_key,
    credentials: { type: 'NONE' },
    // @ts-expect-error Scopes are a list here.
    connection_config: { oauth_scopes_override: 'repo' },
  });

  void patchConnection(client, { ...connection, body: { tags: {}, webhook_url_override: '' } });
  // @ts-expect-error An empty string takes the override away.
  void patchConnection(client, { ...connection, body: { webhook_url_override: null } });
  // @ts-expect-error A typo.
  void patchConnection(client, { ...connection, body: { tag: {} } });

  // Metadata has the type that it is said to have, and may be missing.
  const metadata = await getMetadata<Settings>(client, connection);
  void (metadata satisfies Settings | null);
  // @ts-expect-error It may be null.
  void metadata.plan;
  // @ts-expect-error A typo.
  void metadata?.seat;
  const settings: Settings = { plan: 'pro' };
  const set = await setMetadata(client, { ...connection, connectionId: ['a', 'b'], metadata: settings });
  void (set.metadata satisfies Settings);
  // @ts-expect-error A typo.
  void setMetadata<Settings>(client, { ...connection, metadata: { plan: 'pro', seat: 1 } });
  void updateMetadata<Partial<Settings>>(client, { ...connection, metadata: { seats: 1 } });
  // @ts-expect-error Metadata is an object.
  void updateMetadata(client, { ...connection, metadata: 'pro' });

  // A token has the type that suits the credentials.
  const any = await getToken(client, connection);
  // @ts-expect-error It may be more than text.
  void (any satisfies string);
  if (typeof any === 'string') void any.length;
  else if (!('type' in any)) void (any satisfies OAuth1Token);
  else void (any satisfies Credentials);
  void ((await getToken<OAuth2Credentials>(client, connection)) satisfies string);
  void ((await getToken<OAuth1Credentials>(client, connection)).oAuthTokenSecret satisfies string);
  void ((await getToken<ApiKeyCredentials>(client, connection)).apiKey satisfies string);
  const jwt = await getToken<JwtCredentials>(client, connection);
  void (true satisfies Same<typeof jwt, string | JwtCredentials>);
  // @ts-expect-error Those are no credentials.
  void getToken<Settings>(client, connection);
  const raw = await getRawTokenResponse<{ scope: string }>(client, connection);
  // @ts-expect-error Not all credentials come with an answer.
  void raw.scope;

  // One waits for a user by tags or by the end user.
  const found = await waitForConnection(client, { providerConfigKey: 'github', tags: { a: 'b' } });
  void (found satisfies ConnectionListItem);
  void waitForConnection(client, { providerConfigKey: 'github', userId: 'u-1', interval: 100, timeout: 1000 });
  // @ts-expect-error Some user must be named.
  void waitForConnection(client, { providerConfigKey: 'github' });
  // @ts-expect-error Not in both ways.
  void waitForConnection(client, { providerConfigKey: 'github', userId: 'u-1', tags: { a: 'b' } });

  // @ts-expect-error A typo.
  void listConnections(client, { integrationID: 'github' });
  // @ts-expect-error A connect session may not.
  void listConnections(session);
  // @ts-expect-error A connect session may not.
  void deleteConnection(session, connection);
  // @ts-expect-error A connect session may not.
  void getToken(session, connection);
}
