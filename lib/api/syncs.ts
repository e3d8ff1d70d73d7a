// Syncs: their runs, schedules, status and variants.

import type { Client } from '../client.ts';
import type { IntegrationName, SyncName } from '../core/functions.ts';
import { check, id, list, object } from '../core/guards.ts';
import type { RequestParts } from '../core/request.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';
import type { ConnectionInput } from './connections.ts';

/** Names a sync: its name, which means the variant `base`, or `name::variant`, or both apart. */
export type SyncReference<Name extends string = string> = Name | `${Name}::${string}` | { name: Name; variant: string };

/** What {@link startSync} and {@link pauseSync} take. */
export interface SyncsInput<Integration extends string = string, Name extends string = string> {
  /** The id of the integration. */
  providerConfigKey: Integration;
  /** The id of the connection. Defaults to all connections of the integration. */
  connectionId?: string | undefined;
  /** The syncs, 1 to 256. Defaults to all. */
  syncs?: readonly SyncReference<Name>[] | undefined;
}

/** What {@link triggerSync} takes: `opts`, or the older `syncMode`. */
export type TriggerSyncInput<Integration extends string = string, Name extends string = string> =
  & Omit<SyncsInput<Integration>, 'syncs'>
  & {
    /** The syncs. Defaults to all. */
    syncs?: readonly SyncReference<Name>[] | undefined;
  }
  & (
    | {
      /** What to clear before the run. Defaults to nothing. */
      opts?: TriggerSyncOptions | undefined;
      syncMode?: undefined;
    }
    | {
      /** @deprecated `opts` says the same: `full_refresh` is a reset, the last one empties the cache too. */
      syncMode: 'incremental' | 'full_refresh' | 'full_refresh_and_clear_cache';
      opts?: undefined;
    }
  );

/** What to clear before a run. */
export interface TriggerSyncOptions {
  /**
   * Whether to clear the checkpoint and the date of the last run, so that all is read again. A run that goes on is
   * ended.
   */
  reset?: boolean | undefined;
  /** Whether to delete the records too. It needs `reset`. */
  emptyCache?: boolean | undefined;
}

/** What a sync does now. */
export type SyncState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'SUCCESS' | 'ERROR' | (string & {});

/** The status of a sync on a connection. */
export interface SyncStatus {
  /** The id of the sync on its connection. */
  id: string;
  /** The id of the connection. */
  connection_id: string;
  /** The name of the sync. */
  name: string;
  /** The variant of the sync. */
  variant: string;
  /** What the sync does now: where it does not run, how its last run ended or that its schedule is paused. */
  status: SyncState;
  /** How the last run stands. Left out before the first one. */
  latestExecutionStatus?: SyncState | undefined;
  /** @deprecated The kind of the next run. */
  type: 'INITIAL' | 'INCREMENTAL' | (string & {});
  /** When the last run ended, an ISO date. Left out before, and while the sync runs. */
  finishedAt?: string | undefined;
  /** When the next run is due, an ISO date, or null. */
  nextScheduledSyncAt: string | null;
  /** How often the sync runs, for example `every hour`, or null. */
  frequency: string | null;
  /** What the last run changed, by model. Left out before the first one. */
  latestResult?: Record<string, { added: number; updated: number; deleted: number }> | undefined;
  /** How many records there are, by model. */
  recordCount: Record<string, number>;
  /** What the sync continues from, or null. */
  checkpoint: Record<string, string | number | boolean> | null;
}

/** What {@link syncStatus} takes. */
export interface SyncStatusInput<Integration extends string = string, Name extends string = string>
  extends Omit<SyncsInput<Integration>, 'syncs'> {
  /** The syncs, or `*` for all. */
  syncs: '*' | readonly SyncReference<Name>[];
}

/** What {@link updateSyncConnectionFrequency} takes. */
export interface UpdateSyncConnectionFrequencyInput<Integration extends string = string, Name extends string = string>
  extends ConnectionInput<Integration> {
  /** The name of the sync. */
  syncName: Name;
  /** The variant of the sync. Defaults to `base`. */
  syncVariant?: string | undefined;
  /**
   * How often the sync runs on the connection, for example `every 2 hours`, at least 30 seconds; null for its own
   * frequency.
   */
  frequency: string | null;
}

/** What {@link createSyncVariant} and {@link deleteSyncVariant} take. */
export interface SyncVariantInput<Integration extends string = string, Name extends string = string>
  extends ConnectionInput<Integration> {
  /** The name of the sync. */
  name: Name;
  /** The variant of the sync, any but `base`. */
  variant: string;
}

/** A variant of a sync on a connection. */
export interface SyncVariant {
  /** The id of the sync on its connection. */
  id: string;
  /** The name of the sync. */
  name: string;
  /** The variant of the sync. */
  variant: string;
}

