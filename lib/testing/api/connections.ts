// /connections: list, read, import, update, delete.

import { ApiError, apiError, json } from '../server/answer.ts';
import { hasScope, requireScope } from '../server/auth.ts';
import { connectionId, endUser, providerConfigKey, shortText, tags, webhookUrlOverride } from '../server/fields.ts';
import type { EndUserInput } from '../../api/connections.ts';
import { route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import {
  array,
  date,
  flag,
  jsonObject,
  looseObject,
  number,
  object,
  oneOf,
  optional,
  string,
  tagged,
  withDefault,
} from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import { databaseTime, isoTime, offsetTime } from '../state/clock.ts';
import {
  announceConnection,
  authModeOf,
  clientConfig,
  createConnection,
  credentialsType,
  deleteConnection,
  endUserTags,
  freshCredentials,
  importedCredentials,
  refreshBackoff,
  refreshRefused,
  storedEndUser,
  writeEndUser,
} from '../state/connections.ts';
import type { Context } from '../state/context.ts';
import { findConnection, sortedLikeDatabase } from '../state/store.ts';
import type { StoredConnection, StoredEnvironment } from '../state/store.ts';

const configOverride = () =>
  optional(object({ client_id: optional(string({ max: 255 })), client_secret: optional(string({ max: 2048 })) }));

/** The credentials that can be imported, by their type. */
const importableCredentials = (): Schema<Record<string, unknown>> =>
  tagged<Record<string, unknown>>('type', {
    OAUTH2: object({
      type: oneOf(['OAUTH2']),
      access_token: string({ min: 1, max: 16_384 }),
      refresh_token: optional(string({ min: 1, max: 16_384 })),
      expires_at: optional(date()),
      config_override: configOverride(),
    }),
    OAUTH2_CC: object({
      type: oneOf(['OAUTH2_CC']),
      token: string({ max: 4096 }),
      client_id: string({ max: 255 }),
      client_secret: string({ max: 2048 }),
      client_certificate: optional(string({ max: 10_000 })),
      client_private_key: optional(string({ max: 10_000 })),
      expires_at: optional(date()),
    }),
    OAUTH1: object({
      type: oneOf(['OAUTH1']),
      oauth_token: string({ max: 2048 }),
      oauth_token_secret: string({ max: 2048 }),
    }),
    API_KEY: object({ type: oneOf(['API_KEY']), apiKey: string({ min: 1, max: 1024 }) }),
    BASIC: object({ type: oneOf(['BASIC']), username: string({ max: 1024 }), password: string({ max: 1024 }) }),
    TBA: object({
      type: oneOf(['TBA']),
      token_id: string({ min: 1 }),
      token_secret: string({ min: 1 }),
      config_override: configOverride(),
    }),
    APP: object({ type: oneOf(['APP']), app_id: string({ max: 255 }), installation_id: string({ max: 255 }) }),
    CUSTOM: object({ type: oneOf(['CUSTOM']), app_id: string({ max: 255 }), installation_id: string({ max: 255 }) }),
    NONE: object({ type: oneOf(['NONE']) }),
  });

/** The body of an import. */
const importBody = (): Schema<{
  provider_config_key: string;
  connection_id?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
  connection_config?: Record<string, unknown> | undefined;
  webhook_url_override?: string | undefined;
  end_user?: EndUserInput | undefined;
  tags?: Record<string, string> | undefined;
  credentials: Record<string, unknown>;
}> =>
  object({
    provider_config_key: string(),
    connection_id: optional(string()),
    metadata: optional(jsonObject()),
    connection_config: optional(looseObject({ oauth_scopes_override: optional(array(string())) })) as Schema<
      Record<string, unknown> | undefined
    >,
    webhook_url_override: optional(webhookUrlOverride()),
    end_user: optional(endUser()),
    tags: optional(tags()),
    credentials: importableCredentials(),
  });

const keyQuery = () => object({ provider_config_key: providerConfigKey() });
const idParams = () => object({ connectionId: connectionId() });

/** Removes all refresh tokens, at any depth and in any spelling. */
function withoutRefreshTokens(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRefreshTokens);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key.toLowerCase().replaceAll(/[^a-z]/g, '') !== 'refreshtoken');
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutRefreshTokens(member)]));
}

