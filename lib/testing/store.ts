// What the emulator knows: environments with their keys, integrations, connections, functions and records. Plain data, so
// that a test can look at it; whatever the server would do when it changes is done by the operations, not here.

import type { Clock } from './clock.ts';
import type { ActionFunction, SyncFunction } from './functions.ts';
import type { Provider } from './providers.ts';
import { createRecordTable, type RecordChanges, type RecordTable } from './record-table.ts';

/** An API key, of an environment or of the account. */
export interface StoredKey {
  id: number;
  uuid: string;
  displayName: string;
  /** What the key may do; `environment:*` covers all of an environment. */
  scopes: string[];
  /** The key itself, a UUID. */
  secret: string;
  createdAt: number;
  lastUsedAt: number | null;
}

/** An integration. */
export interface StoredIntegration {
  id: number;
  uniqueKey: string;
  provider: string;
  displayName: string;
  forwardWebhooks: boolean;
  credentials: Record<string, unknown> | null;
  integrationConfig: Record<string, string>;
  custom: Record<string, string>;
  createdAt: number;
  updatedAt: number;
}

/** The body that creates an integration. */
export interface IntegrationInput {
  provider: string;
  unique_key: string;
  display_name?: string | undefined;
  forward_webhooks?: boolean | undefined;
  credentials?: Record<string, unknown> | undefined;
  integration_config?: Record<string, string> | undefined;
  custom?: Record<string, string> | undefined;
}

/** The legacy end user of a connection. */
export interface StoredEndUser {
  id: string;
  displayName: string | null;
  email: string | null;
  tags: Record<string, string> | null;
  organization: { id: string; displayName: string | null } | null;
}

/** Something that is wrong with a connection. */
export interface ConnectionProblem {
  type: 'auth' | 'sync';
  /** The sync that failed, where it was one. */
  sync?: string | undefined;
  logId: string;
}

/** A connection. */
export interface StoredConnection {
  id: number;
  connectionId: string;
  providerConfigKey: string;
  endUser: StoredEndUser | null;
  tags: Record<string, string>;
  metadata: Record<string, unknown>;
  connectionConfig: Record<string, unknown>;
  webhookUrlOverride: string | null;
  /** As the API gives them, refresh token included; an empty object where there are none. */
  credentials: Record<string, unknown>;
  problems: ConnectionProblem[];
  /** When a failed refresh may be tried again, in milliseconds since 1970. */
  refreshAfter: number;
  createdAt: number;
  updatedAt: number;
  lastFetchedAt: number | null;
}

/** A function: a sync, an action or a handler of an event. */
export interface StoredFunction {
  id: number;
  name: string;
  type: 'sync' | 'action' | 'on-event';
  /** The unique key of the integration. */
  integration: string;
  description: string;
  scopes: string[];
  /** The model of the input, where there is one. */
  input?: string | undefined;
  /** The models of the output, or of the records. */
  returns: string[];
  jsonSchema: Record<string, unknown> | null;
  version: string | null;
  endpoints: { method: string; path: string; group: string | null }[];
  features: string[];
  sdkVersion: string | null;
  source: 'catalog' | 'standalone' | 'repo';
  enabled: boolean;
  lastDeployed: number;
  code: string | null;
  /** How often a sync runs, as written, e.g. `every hour`. */
  runs: string | null;
  syncType: 'incremental' | 'full';
  autoStart: boolean;
  trackDeletes: boolean;
  /** The event of an `on-event` function. */
  event?: string | undefined;
  /** What runs for a sync. */
  sync?: SyncFunction | undefined;
  /** What runs for an action. */
  action?: ActionFunction | undefined;
}

/** A sync of one connection. */
export interface StoredSync {
  /** A UUID. */
  id: string;
  name: string;
  variant: string;
  connection: StoredConnection;
  /** `STARTED` when it runs by its schedule, `PAUSED` when it does not. */
  schedule: 'STARTED' | 'PAUSED';
  scheduledFrom: number;
  /** A frequency of this connection's own, normalised, e.g. `30m`. */
  frequency: string | null;
  checkpoint: Record<string, string | number | boolean> | null;
  /** When the last successful run began. */
  lastSyncDate: number | null;
  /** How many runs have succeeded. */
  runs: number;
  job: SyncJob | null;
}

/** A run of a sync. */
export interface SyncJob {
  status: 'RUNNING' | 'SUCCESS' | 'STOPPED';
  type: 'INITIAL' | 'INCREMENTAL';
  startedAt: number;
  finishedAt: number | null;
  /** By model. */
  result: Record<string, RecordChanges>;
}

