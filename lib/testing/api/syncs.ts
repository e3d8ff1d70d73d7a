// /sync: trigger, start, pause, status, frequency, variants.

import { type Answer, json, refuse, refuseWithPayload } from '../server/answer.ts';
import { type Call, readBody, readHeaders, readParams, readQuery, type Route } from '../server/router.ts';
import { connectionId, noQuery, plainName, providerConfigKey, shortText } from '../server/fields.ts';
import {
  findConnection,
  type StoredConnection,
  type StoredFunction,
  type StoredSync,
  tableKey,
} from '../state/store.ts';
import { addSync, functionOf, normaliseFrequency, runSync, writeSyncStatus } from '../state/syncs.ts';
import {
  array,
  boolean,
  nullable,
  object,
  oneOf,
  optional,
  refine,
  type Schema,
  string,
  transform,
  union,
  withDefault,
} from '../server/schema.ts';

interface SyncName {
  name: string;
  variant: string;
}

function parseName(text: string): SyncName {
  const [name = '', variant = 'base'] = text.split('::');
  return { name, variant };
}

const syncName = (): Schema<SyncName> =>
  transform(
    union(string(), object({ name: string(), variant: string() })),
    (given) => typeof given === 'string' ? parseName(given) : given,
  );

const triggerBody = () =>
  refine(
    object({
      syncs: array(syncName()),
      provider_config_key: optional(string()),
      connection_id: optional(string()),
      opts: optional(object({ reset: optional(boolean()), emptyCache: optional(boolean()) })),
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
    provider_config_key: shortText(),
    connection_id: optional(shortText()),
  });

const frequencyPattern =
  /^(?<every>every )?((?<amount>[0-9]+)?\s?(?<unit>(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?))|(?<unit2>(month|week|half day|half hour|quarter hour)))$/;

const frequencyBody = () =>
  object({
    sync_name: plainName(),
    sync_variant: withDefault(plainName(), 'base'),
    provider_config_key: providerConfigKey(),
    connection_id: connectionId(),
    frequency: nullable(string({ pattern: frequencyPattern })),
  });

const variantBody = () => object({ provider_config_key: providerConfigKey(), connection_id: connectionId() });
const variantParams = () => object({ name: plainName(), variant: plainName() });

/** The syncs that a command is for, or a refusal. */
function commanded(call: Call, names: SyncName[], key: string, id: string | undefined): StoredSync[] {
  const { environment } = call;
  if (!environment.integrations.has(key)) {
    const message =
      'There is no Provider Configuration matching this key. Please make sure this value exists in the Nango dashboard {}';
    throw refuseWithPayload(400, 'unknown_provider_config', message);
  }
  const connection = id === undefined ? undefined : findConnection(environment, key, id);
  if (id !== undefined && !connection) {
    const payload = { connectionId: id, providerConfigKey: key };
    const message = "No connection matching the provided params of 'connection_id' and 'provider_config_key'. " +
      `Please make sure these values exist in the Nango dashboard ${JSON.stringify(payload, null, 2)}`;
    throw refuseWithPayload(404, 'unknown_connection', message, payload);
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
  return refuseWithPayload(400, 'no_syncs_found', 'No syncs found given the inputs.');
}

function schedule(call: Call, state: StoredSync['schedule']): Answer {
  const body = readBody(call, commandBody());
  for (const sync of commanded(call, body.syncs, body.provider_config_key, body.connection_id)) {
    if (state === 'STARTED' && sync.schedule === 'PAUSED') sync.scheduledFrom = call.world.clock.now();
    sync.schedule = state;
  }
  return json({ success: true });
}

function trigger(call: Call): Answer {
  const body = readBody(call, triggerBody());
  readQuery(call, noQuery());
  const headers = readHeaders(call, {
    'provider-config-key': optional(providerConfigKey()),
    'connection-id': optional(connectionId()),
  });
  const key = body.provider_config_key ?? headers['provider-config-key'];
  if (key === undefined) {
    const message = 'Missing provider_config_key. Provide it in the body or headers.';
    throw refuse(400, 'missing_provider_config_key', message);
  }
  const mode = body.sync_mode ?? 'incremental';
  const reset = body.opts?.reset === true || body.full_resync === true || mode !== 'incremental';
  const clears = reset && (body.opts?.emptyCache === true || mode === 'full_refresh_and_clear_cache');
  for (const sync of commanded(call, body.syncs, key, body.connection_id ?? headers['connection-id'])) {
    if (reset) {
      sync.lastSyncDate = null;
      sync.checkpoint = null;
    }
    if (clears) clearRecords(call, sync);
    call.world.background(async () => {
      await runSync(call.world, call.environment, sync);
    });
  }
  return json({ success: true });
}

function clearRecords(call: Call, sync: StoredSync): void {
  for (const model of functionOf(call.environment, sync)?.returns ?? []) {
    call.environment.records.get(tableKey(sync.connection, model, sync.variant))?.clear();
  }
}

/** The connection and the function of a call about variants or frequencies, or a refusal. */
function requireSync(
  call: Call,
  names: { name: string; key: string; id: string },
): { connection: StoredConnection; definition: StoredFunction | undefined } {
  const connection = findConnection(call.environment, names.key, names.id);
  if (!connection) throw refuse(400, 'unknown_connection');
  const definition = call.environment.functions.find(
    ({ type, name, integration }) => type === 'sync' && name === names.name && integration === names.key,
  );
  return { connection, definition };
}

function ofConnection(call: Call, connection: StoredConnection, name: string, variant: string): StoredSync | undefined {
  return call.environment.syncs.find(
    (sync) => sync.connection === connection && sync.name === name && sync.variant === variant,
  );
}

/** The operations on syncs. */
export const syncRoutes: readonly Route[] = [
  {
    operation: 'triggerSync',
    method: 'POST',
    path: '/sync/trigger',
    auth: 'environmentKey',
    scopes: ['environment:syncs:execute'],
    handle: trigger,
  },
  {
    operation: 'startSync',
    method: 'POST',
    path: '/sync/start',
    auth: 'environmentKey',
    scopes: ['environment:syncs:execute'],
    handle: (call) => schedule(call, 'STARTED'),
  },
  {
    operation: 'pauseSync',
    method: 'POST',
    path: '/sync/pause',
    auth: 'environmentKey',
    scopes: ['environment:syncs:execute'],
    handle: (call) => schedule(call, 'PAUSED'),
  },
  {
    operation: 'syncStatus',
    method: 'GET',
    path: '/sync/status',
    auth: 'environmentKey',
    scopes: ['environment:syncs:read'],
    handle(call) {
      const query = readQuery(
        call,
        object({ syncs: string(), provider_config_key: providerConfigKey(), connection_id: optional(connectionId()) }),
      );
      const { environment, world } = call;
      const { provider_config_key: key, connection_id: id } = query;
      const connection = id === undefined ? undefined : findConnection(environment, key, id);
      if (id !== undefined && !connection) throw refuse(400, 'invalid_body', 'Connection not found');
      const names = query.syncs === '*' ? undefined : query.syncs.split(',').map(parseName);
      const found = environment.syncs.filter(
        (sync) =>
          (connection ? sync.connection === connection : sync.connection.providerConfigKey === key) &&
          (!names || names.some(({ name, variant }) => sync.name === name && sync.variant === variant)),
      );
      return json({ syncs: found.map((sync) => writeSyncStatus(world, environment, sync)) });
    },
  },
  {
    operation: 'updateSyncConnectionFrequency',
    method: 'PUT',
    path: '/sync/update-connection-frequency',
    auth: 'environmentKey',
    scopes: ['environment:syncs:update'],
    handle(call) {
      const body = readBody(call, frequencyBody());
      readQuery(call, noQuery());
      const { sync_name: name, sync_variant: variant, provider_config_key: key, connection_id: id } = body;
      const normal = body.frequency === null ? undefined : normaliseFrequency(body.frequency);
      const { connection, definition } = requireSync(call, { name, key, id });
      const sync = ofConnection(call, connection, name, variant);
      if (!sync || !definition) throw refuse(400, 'unknown_sync');
      if (body.frequency !== null && !normal) throw refuse(400, 'invalid_body', 'Sync interval is invalid');
      sync.frequency = normal?.interval ?? null;
      return json({ frequency: normal?.interval ?? definition.runs });
    },
  },
  {
    operation: 'createSyncVariant',
    method: 'POST',
    path: '/sync/:name/variant/:variant',
    auth: 'environmentKey',
    scopes: ['environment:syncs:variant:create'],
    handle(call) {
      const body = readBody(call, variantBody());
      const { name, variant } = readParams(call, variantParams());
      readQuery(call, noQuery());
      refuseBase(variant);
      const { provider_config_key: key, connection_id: id } = body;
      const { connection, definition } = requireSync(call, { name, key, id });
      if (ofConnection(call, connection, name, variant)) throw refuse(400, 'sync_variant_already_exists');
      if (!definition) throw refuse(400, 'unknown_sync');
      const sync = addSync(call.world, call.environment, definition, connection, variant);
      if (definition.autoStart) {
        call.world.background(async () => {
          await runSync(call.world, call.environment, sync);
        });
      }
      return json({ id: sync.id, name, variant });
    },
  },
  {
    operation: 'deleteSyncVariant',
    method: 'DELETE',
    path: '/sync/:name/variant/:variant',
    auth: 'environmentKey',
    scopes: ['environment:syncs:variant:delete'],
    handle(call) {
      const body = readBody(call, variantBody());
      const { name, variant } = readParams(call, variantParams());
      readQuery(call, noQuery());
      refuseBase(variant);
      const { provider_config_key: key, connection_id: id } = body;
      const { connection } = requireSync(call, { name, key, id });
      const sync = ofConnection(call, connection, name, variant);
      if (!sync) throw refuse(404, 'not_found');
      clearRecords(call, sync);
      call.environment.syncs = call.environment.syncs.filter((other) => other !== sync);
      return json({ success: true });
    },
  },
];

function refuseBase(variant: string): void {
  if (variant === 'base') throw refuse(400, 'invalid_variant');
}
