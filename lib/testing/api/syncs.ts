// /sync: trigger, start, pause, status, frequency, variants.

import { apiError, apiErrorWithPayload, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { connectionId, plainName, providerConfigKey } from '../server/fields.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import {
  array,
  boolean,
  looseObject,
  nullable,
  object,
  oneOf,
  optional,
  refine,
  string,
  transform,
  union,
  withDefault,
} from '../server/schema.ts';
import type { Read, Schema } from '../server/schema.ts';
import type { Context } from '../state/context.ts';
import { findFunction } from '../state/deployed-functions.ts';
import { findConnection, tableKey } from '../state/store.ts';
import type { StoredConnection, StoredFunction, StoredSync } from '../state/store.ts';
import { addSync, functionOf, normalizeFrequency, runSync, writeSyncStatus } from '../state/syncs.ts';

// Of a sync of a connection, beside the base one.
const mostVariants = 100;

interface SyncName {
  name: string;
  variant: string;
}

function parseName(text: string): SyncName {
  const [name = '', variant = 'base'] = text.split('::');
  return { name, variant };
}

const syncName = (named = object({ name: string(), variant: string() })): Schema<SyncName> =>
  transform(union(string(), named), (value) => typeof value === 'string' ? parseName(value) : value);

// Here the server drops unknown members.
const triggerBody = () =>
  refine(
    object({
      syncs: array(syncName(looseObject({ name: string(), variant: string() }))),
      provider_config_key: optional(string()),
      connection_id: optional(string()),
      opts: optional(looseObject({ reset: optional(boolean()), emptyCache: optional(boolean()) })),
      sync_mode: optional(oneOf(['incremental', 'full_refresh', 'full_refresh_and_clear_cache'])),
      full_resync: optional(boolean()),
    }),
    ({ opts, sync_mode: mode, full_resync: full }) =>
      opts && (mode !== undefined || full !== undefined)
        ? { message: 'opts cannot be used together with sync_mode or full_resync' }
        : undefined,
  );

const commandBody = () =>
  object({
    syncs: array(syncName(), { max: 256 }),
    provider_config_key: providerConfigKey(),
    connection_id: optional(connectionId()),
  });

const frequencyPattern =
  /^(?<every>every )?((?<amount>[0-9]+)?\s?(?<unit>(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?))|(?<unit2>(month|week|half day|half hour|quarter hour)))$/;

const variantBody = () => object({ provider_config_key: providerConfigKey(), connection_id: connectionId() });
const variantParams = () => object({ name: plainName(), variant: plainName() });

/** Finds the syncs that a command names; without names, all. */
function findSyncs(call: Call, names: SyncName[], key: string, id: string | undefined): StoredSync[] {
  const { environment } = call;
  if (!environment.integrations.has(key)) {
    const message =
      'There is no Provider Configuration matching this key. Please make sure this value exists in the Nango dashboard {}';
    throw apiErrorWithPayload(400, 'unknown_provider_config', message);
  }
  const connection = id === undefined ? undefined : findConnection(environment, key, id);
  if (id !== undefined && !connection) {
    const payload = { connectionId: id, providerConfigKey: key };
    const message = "No connection matching the provided params of 'connection_id' and 'provider_config_key'. " +
      `Please make sure these values exist in the Nango dashboard ${JSON.stringify(payload, null, 2)}`;
    throw apiErrorWithPayload(404, 'unknown_connection', message, payload);
  }
  const candidates = environment.syncs.filter((sync) =>
    connection ? sync.connection === connection : sync.connection.providerConfigKey === key
  );
  const deployed = candidates.filter((sync) => functionOf(environment, sync) !== undefined);
  const found = names.length === 0 ? deployed : names.flatMap(({ name, variant }) => {
    const named = deployed.filter((sync) => sync.name === name && sync.variant === variant);
    if (named.length === 0) throw noSyncsFound();
    return named;
  });
  if (found.length === 0) throw noSyncsFound();
  return found;
}

function noSyncsFound(): Error {
  return apiErrorWithPayload(400, 'no_syncs_found', 'No syncs found given the inputs.');
}

function schedule(call: Call, body: Read<ReturnType<typeof commandBody>>, state: StoredSync['schedule']): Answer {
  for (const sync of findSyncs(call, body.syncs, body.provider_config_key, body.connection_id)) {
    if (state === 'STARTED' && sync.schedule === 'PAUSED') sync.scheduledFrom = call.context.clock.now();
    sync.schedule = state;
  }
  return json({ success: true });
}

function clearRecords(call: Call, sync: StoredSync): void {
  for (const model of functionOf(call.environment, sync)?.returns ?? []) {
    call.environment.records.get(tableKey(sync.connection, model, sync.variant))?.clear();
  }
}

/** The connection and the function of a call about variants or frequencies. */
function requireSync(
  { environment }: Call,
  name: string,
  { provider_config_key: key, connection_id: id }: { provider_config_key: string; connection_id: string },
): { connection: StoredConnection; definition: StoredFunction | undefined } {
  const connection = findConnection(environment, key, id);
  if (!connection) throw apiError(400, 'unknown_connection');
  return { connection, definition: findFunction(environment, 'sync', name, key) };
}

function findSync(
  { environment }: Call,
  connection: StoredConnection,
  name: string,
  variant: string,
): StoredSync | undefined {
  return environment.syncs.find(
    (sync) => sync.connection === connection && sync.name === name && sync.variant === variant,
  );
}

