// /connections/metadata: setting and updating the metadata of connections, and the deprecated paths for it.

import { apiError, json } from '../server/answer.ts';
import { connectionId, providerConfigKey } from '../server/fields.ts';
import { alias, anyQuery, route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { array, jsonObject, looseObject, object, union } from '../server/schema.ts';
import type { Read } from '../server/schema.ts';
import { findConnection, sortedLikeDatabase } from '../state/store.ts';
import type { StoredEnvironment } from '../state/store.ts';

const metadataBody = () =>
  object({
    connection_id: union(connectionId(), array(connectionId())),
    provider_config_key: providerConfigKey(),
    metadata: jsonObject(),
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

/** A change of metadata. The answer is what was sent, not what came of it. */
const changeRoute = (operation: string, line: string, status: number, change: MetadataChange): Route =>
  route(operation, line, {
    scopes: ['environment:connections:update'],
    body: metadataBody(),
    handle({ environment, request, body }) {
      changeMetadata(environment, body, change);
      return json(request.body, status);
    },
  });

/** The deprecated metadata routes, whose body is the metadata and whose headers name the integration. */
const legacyRoute = (
  operation: string,
  line: string,
  status: number,
  change: MetadataChange,
): Route =>
  route(operation, line, {
    scopes: ['environment:connections:update'],
    query: anyQuery(),
    params: object({ connectionId: connectionId() }),
    headers: looseObject({ 'provider-config-key': providerConfigKey() }),
    body: jsonObject(),
    handle({ environment, params, headers, body }) {
      const target = { connection_id: params.connectionId, provider_config_key: headers['provider-config-key'] };
      changeMetadata(environment, { ...target, metadata: body }, change);
      return json(body, status);
    },
  });

/** The operations on metadata. */
export const metadataRoutes = (): Route[] => {
  const set = changeRoute('setMetadata', 'POST /connections/metadata', 201, replaced);
  const update = changeRoute('updateMetadata', 'PATCH /connections/metadata', 200, merged);
  return [
    set,
    update,
    alias(set, 'POST /connection/metadata'),
    alias(update, 'PATCH /connection/metadata'),
    legacyRoute('setMetadata', 'POST /connection/:connectionId/metadata', 201, replaced),
    legacyRoute('updateMetadata', 'PATCH /connection/:connectionId/metadata', 200, merged),
  ];
};
