// Integrations and connections: creating and deleting them, refreshing credentials, telling webhooks about it.

import { isoTime, logId } from './clock.ts';
import type { AuthMode } from '../../api/providers.ts';
import type { EndUserInput } from '../../api/connections.ts';
import { connectionKey, findConnection, sortedLikeDatabase } from './store.ts';
import type {
  IntegrationSeed,
  StoredConnection,
  StoredEndUser,
  StoredEnvironment,
  StoredIntegration,
} from './store.ts';
import { runEvent } from './events.ts';
import { scheduleSyncs } from './syncs.ts';
import type { Context } from './context.ts';

/** What a connection is created from. */
export interface ConnectionInput {
  /** The id. Defaults to a random UUID. */
  connectionId?: string | undefined;
  /** The credentials, as the store has them. */
  credentials: Record<string, unknown>;
  /** The metadata. Defaults to none. */
  metadata?: Record<string, unknown> | undefined;
  /** The connection config. Defaults to none. */
  connectionConfig?: Record<string, unknown> | undefined;
  /** The connection's own webhook URL; an empty string for none. */
  webhookUrlOverride?: string | undefined;
  /** The legacy end user. */
  endUser?: StoredEndUser | null | undefined;
  /** The tags, with keys in lower case. */
  tags?: Record<string, string> | undefined;
}

/** A connection, and whether it is new. */
export interface CreatedConnection {
  /** The connection. */
  connection: StoredConnection;
  /** `override` if there was a connection with this id. */
  operation: 'creation' | 'override';
}

/** The type of credentials that a connection of an auth mode holds. */
export function credentialsType(mode: AuthMode): string {
  if (mode === 'MCP_OAUTH2' || mode === 'MCP_OAUTH2_GENERIC') return 'OAUTH2';
  return mode === 'INSTALL_PLUGIN' ? 'BASIC' : mode;
}

/** The auth mode of an integration. */
export function authModeOf(context: Context, integration: StoredIntegration): AuthMode {
  return context.store.providers.get(integration.provider)?.auth_mode ?? 'NONE';
}

/** Creates an integration. Checks nothing: that is up to the caller. */
export function createIntegration(
  context: Context,
  environment: StoredEnvironment,
  input: IntegrationSeed,
): StoredIntegration {
  const now = context.clock.now();
  const integration: StoredIntegration = {
    id: context.store.nextId('integration'),
    uniqueKey: input.unique_key,
    provider: input.provider,
    displayName: input.display_name ?? context.store.providers.get(input.provider)?.display_name ?? input.provider,
    forwardWebhooks: input.forward_webhooks ?? true,
    credentials: input.credentials ?? null,
    integrationConfig: input.integration_config ?? {},
    custom: input.custom ?? {},
    createdAt: now,
    updatedAt: now,
  };
  environment.integrations.set(integration.uniqueKey, integration);
  return integration;
}

/** An end user as the store has it. */
export function storedEndUser(
  input: EndUserInput,
  organization?: { id: string; display_name?: string | undefined },
): StoredEndUser {
  return {
    id: input.id,
    displayName: input.display_name ?? null,
    email: input.email ?? null,
    tags: input.tags ?? null,
    organization: organization ? { id: organization.id, displayName: organization.display_name ?? null } : null,
  };
}

/** The tags that the server derives from an end user. */
export function endUserTags(user: StoredEndUser | null): Record<string, string> {
  if (!user) return {};
  const { id, email, displayName, organization } = user;
  return {
    end_user_id: id,
    ...(email === null ? {} : { end_user_email: email }),
    ...(displayName === null ? {} : { end_user_display_name: displayName }),
    ...(organization ? { organization_id: organization.id } : {}),
    ...(organization?.displayName ? { organization_display_name: organization.displayName } : {}),
    ...user.tags,
  };
}

/** An end user as the API returns it. */
export function writeEndUser(user: StoredEndUser | null): Record<string, unknown> | null {
  if (!user) return null;
  const { id, displayName, email, tags, organization } = user;
  return {
    id,
    display_name: displayName,
    email,
    tags,
    organization: organization && { id: organization.id, display_name: organization.displayName },
  };
}