/** An action that was queued. */
export interface StoredAction {
  id: string;
  name: string;
  /** What asking for the result answers, once it is there. A result of `null` never is, as on the server. */
  outcome?: { status: number; body: unknown } | undefined;
}

/** A connect session: what one end user may do for half an hour. */
export interface ConnectSession {
  token: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
  endUser: StoredEndUser | null;
  tags: Record<string, string>;
  allowedIntegrations: string[] | null;
  /** By unique key. */
  defaults: Record<string, SessionDefaults> | null;
  overrides: Record<string, { docs_connect?: string | undefined }> | null;
  webhookUrlOverride: string | null;
  /** The connection that is authorized again, where it is one. */
  reconnects: { connectionId: string; providerConfigKey: string } | null;
}

/** What a connect session fills in for one integration. */
export interface SessionDefaults {
  user_scopes?: string | undefined;
  authorization_params?: Record<string, string> | undefined;
  connection_config?: Record<string, unknown> | undefined;
}

/** A dry run, a deployment or an invocation of a function. */
export interface StoredJob {
  id: string;
  kind: 'dryrun' | 'deployment' | 'invocation';
  /** The answer of the operation that reads it. */
  state: Record<string, unknown>;
}

/** A session of an AI agent. */
export interface StoredAgentSession {
  id: string;
  token: string;
  /** The connections whose actions it sees. */
  connections: StoredConnection[];
  expiresAt: number;
  endedAt: number | null;
}

/** An environment with all that belongs to it. */
export interface StoredEnvironment {
  id: number;
  uuid: string;
  name: string;
  isProduction: boolean;
  webhookSigningKey: string;
  variables: { name: string; value: string }[];
  keys: StoredKey[];
  /** By unique key. */
  integrations: Map<string, StoredIntegration>;
  /** By {@link connectionKey}. */
  connections: Map<string, StoredConnection>;
  /** By {@link tableKey}. */
  records: Map<string, RecordTable>;
  functions: StoredFunction[];
  syncs: StoredSync[];
  /** Queued actions, by id. */
  actions: Map<string, StoredAction>;
  /** Settles when the last queued action is through. */
  actionQueue: Promise<void>;
  /** Connect sessions, by token. */
  sessions: Map<string, ConnectSession>;
  /** Dry runs, deployments and invocations, by id. */
  jobs: Map<string, StoredJob>;
  /** The functions of deployed bundles, as JSON, by integration and name. */
  bundle: Map<string, string>;
  /** Agent sessions, by id. */
  agentSessions: Map<string, StoredAgentSession>;
}

/** Everything the emulator knows. */
export interface Store {
  /** The provider catalogue, by name. */
  providers: Map<string, Provider>;
  /** The environments, in the order in which they were made. */
  environments: StoredEnvironment[];
  /** The keys of the account, whose scopes begin with `account:`. */
  accountKeys: StoredKey[];
  /** Gives the next number of a kind, as the server's tables count. */
  nextId(kind: string): number;
}

/** Makes a store without environments. */
export function createStore(providers: Map<string, Provider>): Store {
  const counters = new Map<string, number>();
  return {
    providers,
    environments: [],
    accountKeys: [],
    nextId(kind) {
      const id = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, id);
      return id;
    },
  };
}

/** Where a connection is kept. */
export function connectionKey(providerConfigKey: string, connectionId: string): string {
  return `${providerConfigKey}\n${connectionId}`;
}

/** Finds a connection. */
export function findConnection(
  environment: StoredEnvironment,
  providerConfigKey: string,
  connectionId: string,
): StoredConnection | undefined {
  return environment.connections.get(connectionKey(providerConfigKey, connectionId));
}

/** Where the records of a model are kept. */
export function tableKey(connection: StoredConnection, model: string, variant: string): string {
  return `${connection.id}\n${model}\n${variant}`;
}

/** The records of a model; makes an empty table where there is none. */
export function recordTable(
  environment: StoredEnvironment,
  connection: StoredConnection,
  model: string,
  variant: string,
  clock: Clock,
): RecordTable {
  const key = tableKey(connection, model, variant);
  let table = environment.records.get(key);
  if (!table) {
    table = createRecordTable(key, model, variant, clock.tick);
    environment.records.set(key, table);
  }
  return table;
}

/**
 * Puts the members of an object into the order of the server's database, which keeps some JSON sorted by the length of the
 * key and then by its bytes.
 */
export function sortedLikeDatabase<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => sortedLikeDatabase(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const entries = Object.entries(value).sort(([a], [b]) => bytes(a) - bytes(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortedLikeDatabase(member)])) as T;
}
