// /connections: list, read, import, update, metadata, delete.

import { ApiError, apiError, apiErrorWithPayload, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { hasScope, requireScope } from '../server/auth.ts';
import { connectionId, endUser, providerConfigKey, shortText, tags, webhookUrlOverride } from '../server/fields.ts';
import type { EndUserInput } from '../../api/connections.ts';
import { alias, anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import {
  array,
  boolean,
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
  union,
  withDefault,
} from '../server/schema.ts';
import type { Read, Schema } from '../server/schema.ts';
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

const metadataBody = () =>
  object({
    connection_id: union(connectionId(), array(connectionId())),
    provider_config_key: providerConfigKey(),
    metadata: jsonObject(),
  });

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

type MetadataChange = (
  before: Record<string, unknown>,
  sent: Record<string, unknown>,
) => Record<string, unknown>;

const replaced: MetadataChange = (_before, sent) => sent;
const merged: MetadataChange = (before, sent) => ({ ...before, ...sent });

function changeMetadata(
  environment: StoredEnvironment,
  body: Read<ReturnType<typeof metadataBody>>,
  change: MetadataChange,
): void {
  const several = Array.isArray(body.connection_id);
  const ids = several ? (body.connection_id as string[]) : [body.connection_id as string];
  const connections = ids.map((id) => {
    const connection = findConnection(environment, body.provider_config_key, id);
    if (connection) return connection;
    const missing =
      `Connection with connection id ${id} and provider config key ${body.provider_config_key} not found. ` +
      'Please make sure the connection exists in the Nango dashboard';
    const untouched = '. No actions were taken on any of the connections as a result of this failure.';
    throw apiError(404, 'unknown_connection', several ? missing + untouched : missing);
  });
  for (const connection of connections) {
    connection.metadata = sortedLikeDatabase(change(connection.metadata, body.metadata));
  }
}

const legacyBody = () =>
  looseObject({
    provider_config_key: string(),
    connection_id: string(),
    no_expiration: optional(boolean()),
    expires_at: optional(string()),
    access_token: optional(string()),
    refresh_token: optional(string()),
    api_key: optional(string()),
    username: optional(string()),
    password: optional(string()),
    oauth_token: optional(string()),
    oauth_token_secret: optional(string()),
    metadata: optional(jsonObject()),
    connection_config: optional(jsonObject()),
  });

/** The deprecated import: flat credentials, and the request body as the answer. */
function importLegacy({ context, environment, request }: Call, body: Read<ReturnType<typeof legacyBody>>): Answer {
  const integration = environment.integrations.get(body.provider_config_key);
  if (!integration) {
    throw apiErrorWithPayload(400, 'unknown_provider_config', 'There is no Provider Configuration matching this key.');
  }
  const type = credentialsType(authModeOf(context, integration));
  if (type === 'OAUTH2' && body.expires_at === undefined && body.no_expiration !== true) {
    const message = "Importing an OAuth2 token requires the 'expires_at' parameter. " +
      "If the token doesn't expire pass in the 'no_expiration' parameter";
    throw apiErrorWithPayload(400, 'missing_expires_at', message);
  }
  const credentials: Record<string, Record<string, unknown>> = {
    OAUTH2: { access_token: body.access_token, refresh_token: body.refresh_token, expires_at: body.expires_at },
    OAUTH1: { oauth_token: body.oauth_token, oauth_token_secret: body.oauth_token_secret },
    API_KEY: { apiKey: body.api_key },
    BASIC: { username: body.username, password: body.password },
  };
  const members = Object.entries(credentials[type] ?? {}).filter(([, value]) => value !== undefined);
  const created = createConnection(context, environment, integration, {
    connectionId: body.connection_id,
    credentials: importedCredentials({ type, ...Object.fromEntries(members) }),
    metadata: body.metadata,
    connectionConfig: body.connection_config,
  });
  announceConnection(context, environment, created);
  return json(request.body, 201);
}

const currentRoutes = (context: Context): Route[] => [
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

  // The answer to a change of metadata is what was sent, not what came of it.
  route('setMetadata', 'POST /connections/metadata', {
    scopes: ['environment:connections:update'],
    body: metadataBody(),
    handle({ environment, request, body }) {
      changeMetadata(environment, body, replaced);
      return json(request.body, 201);
    },
  }),

  route('updateMetadata', 'PATCH /connections/metadata', {
    scopes: ['environment:connections:update'],
    body: metadataBody(),
    handle({ environment, request, body }) {
      changeMetadata(environment, body, merged);
      return json(request.body);
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

/** The deprecated metadata routes, whose body is the metadata and whose headers name the integration. */
const legacyMetadata = (
  operation: string,
  line: string,
  status: number,
  change: MetadataChange,
): Route =>
  route(operation, line, {
    scopes: ['environment:connections:update'],
    query: anyQuery(),
    params: idParams(),
    headers: looseObject({ 'provider-config-key': providerConfigKey() }),
    body: jsonObject(),
    handle({ environment, params, headers, body }) {
      const target = { connection_id: params.connectionId, provider_config_key: headers['provider-config-key'] };
      changeMetadata(environment, { ...target, metadata: body }, change);
      return json(body, status);
    },
  });

/** The operations on connections, and the deprecated paths under which older clients call some of them. */
export const connectionRoutes = (context: Context): Route[] => {
  const current = currentRoutes(context);
  const aliased = current.filter(({ operation }) => !['createConnection', 'patchConnection'].includes(operation));
  return [
    ...current,
    ...aliased.map((one) => alias(one, `${one.method} /${['connection', ...one.segments.slice(1)].join('/')}`)),
    legacyMetadata('setMetadata', 'POST /connection/:connectionId/metadata', 201, replaced),
    legacyMetadata('updateMetadata', 'PATCH /connection/:connectionId/metadata', 200, merged),
    route('importLegacyConnection', 'POST /connection', {
      scopes: ['environment:connections:create'],
      body: legacyBody(),
      query: anyQuery(),
      handle: (call) => importLegacy(call, call.body),
    }),
  ];
};