/** Creates a connection, or overwrites it: what is left out is reset; its number and its records stay. */
export function createConnection(
  context: Context,
  environment: StoredEnvironment,
  integration: StoredIntegration,
  input: ConnectionInput,
): CreatedConnection {
  const now = context.clock.now();
  const connectionId = input.connectionId ?? context.clock.uuid();
  const existing = findConnection(environment, integration.uniqueKey, connectionId);
  const hasCredentials = Object.keys(input.credentials).length > 0;
  const fields = {
    endUser: input.endUser ?? null,
    tags: sortedLikeDatabase(input.tags ?? {}),
    metadata: sortedLikeDatabase(input.metadata ?? {}),
    connectionConfig: sortedLikeDatabase(input.connectionConfig ?? {}),
    webhookUrlOverride: input.webhookUrlOverride ? input.webhookUrlOverride : null,
    credentials: input.credentials,
    refreshAfter: 0,
    updatedAt: now,
  };
  if (existing) {
    Object.assign(existing, fields);
    existing.problems = existing.problems.filter(({ type }) => type !== 'auth');
    return { connection: existing, operation: 'override' };
  }
  const connection: StoredConnection = {
    id: context.store.nextId('connection'),
    connectionId,
    providerConfigKey: integration.uniqueKey,
    ...fields,
    problems: [],
    createdAt: now,
    lastFetchedAt: hasCredentials ? now : null,
  };
  environment.connections.set(connectionKey(integration.uniqueKey, connectionId), connection);
  return { connection, operation: 'creation' };
}

/** Does what follows when a call or an end user has created a connection: its syncs start and the webhook is sent. */
export function announceConnection(
  context: Context,
  environment: StoredEnvironment,
  { connection, operation }: CreatedConnection,
): StoredConnection {
  if (operation === 'creation') {
    scheduleSyncs(context, environment, connection, true);
    context.background(() => runEvent(context, environment, connection, 'post-connection-creation'));
  }
  if (operation === 'override' || context.webhooks.settings.onAuthCreation) {
    sendAuthWebhook(context, environment, connection, { operation, success: true });
  }
  return connection;
}

/** Deletes a connection with its records and syncs, after its event handlers, and sends the webhook. */
export async function deleteConnection(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
): Promise<void> {
  await runEvent(context, environment, connection, 'pre-connection-deletion');
  // 0.71.4 sends no webhook about a deletion.
  if (context.webhooks.settings.onConnectionDeletion && context.version !== '0.71.4') {
    sendAuthWebhook(context, environment, connection, { operation: 'deletion', success: true });
  }
  environment.connections.delete(connectionKey(connection.providerConfigKey, connection.connectionId));
  environment.syncs = environment.syncs.filter((sync) => sync.connection !== connection);
  for (const key of environment.records.keys()) {
    if (key.startsWith(`${connection.id}\n`)) environment.records.delete(key);
  }
}

/** Sends a webhook about a connection. */
export function sendAuthWebhook(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
  event: { operation: string; success: boolean; error?: { type: string; description: string } },
): void {
  const integration = environment.integrations.get(connection.providerConfigKey);
  const body: Record<string, unknown> = {
    from: 'nango',
    type: 'auth',
    connectionId: connection.connectionId,
    providerConfigKey: connection.providerConfigKey,
    provider: integration?.provider ?? 'unknown',
    authMode: integration ? authModeOf(context, integration) : 'unknown',
    environment: environment.name,
    tags: { ...connection.tags },
    ...event,
  };
  const { endUser } = connection;
  if (endUser) {
    body['endUser'] = {
      endUserId: endUser.id,
      endUserEmail: endUser.email,
      ...(endUser.organization ? { organizationId: endUser.organization.id } : {}),
      tags: endUser.tags ?? {},
    };
  }
  context.background(async () => {
    await context.webhooks.send(body, { environment, connection });
  });
}

// The server refreshes a token that expires within this time.
const refreshMargin = 900_000;
const refreshPause = 30_000;

/** Refreshes credentials that are about to expire, or that must be refreshed. */
export async function freshCredentials(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
  forced: boolean,
): Promise<'fresh' | 'failed' | 'backing-off'> {
  const { credentials } = connection;
  const now = context.clock.now();
  const expires = typeof credentials['expires_at'] === 'string' ? Date.parse(credentials['expires_at']) : Number.NaN;
  const refreshable = typeof credentials['refresh_token'] === 'string' || credentials['type'] === 'OAUTH2_CC';
  if (!refreshable) return 'fresh';
  if (!forced && connection.refreshAfter > now) return 'backing-off';
  if (!forced && !(expires < now + refreshMargin)) return 'fresh';
  try {
    const changed = await context.refresh(connection);
    connection.credentials = { ...credentials, ...changed, raw: { ...(credentials['raw'] as object), ...changed } };
    connection.problems = connection.problems.filter(({ type }) => type !== 'auth');
    return 'fresh';
  } catch (error) {
    connection.refreshAfter = now + refreshPause;
    connection.problems = connection.problems.filter(({ type }) => type !== 'auth');
    connection.problems.push({ type: 'auth', logId: logId(context.clock) });
    if (context.webhooks.settings.onAuthRefreshError) {
      const description = error instanceof Error ? error.message : refreshRefused;
      const failure = { type: 'refresh_token_external_error', description };
      sendAuthWebhook(context, environment, connection, { operation: 'refresh', success: false, error: failure });
    }
    return 'failed';
  }
}

