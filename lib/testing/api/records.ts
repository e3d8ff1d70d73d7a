// GET /records and PATCH /records/prune.

import { json, refuse, writtenJson } from '../server/answer.ts';
import { microseconds } from '../state/clock.ts';
import { readCursor, type RecordAction } from '../state/records.ts';
import { type Call, readBody, readHeaders, readQuery, type Route } from '../server/router.ts';
import { connectionId, modelName, noQuery, oneOrMany, plainName, providerConfigKey } from '../server/fields.ts';
import { findConnection, recordTable, type StoredConnection } from '../state/store.ts';
import {
  array,
  number,
  object,
  oneOf,
  optional,
  refine,
  type Schema,
  string,
  transform,
  withDefault,
} from '../server/schema.ts';

// 365 days.
const longestLookBack = 31_536_000_000;

const connectionHeaders = () => ({ 'connection-id': connectionId(), 'provider-config-key': providerConfigKey() });

function requireConnection(call: Call): StoredConnection {
  const headers = readHeaders(call, connectionHeaders());
  const connection = findConnection(call.environment, headers['provider-config-key'], headers['connection-id']);
  if (connection) return connection;
  throw refuse(
    400,
    'unknown_connection',
    'Provided ConnectionId and ProviderConfigKey does not match a valid connection',
  );
}

function recentTime(now: () => number): Schema<string> {
  return refine(
    string({ format: 'datetime' }),
    (text) => Date.parse(text) < now() - longestLookBack ? { message: 'must be within the last 12 months' } : undefined,
  );
}

const actions = () =>
  transform(
    string(),
    (text, path, report) =>
      array(oneOf(['added', 'updated', 'deleted', 'ADDED', 'UPDATED', 'DELETED'])).read(text.split(','), path, report),
  );

const pruneBody = () =>
  object({
    model: modelName(),
    variant: withDefault(plainName(), 'base'),
    until_cursor: string({ min: 1, max: 1000 }),
    limit: withDefault(number({ min: 1, max: 10_000 }), 1000),
  });

/** The operations on records. */
export const recordRoutes: readonly Route[] = [
  {
    operation: 'listRecords',
    method: 'GET',
    path: '/records',
    auth: 'environmentKey',
    scopes: ['environment:records:read'],
    handle(call) {
      const time = optional(recentTime(call.world.clock.now));
      const query = readQuery(
        call,
        object({
          model: modelName(),
          variant: withDefault(plainName(), 'base'),
          modified_after: time,
          delta: time,
          limit: withDefault(number({ coerce: true, min: 1, max: 10_000 }), 100),
          filter: optional(actions()),
          cursor: optional(string({ min: 1, max: 1000 })),
          ids: optional(oneOrMany(string({ min: 1, max: 256 }), 100)),
        }),
      );
      const connection = requireConnection(call);
      const since = query.delta ?? query.modified_after;
      const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
      if (query.cursor !== undefined && !after) throw refuse(500, 'server_error', 'Failed to fetch records');
      const table = recordTable(call.environment, connection, query.model, query.variant, call.world.clock);
      const page = table.select({
        after,
        modifiedAfter: since === undefined ? undefined : microseconds(since),
        actions: query.filter && new Set(query.filter.map((name) => name.toUpperCase() as RecordAction)),
        ids: query.ids && new Set(query.ids),
        limit: query.limit,
      });
      return writtenJson(`{"next_cursor":${JSON.stringify(page.next)},"records":[${page.records.join(',')}]}`);
    },
  },
  {
    operation: 'pruneRecords',
    method: 'PATCH',
    path: '/records/prune',
    auth: 'environmentKey',
    scopes: ['environment:records:write'],
    handle(call) {
      const body = readBody(call, pruneBody());
      readQuery(call, noQuery());
      const connection = requireConnection(call);
      const until = readCursor(body.until_cursor);
      if (!until) throw refuse(500, 'server_error', 'Failed to prune records');
      const table = recordTable(call.environment, connection, body.model, body.variant, call.world.clock);
      return json(table.prune(until, body.limit));
    },
  },
];
