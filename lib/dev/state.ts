// What the page at `/` shows, without secrets.

import type { Emulator } from '../testing/mod.ts';

/** A run of a sync that has ended, and what it changed of one model. */
export interface PastRun {
  /** The id of the sync. */
  id: string;
  /** The name of the sync. */
  sync: string;
  /** The model. */
  model: string;
  /** When it ended, in milliseconds since 1970. */
  at: number;
  /** How many records it added. */
  added: number;
  /** How many records it updated. */
  updated: number;
  /** How many records it deleted. */
  deleted: number;
}

const mostRuns = 200;

/** Notes the runs that have ended since it was last called. */
export function noteRuns(runs: PastRun[], { store }: Emulator): void {
  for (const { syncs } of store.environments) {
    for (const { id, name, job } of syncs) {
      const at = job?.finishedAt;
      if (at === null || at === undefined || runs.some((run) => run.id === id && run.at === at)) continue;
      for (const [model, result] of Object.entries(job?.result ?? {})) {
        runs.push({ id, sync: name, model, at, ...result });
      }
    }
  }
  if (runs.length > mostRuns) runs.splice(0, runs.length - mostRuns);
}

const pageSize = 50;

/** The state of an emulator, as the page takes it. */
export function pageState({ store, host, webhooks }: Emulator): Record<string, unknown> {
  const deliveries = webhooks.deliveries.slice(-100);
  const before = webhooks.deliveries.length - deliveries.length;
  return {
    host,
    targets: webhooks.to.map((target) => (typeof target === 'string' ? target : 'a function')),
    environments: store.environments.map((environment) => ({
      name: environment.name,
      integrations: [...environment.integrations.values()].map(({ uniqueKey, provider }) => ({ uniqueKey, provider })),
      connections: [...environment.connections.values()].map((connection) => ({
        id: connection.id,
        connectionId: connection.connectionId,
        providerConfigKey: connection.providerConfigKey,
        provider: environment.integrations.get(connection.providerConfigKey)?.provider ?? '',
        tags: connection.tags,
        problems: connection.problems.length,
        created: connection.createdAt,
        models: [...environment.records]
          .filter(([key]) => key.startsWith(`${connection.id}\n`))
          .map(([, table]) => ({ model: table.model, variant: table.variant, count: table.count() })),
      })),
      syncs: environment.syncs.map((sync) => ({
        id: sync.id,
        name: sync.name,
        variant: sync.variant,
        connectionId: sync.connection.connectionId,
        providerConfigKey: sync.connection.providerConfigKey,
        schedule: sync.schedule,
        frequency: sync.frequency ??
          environment.functions.find(({ type, name, integration }) =>
            type === 'sync' && name === sync.name && integration === sync.connection.providerConfigKey
          )?.runs ?? null,
        checkpoint: sync.checkpoint,
        job: sync.job,
      })),
      functions: environment.functions.map(({ name, type, integration, version }) => ({
        name,
        type,
        integration,
        version,
      })),
    })),
    deliveries: deliveries.map(({ event, body, headers, url, attempts, delivered }, index) => ({
      index: before + index,
      event,
      body,
      headers,
      url,
      delivered,
      attempts: attempts.map(({ status, error }) => ({ status, error: reasonOf(error) })),
    })),
  };
}

function reasonOf(error: unknown): string | null {
  if (error === undefined || error === null) return null;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

/** Records of a model that hold a text. */
export function recordsPage({ store }: Emulator, query: URLSearchParams): { records: unknown[]; more: boolean } {
  const search = (query.get('search') ?? '').toLowerCase();
  const key = `${query.get('connection') ?? ''}\n${query.get('model') ?? ''}\n${query.get('variant') ?? 'base'}`;
  const environment = store.environments.find(({ name }) => name === (query.get('environment') ?? name));
  const records = environment?.records.get(key)?.select({ limit: Number.POSITIVE_INFINITY }).records ?? [];
  const found: string[] = [];
  // The newest change comes first.
  for (let index = records.length - 1; index >= 0 && found.length <= pageSize; index -= 1) {
    const text = records[index] ?? '';
    if (search === '' || text.toLowerCase().includes(search)) found.push(text);
  }
  return {
    records: found.slice(0, pageSize).map((text) => JSON.parse(text) as unknown),
    more: found.length > pageSize,
  };
}