/** A connection as the API returns it. */
function writeConnection(
  environment: StoredEnvironment,
  connection: StoredConnection,
  write: { time: (milliseconds: number) => string; credentials: unknown; connectionConfig?: unknown },
): Record<string, unknown> {
  return {
    ...writeSummary(environment, connection),
    connection_config: write.connectionConfig ?? connection.connectionConfig,
    webhook_url_override: connection.webhookUrlOverride,
    created_at: write.time(connection.createdAt),
    updated_at: write.time(connection.updatedAt),
    last_fetched_at: connection.lastFetchedAt === null ? null : write.time(connection.lastFetchedAt),
    credentials: write.credentials,
  };
}

/** The members that a connection and its list entry share. */
function writeSummary(environment: StoredEnvironment, connection: StoredConnection): Record<string, unknown> {
  return {
    id: connection.id,
    connection_id: connection.connectionId,
    provider_config_key: connection.providerConfigKey,
    provider: environment.integrations.get(connection.providerConfigKey)?.provider,
    errors: writeProblems(connection),
    end_user: writeEndUser(connection.endUser),
    tags: connection.tags,
    metadata: connection.metadata,
  };
}

function writeProblems(connection: StoredConnection): { type: string; log_id: string }[] {
  return connection.problems.map(({ type, logId }) => ({ type, log_id: logId }));
}

function writeListed(environment: StoredEnvironment, connection: StoredConnection): Record<string, unknown> {
  return {
    ...writeSummary(environment, connection),
    created: databaseTime(connection.createdAt * 1000),
  };
}

/** Finds a connection, or throws. */
function requireConnection(environment: StoredEnvironment, key: string, id: string): StoredConnection {
  if (!environment.integrations.has(key)) {
    throw apiError(400, 'unknown_provider_config', 'Provider does not exists');
  }
  const connection = findConnection(environment, key, id);
  if (!connection) throw apiError(404, 'not_found', 'Failed to find connection');
  return connection;
}

const getConnection = (): Route =>
  route('getConnection', 'GET /connections/:connectionId', {
    scopes: ['environment:connections:read', 'environment:connections:read_credentials'],
    query: object({
      provider_config_key: providerConfigKey(),
      refresh_token: withDefault(flag(), false),
      force_refresh: withDefault(flag(), false),
      refresh_github_app_jwt_token: withDefault(flag(), false),
    }),
    params: idParams(),
    async handle({ context, environment, key, query, params }) {
      const connection = requireConnection(environment, query.provider_config_key, params.connectionId);
      const readsCredentials = hasScope(key, 'environment:connections:read_credentials');
      if (query.force_refresh || query.refresh_token || query.refresh_github_app_jwt_token) {
        requireScope(key, ['environment:connections:read_credentials']);
      }
      const state = await freshCredentials(context, environment, connection, query.force_refresh);
      if (state !== 'fresh') {
        const payload = { connection: writeConnection(environment, connection, { time: offsetTime, credentials: {} }) };
        const message = state === 'failed' ? refreshRefused : refreshBackoff;
        const error = { code: 'invalid_credentials', message, payload };
        throw new ApiError(json({ error }, state === 'failed' ? 400 : 424));
      }
      connection.lastFetchedAt = context.clock.now();
      const visible = query.refresh_token ? (value: unknown) => value : withoutRefreshTokens;
      return json(
        writeConnection(environment, connection, {
          time: offsetTime,
          credentials: readsCredentials ? visible(connection.credentials) : {},
          connectionConfig: visible(connection.connectionConfig),
        }),
      );
    },
  });

