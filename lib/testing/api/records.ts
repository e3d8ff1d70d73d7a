// /records: reading and pruning.

import { apiError, json, writtenJson } from '../server/answer.ts';
import { connectionId, modelName, oneOrMany, plainName, providerConfigKey } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import {
  array,
  looseObject,
  number,
  object,
  oneOf,
  optional,
  refine,
  string,
  transform,
  withDefault,
} from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import { microseconds } from '../state/clock.ts';
import type { Context } from '../state/context.ts';
import { readCursor } from '../state/records.ts';
import type { RecordAction } from '../../api/records.ts';
import { findConnection, recordTable } from '../state/store.ts';
import type { StoredConnection } from '../state/store.ts';

// 365 days.
const longestLookBack = 31_536_000_000;

// Here the server reads the two in this order, which shows in the order of its errors.
const connectionHeaders = () =>
  looseObject({ 'connection-id': connectionId(), 'provider-config-key': providerConfigKey() });

function requireConnection(
  { environment, headers }: Call & { headers: { 'provider-config-key': string; 'connection-id': string } },
): StoredConnection {
  const connection = findConnection(environment, headers['provider-config-key'], headers['connection-id']);
  if (connection) return connection;
  throw apiError(
    400,
    'unknown_connection',
    'Provided ConnectionId and ProviderConfigKey does not match a valid connection',
  );
}

function recentTime(now: () => number): Schema<string> {
  return refine(
    string({ format: 'datetime' }),
    (text) =>
      Date.parse(text) >= now() - longestLookBack ? undefined : { message: 'must be within the last 12 months' },
  );
}

const actions = () =>
  transform(
    string(),
    (text, path, report) =>
      array(oneOf(['added', 'updated', 'deleted', 'ADDED', 'UPDATED', 'DELETED'])).read(text.split(','), path, report),
  );

/** The actions that a filter selects. Beside others, the server forgets about deletions. */
function filteredActions(filter: readonly string[]): Set<RecordAction> {
  const actions = new Set<RecordAction>(filter.map((name) => name.toUpperCase()));
  if (actions.size > 1) actions.delete('DELETED');
  return actions;
}

/** The operations on records. */
export const recordRoutes = ({ clock }: Context): Route[] => [
  route('listRecords', 'GET /records', {
    scopes: ['environment:records:read'],
    query: object({
      model: modelName(),
      variant: withDefault(plainName(), 'base'),
      modified_after: optional(recentTime(clock.now)),
      delta: optional(recentTime(clock.now)),
      limit: withDefault(number({ coerce: true, min: 1, max: 10_000 }), 100),
      filter: optional(actions()),
      cursor: optional(string({ min: 1, max: 1000 })),
      ids: optional(oneOrMany(string({ min: 1, max: 256 }), 100)),
    }),
    headers: connectionHeaders(),
    handle(call) {
      const { query } = call;
      const connection = requireConnection(call);
      const since = query.delta ?? query.modified_after;
      const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
      if (query.cursor !== undefined && !after) throw apiError(500, 'server_error', 'Failed to fetch records');
      const page = recordTable(call.environment, connection, query.model, query.variant, clock).select({
        after,
        modifiedAfter: since === undefined ? undefined : microseconds(since),
        actions: query.filter && filteredActions(query.filter),
        ids: query.ids && new Set(query.ids),
        limit: query.limit,
      });
      return writtenJson(`{"next_cursor":${JSON.stringify(page.next)},"records":[${page.records.join(',')}]}`);
    },
  }),

  route('pruneRecords', 'PATCH /records/prune', {
    scopes: ['environment:records:write'],
    body: object({
      model: modelName(),
      variant: withDefault(plainName(), 'base'),
      until_cursor: string({ min: 1, max: 1000 }),
      limit: withDefault(number({ min: 1, max: 10_000 }), 1000),
    }),
    query: object({}),
    headers: connectionHeaders(),
    handle(call) {
      const { body } = call;
      const connection = requireConnection(call);
      const until = readCursor(body.until_cursor);
      if (!until) throw apiError(500, 'server_error', 'Failed to prune records');
      const table = recordTable(call.environment, connection, body.model, body.variant, clock);
      return json(table.prune(until, body.limit));
    },
  }),
];
