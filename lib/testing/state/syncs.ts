// The syncs of connections: their schedules, runs and status.

import { logId } from './clock.ts';
import { syncFailure } from './functions.ts';
import type { SyncContext } from './functions.ts';
import { providerFetch } from './provider-requests.ts';
import type { RecordCounts, RecordInput, RecordTable } from './records.ts';
import { recordTable } from './store.ts';
import type { StoredConnection, StoredEnvironment, StoredFunction, StoredSync, SyncJob } from './store.ts';
import type { Context } from './context.ts';

/** The function of a sync; `undefined` if it has been deleted. */
export function functionOf(environment: StoredEnvironment, sync: StoredSync): StoredFunction | undefined {
  return environment.functions.find(
    ({ type, name, integration }) =>
      type === 'sync' && name === sync.name && integration === sync.connection.providerConfigKey,
  );
}

/** Creates a sync of a connection. */
export function addSync(
  context: Context,
  environment: StoredEnvironment,
  definition: StoredFunction,
  connection: StoredConnection,
  variant: string,
): StoredSync {
  const sync: StoredSync = {
    id: context.clock.uuid(),
    name: definition.name,
    variant,
    connection,
    schedule: definition.autoStart ? 'STARTED' : 'PAUSED',
    scheduledFrom: context.clock.now(),
    frequency: null,
    checkpoint: null,
    lastSyncDate: null,
    runs: 0,
    job: null,
  };
  environment.syncs.push(sync);
  return sync;
}

/** Creates the missing syncs of a connection. With `run`, those that start by themselves run at once. */
export function scheduleSyncs(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
  run: boolean,
): void {
  for (const definition of environment.functions) {
    if (definition.type !== 'sync' || definition.integration !== connection.providerConfigKey) continue;
    const known = environment.syncs.some((sync) => sync.connection === connection && sync.name === definition.name);
    if (known) continue;
    const sync = addSync(context, environment, definition, connection, 'base');
    if (run && definition.autoStart && definition.enabled) {
      context.background(async () => {
        await runSync(context, environment, sync);
      });
    }
  }
}

const unitLengths: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const namedIntervals: Record<string, string> = {
  'every half day': '12h',
  'every half hour': '30m',
  'every quarter hour': '15m',
  'every hour': '1h',
  'every day': '1d',
  'every week': '7d',
  'every month': '30d',
};

/** Normalizes a frequency (`every 2 hours` to `2 hours`); `undefined` if it is invalid or below 30 seconds. */
export function normalizeFrequency(text: string): { interval: string; milliseconds: number } | undefined {
  const interval = namedIntervals[text] ?? text.replace(/^every /, '');
  const [, amount, unit = ''] = /^(\d+)\s?([a-z]+)$/.exec(interval) ?? [];
  const length = unitLengths[unit.slice(0, 1)];
  if (amount === undefined || length === undefined || unit.startsWith('mo')) return undefined;
  const milliseconds = Number(amount) * length * 1000;
  return milliseconds < 30_000 ? undefined : { interval, milliseconds };
}

/** The status of a sync, as the API returns it. */
export function writeSyncStatus(
  context: Context,
  environment: StoredEnvironment,
  sync: StoredSync,
): Record<string, unknown> {
  const definition = functionOf(environment, sync);
  const { job, connection } = sync;
  const counts = (definition?.returns ?? []).map((model) => {
    // The server counts the records of the base variant, and none once another variant has run.
    const counts = sync.variant === 'base' || job === null;
    const count = counts ? recordTable(environment, connection, model, 'base', context.clock).count() : 0;
    return [model, count] as const;
  });
  return {
    id: sync.id,
    connection_id: connection.connectionId,
    type: isInitial(sync, definition) ? 'INITIAL' : 'INCREMENTAL',
    ...(job && job.finishedAt !== null ? { finishedAt: new Date(job.finishedAt).toISOString() } : {}),
    nextScheduledSyncAt: nextRun(context, sync, definition),
    name: sync.name,
    variant: sync.variant,
    status: statusOf(sync),
    frequency: definition ? (sync.frequency ?? definition.runs) : null,
    ...(job ? { latestResult: job.result, latestExecutionStatus: job.status } : {}),
    recordCount: Object.fromEntries(counts),
    checkpoint: sync.checkpoint,
  };
}

