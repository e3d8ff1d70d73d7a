// The emulator: Nango in memory, as a fetch. How requests get in is in admission.ts, what operations do is in api/, how
// answers go out is in response.ts; this file puts them together.

import type { PlatformFetch as Fetch } from '../core/types.ts';
import { answerRequest, corsHeaders, type Gate } from './admission.ts';
import type { Answer } from './answer.ts';
import { actionRoutes } from './api/actions.ts';
import { agentRoutes } from './api/agents.ts';
import { authorizeRoutes } from './api/authorize.ts';
import { connectRoutes } from './api/connect.ts';
import { connectionRoutes } from './api/connections.ts';
import { deploymentRoutes } from './api/deployments.ts';
import { environmentRoutes } from './api/environments.ts';
import { functionRoutes } from './api/functions.ts';
import { integrationRoutes } from './api/integrations.ts';
import { providerRoutes } from './api/providers.ts';
import { proxyRoutes } from './api/proxy.ts';
import { recordRoutes } from './api/records.ts';
import { syncRoutes } from './api/syncs.ts';
import { createClock } from './clock.ts';
import {
  connectionReset,
  createFaults,
  type Fault,
  type FaultRule,
  pause,
  plannedAnswer,
  plannedWait,
  repeatedPage,
} from './faults.ts';
import { builtInProviders } from './providers.ts';
import { createRateLimiter, tooManyRequests } from './rate-limit.ts';
import type { RecordChanges, RecordInput } from './record-table.ts';
import { findRoute, type Route } from './router.ts';
import {
  type ConnectionSeed,
  defaultApiKey,
  defaultWebhookSigningKey,
  type EmulatorSeed,
  environmentNamed,
  plantConnection,
  plantEnvironment,
  type RecordTarget,
  storedKey,
  targetTable,
} from './seed.ts';
import { completeConnection, type ConnectionCompletion } from './sessions.ts';
import { createStore, type Store, type StoredConnection } from './store.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';
import { type Incoming, type LoggedRequest, takeUp, type WireRequest } from './wire.ts';
import { respond } from './response.ts';
import type { World } from './world.ts';

/** Nango in memory. Made by {@link createEmulator}. */
export interface Emulator {
  /** Answers requests: give it to `createClient`, or to any other client that takes a fetch. */
  readonly fetch: Fetch;
  /** Answers a request as it stands on the wire. For servers: {@link Emulator.fetch} is what clients need. */
  answer(request: WireRequest): Promise<Response>;
  /** The base URL that the emulator gives out. It answers whatever the host of a request. */
  readonly host: string;
  /** The full-access key of the first environment. */
  readonly apiKey: string;
  /** The webhook signing key of the first environment. It changes when it is rotated. */
  readonly webhookSigningKey: string;
  /** What the emulator knows. */
  readonly store: Store;
  /** The requests so far, the oldest first. */
  readonly requests: LoggedRequest[];
  /** The webhooks. */
  readonly webhooks: Webhooks;
  /** Asks for a fault. */
  fail(rule: FaultRule): Fault;
  /** Takes all faults back. */
  clearFaults(): void;
  /** Adds a connection, or replaces it. Nothing runs and no webhook is sent for it. */
  addConnection(connection: ConnectionSeed, environment?: string): StoredConnection;
  /** Adds or updates records, as a sync does. Those that did not change keep their place. */
  saveRecords(target: RecordTarget, records: Iterable<RecordInput>): RecordChanges;
  /** Marks records as deleted. They stay, with `last_action: 'DELETED'`. */
  deleteRecords(target: RecordTarget, ids: Iterable<string | number>): RecordChanges;
  /** Gives one record as the API would, or `undefined`. */
  getRecord(target: RecordTarget, id: string | number): Record<string, unknown> | undefined;
  /**
   * Finishes a connect session as its end user would in the Connect UI: makes the connection, or authorizes it again,
   * and sends the webhook. The session is used up.
   */
  completeConnection(token: string, completion?: ConnectionCompletion): StoredConnection;
  /** Resolves when nothing runs any more: syncs, asynchronous actions, webhooks. */
  settled(): Promise<void>;
}

const allRoutes = (): readonly Route[] => [
  ...providerRoutes,
  ...functionRoutes,
  ...deploymentRoutes,
  ...integrationRoutes,
  ...connectionRoutes,
  ...recordRoutes,
  ...syncRoutes,
  ...actionRoutes,
  ...connectRoutes,
  ...authorizeRoutes(),
  ...proxyRoutes,
  ...environmentRoutes,
  ...agentRoutes,
];

// 75 MiB.
const largestBody = 78_643_200;

