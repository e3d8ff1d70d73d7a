// The emulator: Nango in memory, as a fetch. It puts together the server (server/), what it knows (state/) and the
// operations (api/).

import type { PlatformFetch } from '../core/types.ts';
import { routes } from './api/mod.ts';
import type { ConnectionSeed, EmulatorSeed, RecordTarget } from './seed.ts';
import { checkFault, createFaults } from './server/faults.ts';
import type { Fault, FaultRule } from './server/faults.ts';
import { createFetch } from './server/fetch.ts';
import { createRateLimiter } from './server/rate-limit.ts';
import type { LoggedRequest, WireRequest } from './server/request.ts';
import { handleRequest } from './server/server.ts';
import type { ServerOptions } from './server/server.ts';
import { createClock } from './state/clock.ts';
import type { Context } from './state/context.ts';
import { receiveWebhook } from './state/events.ts';
import type { ProviderWebhook } from './state/events.ts';
import { builtInProviders } from './state/providers.ts';
import { saveInOrder } from './state/records.ts';
import type { RecordCounts, RecordInput } from './state/records.ts';
import { applySeed, environmentNamed, seedConnection, targetTable } from './state/seeding.ts';
import { completeConnection } from './state/sessions.ts';
import type { ConnectionCompletion } from './state/sessions.ts';
import { createStore } from './state/store.ts';
import type { Store, StoredConnection } from './state/store.ts';
import { runDueSyncs } from './state/syncs.ts';
import { createWebhooks } from './state/webhooks.ts';
import type { Webhooks } from './state/webhooks.ts';

/** Nango in memory, created by {@link createEmulator}. */
export interface Emulator {
  /** A fetch that answers as Nango: pass it to `createClient`, or to any other client that takes a fetch. */
  readonly fetch: PlatformFetch;
  /** Answers a raw request, for servers. Clients use {@link Emulator.fetch}. */
  answer(request: WireRequest): Promise<Response>;
  /** The base URL in the emulator's answers. Requests to any other host are answered too. */
  readonly host: string;
  /** The full-access key of the first environment. */
  readonly apiKey: string;
  /** The webhook signing key of the first environment; rotating it changes it. */
  readonly webhookSigningKey: string;
  /** Everything the emulator stores. */
  readonly store: Store;
  /** The requests so far, the oldest first. */
  readonly requests: LoggedRequest[];
  /** The webhooks. */
  readonly webhooks: Webhooks;
  /** Injects a fault. */
  fail(rule: FaultRule): Fault;
  /** Removes all faults. */
  clearFaults(): void;
  /** Adds or replaces a connection. No sync runs and no webhook is sent. */
  addConnection(connection: ConnectionSeed, environment?: string): StoredConnection;
  /** Adds or updates records, as a sync does. Unchanged records keep their place. */
  saveRecords(target: RecordTarget, records: Iterable<RecordInput>): RecordCounts;
  /** Marks records as deleted. They stay, with `last_action: 'DELETED'`. */
  deleteRecords(target: RecordTarget, ids: Iterable<string | number>): RecordCounts;
  /** Returns one record as the API would, or `undefined`. */
  getRecord(target: RecordTarget, id: string | number): Record<string, unknown> | undefined;
  /**
   * Completes a connect session as its end user would in the Connect UI: creates the connection, or authorizes it
   * again, and sends the webhook.
   */
  completeConnection(token: string, completion?: ConnectionCompletion): StoredConnection;
  /** Starts the syncs that are due by their schedule, and returns how many. Nothing else starts them by time. */
  runDueSyncs(): number;
  /** Receives a provider's webhook: runs the syncs that subscribe to it, then forwards it. Returns the number of runs. */
  receiveWebhook(webhook: ProviderWebhook): Promise<number>;
  /** Resolves once nothing is running: no sync, no asynchronous action, no webhook. */
  settled(): Promise<void>;
}

// 75 MiB.
const largestBody = 78_643_200;