/** Whether the server reports a sync as initial: a full one always, a variant until its second run. */
function isInitial({ lastSyncDate, runs, variant }: StoredSync, definition: StoredFunction | undefined): boolean {
  if (variant !== 'base') return lastSyncDate === null || runs < 2;
  return lastSyncDate === null || definition?.syncType !== 'incremental';
}

function statusOf(sync: StoredSync): string {
  if (sync.job?.status === 'RUNNING') return 'RUNNING';
  if (sync.schedule === 'PAUSED') return 'PAUSED';
  return sync.job?.status === 'STOPPED' ? 'ERROR' : 'SUCCESS';
}

function nextRun(context: Context, sync: StoredSync, definition: StoredFunction | undefined): string | null {
  if (sync.schedule === 'PAUSED') return null;
  if (sync.runs === 0 && sync.job?.status === 'RUNNING') return new Date(sync.scheduledFrom).toISOString();
  const every = intervalOf(sync, definition);
  const passed = Math.floor((context.clock.now() - sync.scheduledFrom) / every) + 1;
  return new Date(sync.scheduledFrom + passed * every).toISOString();
}

/** Starts the syncs that are due by their schedule, and returns how many. */
export function runDueSyncs(context: Context): number {
  let started = 0;
  for (const environment of context.store.environments) {
    for (const sync of environment.syncs) {
      const definition = functionOf(environment, sync);
      if (sync.schedule === 'PAUSED' || sync.job?.status === 'RUNNING' || definition?.enabled !== true) continue;
      const every = intervalOf(sync, definition);
      const passed = Math.floor(((sync.job?.startedAt ?? sync.scheduledFrom) - sync.scheduledFrom) / every) + 1;
      if (context.clock.now() < sync.scheduledFrom + passed * every) continue;
      started++;
      context.background(async () => {
        await runSync(context, environment, sync);
      });
    }
  }
  return started;
}

function intervalOf(sync: StoredSync, definition: StoredFunction | undefined): number {
  return normalizeFrequency(sync.frequency ?? definition?.runs ?? 'every day')?.milliseconds ?? 86_400_000;
}

/** Runs a sync and sends its webhooks. Resolves after both; an error of the sync is recorded, not thrown. */
export async function runSync(
  context: Context,
  environment: StoredEnvironment,
  sync: StoredSync,
  webhook?: unknown,
): Promise<SyncJob> {
  const definition = functionOf(environment, sync);
  if (sync.job?.status === 'RUNNING') return sync.job;
  const job: SyncJob = {
    status: 'RUNNING',
    type: webhook !== undefined ? 'WEBHOOK' : sync.lastSyncDate === null ? 'INITIAL' : 'INCREMENTAL',
    startedAt: context.clock.now(),
    finishedAt: null,
    result: {},
  };
  sync.job = job;
  const { connection, checkpoint: from } = sync;
  try {
    if (!definition?.sync) throw new Error(`The sync ${sync.name} has no function to run`);
    await definition.sync(syncContext(context, environment, sync, job, webhook));
    for (const model of definition.returns) job.result[model] ??= { added: 0, updated: 0, deleted: 0 };
    job.status = 'SUCCESS';
    if (webhook === undefined) {
      sync.lastSyncDate = job.startedAt;
      sync.runs++;
    }
    connection.problems = connection.problems.filter(({ sync: failed }) => failed !== sync.id);
  } catch (thrown) {
    job.status = 'STOPPED';
    job.result = {};
    connection.problems = connection.problems.filter(({ sync: failed }) => failed !== sync.id);
    connection.problems.push({ type: 'sync', sync: sync.id, logId: logId(context.clock) });
    job.finishedAt = context.clock.now();
    await sendFailure(context, environment, sync, job, definition, thrown);
    return job;
  }
  job.finishedAt = context.clock.now();
  const used = from !== null || sync.checkpoint !== null;
  await sendSuccess(context, environment, sync, job, used ? { checkpoints: { from, to: sync.checkpoint } } : {});
  return job;
}