/** The operations on connections. */
export const connectionRoutes = (context: Context): Route[] => [
  route('listConnections', 'GET /connections', {
    scopes: ['environment:connections:list', 'environment:connections:list_credentials'],
    query: object({
      connectionId: optional(shortText()),
      search: optional(shortText()),
      endUserId: optional(shortText()),
      endUserOrganizationId: optional(shortText()),
      integrationId: optional(string()),
      tags: optional(tags()),
      limit: withDefault(number({ coerce: true, min: 1, max: 2000 }), 10_000),
      page: withDefault(number({ coerce: true, min: 0 }), 0),
    }),
    handle({ environment, query }) {
      const integrations = query.integrationId?.split(',').map((key) => key.trim());
      const search = query.search?.toLowerCase();
      const found = [...environment.connections.values()]
        .filter((connection) => {
          const { endUser: user } = connection;
          const texts = [connection.connectionId, user?.displayName, user?.email];
          return (
            (query.connectionId === undefined || connection.connectionId === query.connectionId) &&
            (search === undefined || texts.some((text) => text?.toLowerCase().includes(search))) &&
            (query.endUserId === undefined || user?.id === query.endUserId) &&
            (query.endUserOrganizationId === undefined || user?.organization?.id === query.endUserOrganizationId) &&
            (!integrations || integrations.includes(connection.providerConfigKey)) &&
            Object.entries(query.tags ?? {}).every(([key, value]) => connection.tags[key] === value)
          );
        })
        .sort((a, b) => b.createdAt - a.createdAt || b.id - a.id);
      const start = query.page * query.limit;
      const page = found.slice(start, start + query.limit);
      return json({ connections: page.map((connection) => writeListed(environment, connection)) });
    },
  }),

  route('createConnection', 'POST /connections', {
    scopes: ['environment:connections:create'],
    body: importBody(),
    handle({ environment, body }) {
      const integration = environment.integrations.get(body.provider_config_key);
      if (!integration) throw apiError(404, 'not_found', 'Integration does not exist');
      const mode = authModeOf(context, integration);
      const type = String(body.credentials['type']);
      if (type !== credentialsType(mode)) {
        throw apiError(400, 'invalid_body', `Provider ${mode} does not support ${type} auth`);
      }
      if (type === 'TBA' && body.connection_config?.['accountId'] === undefined) {
        const message = 'Missing accountId in connection_config. This is required to create a TBA connection.';
        throw apiError(400, 'invalid_body', message);
      }
      const endUser = body.end_user ? storedEndUser(body.end_user) : null;
      const override = body.credentials['config_override'] as Record<string, string> | undefined;
      const created = createConnection(context, environment, integration, {
        connectionId: body.connection_id,
        credentials: importedCredentials(body.credentials),
        metadata: body.metadata,
        connectionConfig: { ...body.connection_config, ...clientConfig(integration, type, override) },
        webhookUrlOverride: body.webhook_url_override,
        endUser,
        tags: { ...endUserTags(endUser), ...body.tags },
      });
      const connection = announceConnection(context, environment, created);
      const { credentials } = connection;
      return json(writeConnection(environment, connection, { time: isoTime, credentials }), 201);
    },
  }),

  getConnection(),

  route('patchConnection', 'PATCH /connections/:connectionId', {
    scopes: ['environment:connections:update'],
    query: keyQuery(),
    body: object({
      end_user: optional(endUser()),
      tags: optional(tags()),
      webhook_url_override: optional(webhookUrlOverride()),
    }),
    params: idParams(),
    handle({ environment, query, body, params }) {
      const connection = requireConnection(environment, query.provider_config_key, params.connectionId);
      if (body.end_user) connection.endUser = storedEndUser(body.end_user);
      if (body.end_user || body.tags) {
        const derived = body.end_user ? endUserTags(connection.endUser) : {};
        connection.tags = sortedLikeDatabase({ ...derived, ...body.tags });
      }
      if (body.webhook_url_override !== undefined) {
        connection.webhookUrlOverride = body.webhook_url_override === '' ? null : body.webhook_url_override;
      }
      return json({ success: true });
    },
  }),

  route('deleteConnection', 'DELETE /connections/:connectionId', {
    scopes: ['environment:connections:delete'],
    params: idParams(),
    query: keyQuery(),
    async handle({ environment, params, query }) {
      const connection = findConnection(environment, query.provider_config_key, params.connectionId);
      if (!connection) throw apiError(400, 'unknown_connection');
      await deleteConnection(context, environment, connection);
      return json({ success: true });
    },
  }),
];
