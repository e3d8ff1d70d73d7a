// The deprecated operations on connections that older clients call: /connection instead of /connections, and an import
// with flat credentials.

import { apiErrorWithPayload, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { alias, anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { boolean, jsonObject, looseObject, optional, string } from '../server/schema.ts';
import type { Read } from '../server/schema.ts';
import {
  announceConnection,
  authModeOf,
  createConnection,
  credentialsType,
  importedCredentials,
} from '../state/connections.ts';
import type { Context } from '../state/context.ts';
import { connectionRoutes } from './connections.ts';

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

const aliased = ['listConnections', 'getConnection', 'deleteConnection'];

/** The deprecated operations on connections. */
export const legacyConnectionRoutes = (context: Context): Route[] => [
  ...connectionRoutes(context)
    .filter(({ operation }) => aliased.includes(operation))
    .map((one) => alias(one, `${one.method} /${['connection', ...one.segments.slice(1)].join('/')}`)),

  route('importLegacyConnection', 'POST /connection', {
    scopes: ['environment:connections:create'],
    body: legacyBody(),
    query: anyQuery(),
    handle: (call) => importLegacy(call, call.body),
  }),
];
