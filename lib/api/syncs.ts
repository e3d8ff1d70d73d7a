// Syncs: their runs, schedules, status and variants.

import { flag, id, list, object, pick, refuse, string, text } from '../core/guards.ts';
import type { Client } from '../client.ts';
import { json, send } from '../core/send.ts';
import type { RequestOptions } from '../core/send.ts';
import { path, search } from '../core/request.ts';
import type { ConnectionInput } from './connections.ts';

/** Names a sync: its name, which means the variant `base`, or `name::variant`, or both apart. */
export type SyncReference = string | { name: string; variant: string };

/** What {@link startSync} and {@link pauseSync} take. */
export interface SyncsInput {
  /** The id of the integration. */
  providerConfigKey: string;
  /** The id of the connection. Defaults to all connections of the integration. */
  connectionId?: string | undefined;
  /** The syncs, 1 to 256. Defaults to all. */
  syncs?: readonly SyncReference[] | undefined;
}

/** What {@link triggerSync} takes: `opts`, or the older `syncMode`. */
export type TriggerSyncInput =
  & Omit<SyncsInput, 'syncs'>
  & {
    /** The syncs. Defaults to all. */
    syncs?: readonly SyncReference[] | undefined;
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
export interface SyncStatusInput extends Omit<SyncsInput, 'syncs'> {
  /** The syncs, or `*` for all. */
  syncs: '*' | readonly SyncReference[];
}

/** What {@link updateSyncConnectionFrequency} takes. */
export interface UpdateSyncConnectionFrequencyInput extends ConnectionInput {
  /** The name of the sync. */
  syncName: string;
  /** The variant of the sync. Defaults to `base`. */
  syncVariant?: string | undefined;
  /**
   * How often the sync runs on the connection, for example `every 2 hours`, at least 30 seconds; null for its own
   * frequency.
   */
  frequency: string | null;
}

/** What {@link createSyncVariant} and {@link deleteSyncVariant} take. */
export interface SyncVariantInput extends ConnectionInput {
  /** The name of the sync. */
  name: string;
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
export async function triggerSync(
  client: Client,
  input: TriggerSyncInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  if (input.opts?.emptyCache && !input.opts.reset) refuse('emptyCache', 'used with reset');
  const content = {
    ...syncsBody(input, Infinity),
    ...pick(input, {
      'opts?': (value, name) => pick(object(value, name), { 'reset?': flag, 'emptyCache?': flag }),
      'sync_mode?': id,
    }),
  };
  return send(client, 'POST /sync/trigger', json(content), options);
}

/**
 * Starts the schedules of syncs.
 *
 * `POST /sync/start`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/start
 */
export async function startSync(
  client: Client,
  input: SyncsInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  return send(client, 'POST /sync/start', json(syncsBody(input)), options);
}

/**
 * Pauses the schedules of syncs. A run that has begun goes on.
 *
 * `POST /sync/pause`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/pause
 */
export async function pauseSync(
  client: Client,
  input: SyncsInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  return send(client, 'POST /sync/pause', json(syncsBody(input)), options);
}

/**
 * The server takes an empty list for all syncs, which an empty list of a caller hardly means: it must be left out for
 * that.
 */
function syncsBody(input: object, max = 256): object {
  const checks = { 'syncs?': list(reference, max), provider_config_key: id, 'connection_id?': id };
  return { syncs: [], ...pick(input, checks) };
}

function reference(value: unknown, name: string): unknown {
  return typeof value === 'object' && value ? pick(value, { name: part, variant: part }) : part(value, name);
}

/** Requires a name, or `name::variant`. Names have no commas, which the status separates them by. */
const part = /* @__PURE__ */ string(/^[\w-]+(::[\w-]+)?$/, 'a name, or name::variant');

/**
 * Gets the status of syncs. Names that no sync has are left out of it.
 *
 * `GET /sync/status`
 *
 * @throws NangoApiError with the reason `invalid_body` where there is no such connection.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/status
 */
export async function syncStatus(
  client: Client,
  input: SyncStatusInput,
  options?: RequestOptions,
): Promise<{ syncs: SyncStatus[] }> {
  const query = pick(input, {
    syncs: (value, name) =>
      value === '*' ? value : (list(reference, Infinity)(value, name) as SyncReference[]).map(joined).join(),
    provider_config_key: id,
    'connection_id?': id,
  });
  return send(client, 'GET /sync/status', { query: search(query) }, options);
}

function joined(sync: SyncReference): string {
  return typeof sync === 'string' ? sync : `${sync.name}::${sync.variant}`;
}

/**
 * Changes how often a sync runs on a connection.
 *
 * `PUT /sync/update-connection-frequency`
 *
 * @returns The frequency that holds now, as the server writes it.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/update-connection-frequency
 */
export async function updateSyncConnectionFrequency(
  client: Client,
  input: UpdateSyncConnectionFrequencyInput,
  options?: RequestOptions,
): Promise<{ frequency: string }> {
  const content = pick(input, {
    provider_config_key: id,
    connection_id: id,
    sync_name: id,
    'sync_variant?': id,
    frequency: (value, name) => (value === null ? value : text(value, name)),
  });
  return send(client, 'PUT /sync/update-connection-frequency', json(content), options);
}

/**
 * Creates a variant of a sync on a connection, with the schedule of the sync.
 *
 * `POST /sync/{name}/variant/{variant}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/create-variant
 */
export async function createSyncVariant(
  client: Client,
  input: SyncVariantInput,
  options?: RequestOptions,
): Promise<SyncVariant> {
  const content = pick(input, { provider_config_key: id, connection_id: id });
  return send(client, 'POST /sync/{name}/variant/{variant}', { path: path(input), ...json(content) }, options);
}

/**
 * Deletes a variant of a sync on a connection.
 *
 * `DELETE /sync/{name}/variant/{variant}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/delete-variant
 */
export async function deleteSyncVariant(
  client: Client,
  input: SyncVariantInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  const content = pick(input, { provider_config_key: id, connection_id: id });
  return send(client, 'DELETE /sync/{name}/variant/{variant}', { path: path(input), ...json(content) }, options);
}