/**
 * Makes a Nango in memory. Without a seed it has one environment, `dev`, with one key and nothing else.
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
  const background = createBackground();
  const world = createWorld(seed, background.start);
  const { store } = world;
  const faults = createFaults();
  const requests: LoggedRequest[] = [];
  const gate: Gate = {
    world,
    routes: allRoutes(),
    limiter: seed.rateLimit === false ? undefined : createRateLimiter(seed.rateLimit ?? {}),
    bodyLimit: seed.bodyLimit ?? largestBody,
  };

  const answer = async (request: WireRequest): Promise<Response> => {
    const incoming = takeUp(request);
    const { log } = incoming;
    log.operation = operationOf(gate.routes, log);
    requests.push(log);
    const rule = faults.take(log);
    if (rule?.delay !== undefined) await pause(rule.delay, request.signal);
    if (rule?.reset === true) throw connectionReset();
    if (rule?.stall === 'headers') await pause(Number.POSITIVE_INFINITY, request.signal);
    let result = rule && (limitedAnswer(world, rule, incoming) ?? plannedAnswer(rule));
    result ??= await answerRequest(gate, incoming);
    if (rule?.repeatPage === true) result = repeatedPage(result, incoming.search);
    if (rule?.reset === 'after') throw connectionReset();
    log.status = result.status;
    return respond(incoming, result, rule, world.clock.now());
  };

  const tableOf = (target: RecordTarget) => targetTable(world, environmentNamed(store, target.environment), target);

  return {
    host: world.host,
    get apiKey() {
      return store.environments[0]?.keys[0]?.secret ?? '';
    },
    get webhookSigningKey() {
      return store.environments[0]?.webhookSigningKey ?? '';
    },
    store,
    requests,
    webhooks: world.webhooks,
    answer,
    fetch: (input, init) => answerFetch(answer, input, init),
    fail: faults.add,
    clearFaults: faults.clear,
    addConnection: (connection, environment) =>
      plantConnection(world, environmentNamed(store, environment), connection),
    saveRecords: (target, records) => tableOf(target).save(records),
    deleteRecords: (target, ids) => tableOf(target).delete(ids),
    getRecord: (target, id) => tableOf(target).get(id),
    completeConnection: (token, completion) => completeConnection(world, token, completion),
    settled: background.settled,
  };
}

/** Makes what the operations reach, with all that the seed names. */
function createWorld(seed: EmulatorSeed, background: World['background']): World {
  const clock = createClock(seed);
  const store = createStore(new Map(Object.entries({ ...builtInProviders(), ...seed.providers })));
  const world: World = {
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
  const { apiKey = defaultApiKey, webhookSigningKey = defaultWebhookSigningKey } = seed;
  plantEnvironment(world, { ...seed, apiKey, webhookSigningKey });
  for (const environment of seed.environments ?? []) plantEnvironment(world, environment);
  for (const key of seed.accountKeys ?? []) store.accountKeys.push(storedKey(world, key, 'account:*'));
  return world;
}

/** Keeps count of the work that goes on after answers. */
function createBackground(): { start: World['background']; settled: () => Promise<void> } {
  const running = new Set<Promise<void>>();
  return {
    start(task) {
      const work: Promise<void> = (async () => {
        // What an answer starts runs after it, as on the server.
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

/** Answers a call of fetch: takes what the platform makes of the arguments, and minds the signal. */
async function answerFetch(
  answer: Emulator['answer'],
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Response> {
  const request = new Request(input, init);
  const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
  throwIfAborted(signal);
  const { pathname, search } = new URL(request.url);
  // Firefox has no `body` on requests, so that what there is has to be read.
  const bytes = new Uint8Array(await request.arrayBuffer());
  const body = bytes.length > 0 ? bytes : undefined;
  const { method, headers } = request;
  const response = await untilAborted(answer({ method, target: pathname + search, headers, body, signal }), signal);
  const redirects = response.status >= 300 && response.status < 400 && response.headers.has('location');
  if (redirects && request.redirect === 'error') {
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  return response;
}

/** Rejects as the platform's fetch does when its signal has fired. */
function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** Settles with the work, or when the signal fires, whichever is first. The work goes on, as a server's does. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

/** The 429 that a fault asks for. */
function limitedAnswer({ clock }: World, rule: FaultRule, { log, headers }: Incoming): Answer | undefined {
  const wait = plannedWait(rule);
  if (wait === undefined) return undefined;
  Object.assign(headers, corsHeaders, {
    'x-ratelimit-limit': '1',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.ceil(clock.now() / 1000) + wait),
  });
  return tooManyRequests(wait, headers, log.method, log.path).answer;
}

/** The name of the operation that an address stands for. */
function operationOf(routes: readonly Route[], { method, path }: LoggedRequest): string | undefined {
  try {
    return findRoute(routes, method, path)?.route.operation;
  } catch {
    return undefined; // A malformed path is no operation's.
  }
}

function withoutSlash(host: string): string {
  return host.replace(/\/+$/, '');
}