/**
 * Creates a Nango in memory. Without a seed it has one environment, `dev`, with one key and nothing else.
 *
 * @example
 * ```ts
 * import { createClient, listRecords } from 'nango-fetch';
 * import { createEmulator } from 'nango-fetch/testing';
 *
 * const emulator = createEmulator({
 *   integrations: [{ provider: 'github', unique_key: 'github' }],
 *   connections: [{ provider_config_key: 'github', connection_id: 'user-1' }],
 * });
 * const issues = { providerConfigKey: 'github', connectionId: 'user-1', model: 'Issue' };
 * emulator.saveRecords(issues, [{ id: 1, title: 'Hello' }]);
 *
 * const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
 * const { records } = await listRecords(client, issues);
 * ```
 */
export function createEmulator(seed: EmulatorSeed = {}): Emulator {
  if (typeof seed !== 'object' || seed === null) throw new TypeError('seed must be an object');
  const background = createBackground();
  const context = createContext(seed, background.start);
  const { store, webhooks } = context;
  const server: ServerOptions = {
    context,
    routes: routes(context),
    limiter: seed.rateLimit === false ? undefined : createRateLimiter(seed.rateLimit ?? {}),
    bodyLimit: seed.bodyLimit ?? largestBody,
    faults: createFaults(),
    requests: [],
  };
  const answer = (request: WireRequest): Promise<Response> => handleRequest(server, request);

  const tableOf = (target: RecordTarget) => targetTable(context, environmentNamed(store, target.environment), target);

  return {
    host: context.host,
    get apiKey() {
      return store.environments[0]?.keys[0]?.secret ?? '';
    },
    get webhookSigningKey() {
      return store.environments[0]?.webhookSigningKey ?? '';
    },
    store,
    requests: server.requests,
    webhooks,
    answer,
    fetch: createFetch(answer),
    fail(rule) {
      checkFault(rule, server.routes);
      return server.faults.add(rule);
    },
    clearFaults: server.faults.clear,
    addConnection: (connection, environment) =>
      seedConnection(context, environmentNamed(store, environment), connection),
    saveRecords: (target, records) => saveInOrder(tableOf(target), records),
    deleteRecords: (target, ids) => tableOf(target).delete(ids),
    getRecord: (target, id) => tableOf(target).get(id),
    completeConnection: (token, completion) => completeConnection(context, token, completion),
    runDueSyncs: () => runDueSyncs(context),
    receiveWebhook: (webhook) => receiveWebhook(context, environmentNamed(store, webhook.environment), webhook),
    settled: background.settled,
  };
}

/** Creates what the operations reach, from the seed. */
function createContext(seed: EmulatorSeed, background: Context['background']): Context {
  const clock = createClock(seed);
  const store = createStore(new Map([...builtInProviders(), ...Object.entries(seed.providers ?? {})]));
  const context: Context = {
    host: withoutSlash(seed.host ?? 'https://nango.test'),
    connectHost: withoutSlash(seed.connectHost ?? 'https://connect.nango.test'),
    store,
    clock,
    webhooks: createWebhooks(seed.webhooks ?? {}, store, clock),
    version: seed.version ?? '0.71.10',
    provider: seed.provider,
    loadFunction: seed.loadFunction,
    sandbox: seed.sandbox ?? (() => null),
    refresh: seed.refresh ?? (() => ({ access_token: `test-access-token-${clock.hex(8)}` })),
    sharedApps: new Set(seed.sharedApps),
    templates: seed.templates ?? {},
    background,
  };
  applySeed(context, seed);
  return context;
}

/** Keeps track of the work that goes on after answers. */
function createBackground(): { start: Context['background']; settled: () => Promise<void> } {
  const running = new Set<Promise<void>>();
  return {
    start(task) {
      const work: Promise<void> = (async () => {
        // Let the answer go out first, as the server does.
        await Promise.resolve();
        await task();
      })().finally(() => running.delete(work));
      running.add(work);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function withoutSlash(host: string): string {
  return host.replace(/\/+$/, '');
}