/** What the server says when the provider refuses to refresh. */
export const refreshRefused =
  'The external API returned an error when trying to refresh the access token. Please try again later.';

/** What the server says for 30 seconds after a refresh has failed. */
export const refreshBackoff = 'A recent refresh attempt failed. Backing off before retrying.';

/** What the connection config of a TBA connection holds of the developer's app, unless it brings another one. */
export function clientConfig(
  { credentials }: StoredIntegration,
  type: string,
  override: { client_id?: string | undefined; client_secret?: string | undefined } = {},
): Record<string, unknown> {
  if (type !== 'TBA') return {};
  return {
    oauth_client_id: override.client_id ?? credentials?.['client_id'],
    oauth_client_secret: override.client_secret ?? credentials?.['client_secret'],
  };
}

/** Credentials for a connection that is created without any. */
export function sampleCredentials(mode: AuthMode): Record<string, unknown> {
  switch (credentialsType(mode)) {
    case 'OAUTH2':
      return { type: 'OAUTH2', access_token: 'test-access-token', raw: { access_token: 'test-access-token' } };
    case 'OAUTH1':
      return { type: 'OAUTH1', oauth_token: 'test-token', oauth_token_secret: 'test-secret', raw: {} };
    case 'OAUTH2_CC':
      return {
        type: 'OAUTH2_CC',
        token: 'test-token',
        client_id: 'test-client',
        client_secret: 'test-secret',
        raw: {},
      };
    case 'API_KEY':
      return { type: 'API_KEY', apiKey: 'test-api-key' };
    case 'BASIC':
      return { type: 'BASIC', username: 'test-user', password: 'test-password' };
    case 'TBA':
      return { type: 'TBA', token_id: 'test-token', token_secret: 'test-secret' };
    case 'APP':
      return { type: 'APP', access_token: 'test-access-token', raw: {} };
    case 'CUSTOM':
      return { type: 'CUSTOM', app: { type: 'APP', access_token: 'test-access-token', raw: {} }, user: null, raw: {} };
    case 'JWT':
      return { type: 'JWT', token: 'test-token' };
    case 'BILL':
      return {
        type: 'BILL',
        username: 'test-user',
        password: 'test-password',
        organization_id: 'test-organization',
        dev_key: 'test-key',
        session_id: 'test-session',
        raw: {},
      };
    case 'TWO_STEP':
      return { type: 'TWO_STEP', token: 'test-token', raw: {} };
    case 'SIGNATURE':
      return { type: 'SIGNATURE', username: 'test-user', password: 'test-password', token: 'test-token' };
    case 'AWS_SIGV4':
      return {
        type: 'AWS_SIGV4',
        role_arn: 'arn:aws:iam::000000000000:role/test',
        region: 'us-east-1',
        service: 's3',
        access_key_id: 'test-key',
        secret_access_key: 'test-secret',
        session_token: 'test-session',
        raw: {},
      };
    default:
      return {};
  }
}

/** Imported credentials as the store has them: `raw`, the provider's answer, is what was sent. */
export function importedCredentials(input: Record<string, unknown>): Record<string, unknown> {
  const { type, expires_at: expires } = input;
  if (type === 'NONE') return {};
  const kept = typeof expires === 'string' ? { ...input, expires_at: isoTime(Date.parse(expires)) } : { ...input };
  if (type === 'OAUTH2' || type === 'OAUTH1' || type === 'OAUTH2_CC') return { ...kept, raw: { ...input } };
  if (type === 'APP') return { type, access_token: 'test-access-token', raw: { ...input } };
  if (type === 'CUSTOM') {
    return {
      type,
      app: { type: 'APP', access_token: 'test-access-token', raw: { ...input } },
      user: null,
      raw: { ...input },
    };
  }
  return kept;
}