/** The operations on syncs. */
export const syncRoutes = ({ background }: Context): Route[] => [
  route('triggerSync', 'POST /sync/trigger', {
    scopes: ['environment:syncs:execute'],
    body: triggerBody(),
    query: object({}),
    headers: looseObject({
      'provider-config-key': optional(providerConfigKey()),
      'connection-id': optional(connectionId()),
    }),
    handle(call) {
      const { body, headers } = call;
      const key = body.provider_config_key ?? headers['provider-config-key'];
      if (key === undefined) {
        const message = 'Missing provider_config_key. Provide it in the body or headers.';
        throw apiError(400, 'missing_provider_config_key', message);
      }
      const mode = body.sync_mode ?? 'incremental';
      const reset = body.opts?.reset === true || body.full_resync === true || mode !== 'incremental';
      const clears = reset && (body.opts?.emptyCache === true || mode === 'full_refresh_and_clear_cache');
      for (const sync of findSyncs(call, body.syncs, key, body.connection_id ?? headers['connection-id'])) {
        if (reset) {
          sync.lastSyncDate = null;
          sync.checkpoint = null;
        }
        if (clears) clearRecords(call, sync);
        background(async () => {
          await runSync(call.context, call.environment, sync);
        });
      }
      return json({ success: true });
    },
  }),

  route('startSync', 'POST /sync/start', {
    scopes: ['environment:syncs:execute'],
    body: commandBody(),
    query: anyQuery(),
    handle: (call) => schedule(call, call.body, 'STARTED'),
  }),

  route('pauseSync', 'POST /sync/pause', {
    scopes: ['environment:syncs:execute'],
    body: commandBody(),
    query: anyQuery(),
    handle: (call) => schedule(call, call.body, 'PAUSED'),
  }),

  route('syncStatus', 'GET /sync/status', {
    scopes: ['environment:syncs:read'],
    query: object({
      syncs: string(),
      provider_config_key: providerConfigKey(),
      connection_id: optional(connectionId()),
    }),
    handle({ context, environment, query: { syncs, provider_config_key: key, connection_id: id } }) {
      const connection = id === undefined ? undefined : findConnection(environment, key, id);
      if (id !== undefined && !connection) throw apiError(400, 'invalid_body', 'Connection not found');
      const names = syncs === '*' ? undefined : syncs.split(',').map(parseName);
      const found = environment.syncs.filter(
        (sync) =>
          (connection ? sync.connection === connection : sync.connection.providerConfigKey === key) &&
          (!names || names.some(({ name, variant }) => sync.name === name && sync.variant === variant)),
      );
      return json({ syncs: found.map((sync) => writeSyncStatus(context, environment, sync)) });
    },
  }),

  route('updateSyncConnectionFrequency', 'PUT /sync/update-connection-frequency', {
    scopes: ['environment:syncs:update'],
    body: object({
      sync_name: plainName(),
      sync_variant: withDefault(plainName(), 'base'),
      provider_config_key: providerConfigKey(),
      connection_id: connectionId(),
      frequency: nullable(string({ pattern: frequencyPattern })),
    }),
    handle(call) {
      const { sync_name: name, sync_variant: variant, frequency } = call.body;
      const { connection, definition } = requireSync(call, name, call.body);
      const sync = findSync(call, connection, name, variant);
      if (!sync || !definition) throw apiError(400, 'unknown_sync');
      const normalized = frequency === null ? undefined : normalizeFrequency(frequency);
      if (frequency !== null && !normalized) throw apiError(400, 'invalid_body', 'Sync interval is invalid');
      sync.frequency = normalized?.interval ?? null;
      return json({ frequency: normalized?.interval ?? definition.runs });
    },
  }),

  route('createSyncVariant', 'POST /sync/:name/variant/:variant', {
    scopes: ['environment:syncs:variant:create'],
    body: variantBody(),
    params: variantParams(),
    handle(call) {
      const { name, variant } = call.params;
      if (variant === 'base') throw apiError(400, 'invalid_variant', 'Variant name "base" is protected.');
      const { connection, definition } = requireSync(call, name, call.body);
      if (findSync(call, connection, name, variant)) throw apiError(400, 'sync_variant_already_exists');
      if (!definition) throw apiError(400, 'unknown_sync');
      const variants = call.environment.syncs.filter((one) => one.connection === connection && one.name === name);
      if (variants.length > mostVariants) throw apiError(400, 'resource_capped');
      const sync = addSync(call.context, call.environment, definition, connection, variant);
      if (definition.autoStart) {
        background(async () => {
          await runSync(call.context, call.environment, sync);
        });
      }
      return json({ id: sync.id, name, variant });
    },
  }),

  route('deleteSyncVariant', 'DELETE /sync/:name/variant/:variant', {
    scopes: ['environment:syncs:variant:delete'],
    body: variantBody(),
    params: variantParams(),
    handle(call) {
      const { name, variant } = call.params;
      if (variant === 'base') throw apiError(400, 'invalid_variant', 'Cannot delete protected variant "base".');
      const { connection } = requireSync(call, name, call.body);
      const sync = findSync(call, connection, name, variant);
      if (!sync) throw apiError(404, 'not_found');
      // The records of the variant stay readable.
      call.environment.syncs = call.environment.syncs.filter((other) => other !== sync);
      return json({ success: true });
    },
  }),
];