/**
 * Runs syncs once, now. It does not wait for their end, and success only says that the order was given.
 *
 * `POST /sync/trigger`
 *
 * @throws TypeError for `emptyCache` without `reset`, which the server would ignore.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/trigger
 */
export async function triggerSync<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: TriggerSyncInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  const body = syncsBody(input);
  const { opts, syncMode } = input;
  check(!opts?.emptyCache || opts.reset, 'emptyCache must be used with reset: the server would ignore it');
  return send(client, 'POST /sync/trigger', { body: { ...body, opts, sync_mode: syncMode } }, options);
}

/**
 * Starts the schedules of syncs.
 *
 * `POST /sync/start`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/start
 */
export async function startSync<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: SyncsInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  return send(client, 'POST /sync/start', { body: syncsBody(input) }, options);
}

/**
 * Pauses the schedules of syncs. A run that has begun goes on.
 *
 * `POST /sync/pause`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/pause
 */
export async function pauseSync<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: SyncsInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  return send(client, 'POST /sync/pause', { body: syncsBody(input) }, options);
}

/** The server takes an empty list for all syncs, which an empty list of a caller hardly means. */
function syncsBody(input: Pick<SyncsInput, 'providerConfigKey' | 'connectionId' | 'syncs'>): object {
  const { providerConfigKey, connectionId, syncs } = object(input, 'input');
  return {
    // The server refuses other members, as those of a status.
    syncs:
      list(syncs, 'syncs')?.map((sync) =>
        typeof sync === 'object' ? { name: sync?.name, variant: sync?.variant } : sync
      ) ?? [],
    provider_config_key: id(providerConfigKey, 'providerConfigKey'),
    connection_id: connectionId === undefined ? connectionId : id(connectionId, 'connectionId'),
  };
}

/**
 * Gets the status of syncs. Names that no sync has are left out of it.
 *
 * `GET /sync/status`
 *
 * @throws NangoApiError with the reason `invalid_body` where there is no such connection.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/status
 */
export async function syncStatus<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: SyncStatusInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<{ syncs: SyncStatus[] }> {
  const { syncs, providerConfigKey, connectionId } = object(input, 'input');
  const names = typeof syncs === 'string' ? syncs : list(syncs, 'syncs')?.map(syncName).join();
  const query = {
    syncs: id(names, 'syncs'),
    provider_config_key: id(providerConfigKey, 'providerConfigKey'),
    connection_id: connectionId,
  };
  return send(client, 'GET /sync/status', { query }, options);
}

/** Writes a sync as the status wants it. They are joined with commas, so no name may have one. */
function syncName(sync: SyncReference): string {
  const name = typeof sync === 'string' ? sync : `${sync?.name}::${sync?.variant}`;
  check(typeof name === 'string' && !name.includes(','), 'syncs must hold names without commas');
  return name;
}

/**
 * Changes how often a sync runs on a connection.
 *
 * `PUT /sync/update-connection-frequency`
 *
 * @returns The frequency that holds now, as the server writes it.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/update-connection-frequency
 */
export async function updateSyncConnectionFrequency<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: UpdateSyncConnectionFrequencyInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<{ frequency: string }> {
  const { providerConfigKey, connectionId, syncName, syncVariant, frequency } = object(input, 'input');
  check(
    frequency === null || typeof frequency === 'string',
    'frequency must be a string, or null for that of the sync',
  );
  const body = {
    provider_config_key: id(providerConfigKey, 'providerConfigKey'),
    connection_id: id(connectionId, 'connectionId'),
    sync_name: id(syncName, 'syncName'),
    sync_variant: syncVariant,
    frequency,
  };
  return send(client, 'PUT /sync/update-connection-frequency', { body }, options);
}

/**
 * Creates a variant of a sync on a connection, with the schedule of the sync.
 *
 * `POST /sync/{name}/variant/{variant}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/create-variant
 */
export async function createSyncVariant<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: SyncVariantInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<SyncVariant> {
  return send(client, 'POST /sync/{name}/variant/{variant}', variantParts(input), options);
}

/**
 * Deletes a variant of a sync on a connection.
 *
 * `DELETE /sync/{name}/variant/{variant}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/delete-variant
 */
export async function deleteSyncVariant<F, K extends IntegrationName<F>>(
  client: Client<F>,
  input: SyncVariantInput<K, SyncName<F, K>>,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  return send(client, 'DELETE /sync/{name}/variant/{variant}', variantParts(input), options);
}

function variantParts(input: SyncVariantInput): RequestParts {
  const { providerConfigKey, connectionId, name, variant } = object(input, 'input');
  return {
    path: { name, variant },
    body: {
      provider_config_key: id(providerConfigKey, 'providerConfigKey'),
      connection_id: id(connectionId, 'connectionId'),
    },
  };
}