function syncContext(
  context: Context,
  environment: StoredEnvironment,
  sync: StoredSync,
  job: SyncJob,
  webhook: unknown,
): SyncContext {
  const { connection, variant } = sync;
  const saved = new Map<string, Set<string>>();
  const models = functionOf(environment, sync)?.returns ?? [];
  const table = (model: string): RecordTable => {
    if (models.length > 0 && !models.includes(model)) throw new Error(`The sync ${sync.name} has no model ${model}`);
    return recordTable(environment, connection, model, variant, context.clock);
  };
  const count = (model: string, changes: RecordCounts): RecordCounts => {
    const total = (job.result[model] ??= { added: 0, deleted: 0, updated: 0 });
    total.added += changes.added;
    total.updated += changes.updated;
    total.deleted += changes.deleted;
    return changes;
  };
  return {
    connectionId: connection.connectionId,
    providerConfigKey: connection.providerConfigKey,
    environment: environment.name,
    metadata: structuredClone(connection.metadata),
    credentials: structuredClone(connection.credentials),
    variant,
    lastSyncDate: sync.lastSyncDate === null ? null : new Date(sync.lastSyncDate),
    get checkpoint() {
      return sync.checkpoint;
    },
    ...(webhook !== undefined && { webhook }),
    fetch: (path, init) => providerFetch(context, environment, connection, path, init),
    save(model, records) {
      const seen = saved.get(model) ?? new Set<string>();
      saved.set(model, seen);
      const list = [...records];
      for (const { id } of list) seen.add(String(id));
      return count(model, table(model).save(list));
    },
    update: (model, records) => count(model, table(model).update(records)),
    delete: (model, records) => count(model, table(model).delete(idsOf(records))),
    deleteUnsaved: (model) => count(model, table(model).deleteUnseen(saved.get(model) ?? new Set())),
    saveCheckpoint(checkpoint) {
      sync.checkpoint = checkpoint;
    },
  };
}

function* idsOf(records: Iterable<string | number | RecordInput>): Iterable<string | number> {
  for (const record of records) yield typeof record === 'object' ? record.id : record;
}

async function sendSuccess(
  context: Context,
  environment: StoredEnvironment,
  sync: StoredSync,
  job: SyncJob,
  more: Record<string, unknown>,
): Promise<void> {
  const { connection } = sync;
  for (const [model, responseResults] of Object.entries(job.result)) {
    const changed = responseResults.added + responseResults.updated + responseResults.deleted > 0;
    if (!changed && !context.webhooks.settings.onSyncCompletionAlways) continue;
    const event = context.webhooks.syncEvent({
      providerConfigKey: connection.providerConfigKey,
      connectionId: connection.connectionId,
      model,
      syncName: sync.name,
      syncVariant: sync.variant,
      syncType: job.type,
      modifiedAfter: new Date(job.startedAt).toISOString(),
      responseResults,
    });
    await context.webhooks.send({ ...event, ...more }, { environment, connection });
  }
}

async function sendFailure(
  context: Context,
  environment: StoredEnvironment,
  sync: StoredSync,
  job: SyncJob,
  definition: StoredFunction | undefined,
  thrown: unknown,
): Promise<void> {
  if (!context.webhooks.settings.onSyncError) return;
  const { connection } = sync;
  for (const model of definition?.returns ?? []) {
    const event = {
      from: 'nango',
      type: 'sync',
      connectionId: connection.connectionId,
      providerConfigKey: connection.providerConfigKey,
      syncName: sync.name,
      syncVariant: sync.variant,
      model,
      syncType: job.type,
      success: false,
      error: syncFailure(thrown),
      startedAt: new Date(job.startedAt).toISOString(),
      failedAt: new Date(job.finishedAt ?? job.startedAt).toISOString(),
    };
    await context.webhooks.send(event, { environment, connection });
  }
}
