// What the emulator knows: environments with their keys, integrations, connections, functions and records. Plain data,
// so that a test can look at it; whatever the server would do when it changes is done by the operations, not here.

import type { Clock } from './clock.ts';
import type { ActionFunction, SyncFunction } from './functions.ts';
import type { Provider } from './providers.ts';
import { createRecordTable } from './records.ts';
import type { RecordChanges, RecordTable } from './records.ts';

/** An API key, of an environment or of the account. */
export interface StoredKey {
  /** The number. */
  id: number;
  /** The UUID by which newer servers name it. */
  uuid: string;
  /** The name. */
  displayName: string;
  /** What the key may do; `environment:*` covers all of an environment. */
  scopes: string[];
  /** The key itself, a UUID. */
  secret: string;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** In milliseconds since 1970, or `null` before it is used. */
  lastUsedAt: number | null;
}

/** An integration. */
export interface StoredIntegration {
  /** The number. */
  id: number;
  /** The unique key. */
  uniqueKey: string;
  /** The name of the provider. */
  provider: string;
  /** The name. */
  displayName: string;
  /** Whether webhooks of the provider are forwarded. */
  forwardWebhooks: boolean;
  /** The developer app, or `null` where there is none. */
  credentials: Record<string, unknown> | null;
  /** What the provider asks the developer for. */
  integrationConfig: Record<string, string>;
  /** Values of its own. */
  custom: Record<string, string>;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** In milliseconds since 1970. */
  updatedAt: number;
}

/** The body that creates an integration. */
export interface IntegrationInput {
  /** The name of the provider. */
  provider: string;
  /** The unique key. */
  unique_key: string;
  /** The name. Defaults to that of the provider. */
  display_name?: string | undefined;
  /** Whether webhooks of the provider are forwarded. Defaults to true. */
  forward_webhooks?: boolean | undefined;
  /** The developer app. */
  credentials?: Record<string, unknown> | undefined;
  /** What the provider asks the developer for. */
  integration_config?: Record<string, string> | undefined;
  /** Values of its own. */
  custom?: Record<string, string> | undefined;
}

/** The legacy end user of a connection. */
export interface StoredEndUser {
  /** The id of the end user in the app. */
  id: string;
  /** The name. */
  displayName: string | null;
  /** The e-mail address. */
  email: string | null;
  /** Tags of the end user. */
  tags: Record<string, string> | null;
  /** The organization of the end user. */
  organization: { id: string; displayName: string | null } | null;
}

/** Something that is wrong with a connection. */
export interface ConnectionProblem {
  /** What failed. */
  type: 'auth' | 'sync';
  /** The sync that failed, where it was one. */
  sync?: string | undefined;
  /** The id in the server's logs. */
  logId: string;
}

/** A connection. */
export interface StoredConnection {
  /** The number. */
  id: number;
  /** The id. */
  connectionId: string;
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The legacy end user. */
  endUser: StoredEndUser | null;
  /** The tags, with keys in lower case. */
  tags: Record<string, string>;
  /** The metadata. */
  metadata: Record<string, unknown>;
  /** The connection config. */
  connectionConfig: Record<string, unknown>;
  /** A webhook URL of its own. */
  webhookUrlOverride: string | null;
  /** As the API gives them, refresh token included; an empty object where there are none. */
  credentials: Record<string, unknown>;
  /** What is wrong with it. */
  problems: ConnectionProblem[];
  /** When a failed refresh may be tried again, in milliseconds since 1970. */
  refreshAfter: number;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** In milliseconds since 1970. */
  updatedAt: number;
  /** In milliseconds since 1970, or `null` before it is read. */
  lastFetchedAt: number | null;
}

/** A function: a sync, an action or a handler of an event. */
export interface StoredFunction {
  /** The number. */
  id: number;
  /** The name, unique among those of its type and integration. */
  name: string;
  /** What it is. */
  type: 'sync' | 'action' | 'on-event';
  /** The unique key of the integration. */
  integration: string;
  /** What it does. */
  description: string;
  /** The scopes that it needs at the provider. */
  scopes: string[];
  /** The model of the input, where there is one. */
  input?: string | undefined;
  /** The models of the output, or of the records. */
  returns: string[];
  /** The JSON Schema of its models, under `definitions`. */
  jsonSchema: Record<string, unknown> | null;
  /** The version. */
  version: string | null;
  /** The endpoints under `/v1`. */
  endpoints: { method: string; path: string; group: string | null }[];
  /** What it uses of the server, for example `checkpoints`. */
  features: string[];
  /** The version of what it was built with. */
  sdkVersion: string | null;
  /** How it came to the server. */
  source: 'catalog' | 'standalone' | 'repo';
  /** Whether it may run. */
  enabled: boolean;
  /** In milliseconds since 1970. */
  lastDeployed: number;
  /** The source text. */
  code: string | null;
  /** How often a sync runs, as written, for example `every hour`. */
  runs: string | null;
  /** Whether a sync asks for all or for what changed. */
  syncType: 'incremental' | 'full';
  /** Whether the schedule of new connections starts by itself. */
  autoStart: boolean;
  /** Whether it tracks deletes. */
  trackDeletes: boolean;
  /** The event of an `on-event` function. */
  event?: string | undefined;
  /** What runs for a sync. */
  sync?: SyncFunction | undefined;
  /** The kinds of the provider's webhooks that start a sync; `*` for all. */
  webhookSubscriptions?: string[] | undefined;
  /** What runs for an action, or for an event. */
  action?: ActionFunction | undefined;
}

/** A sync of one connection. */
export interface StoredSync {
  /** A UUID. */
  id: string;
  /** The name of the function. */
  name: string;
  /** The variant, `base` unless there are several. */
  variant: string;
  /** The connection. */
  connection: StoredConnection;
  /** `STARTED` when it runs by its schedule, `PAUSED` when it does not. */
  schedule: 'STARTED' | 'PAUSED';
  /** When the schedule started, in milliseconds since 1970. */
  scheduledFrom: number;
  /** A frequency of this connection's own, normalized, for example `30m`. */
  frequency: string | null;
  /** What the last run saved as the place it had got to. */
  checkpoint: Record<string, string | number | boolean> | null;
  /** When the last successful run began. */
  lastSyncDate: number | null;
  /** How many runs have succeeded. */
  runs: number;
  /** The last run, or the one that goes on. */
  job: SyncJob | null;
}

/** A run of a sync. */
export interface SyncJob {
  /** How it went; `STOPPED` for a failure. */
  status: 'RUNNING' | 'SUCCESS' | 'STOPPED';
  /** Whether it is the first one since the beginning or a reset. */
  type: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK';
  /** In milliseconds since 1970. */
  startedAt: number;
  /** In milliseconds since 1970, or `null` while it goes on. */
  finishedAt: number | null;
  /** By model. */
  result: Record<string, RecordChanges>;
}

/** An action that was queued. */
export interface StoredAction {
  /** A UUID. */
  id: string;
  /** The name of the action. */
  name: string;
  /** What asking for the result answers, once it is there. A result of `null` never is, as on the server. */
  outcome?: { status: number; body: unknown } | undefined;
}

/** A connect session: what one end user may do for half an hour. */
export interface ConnectSession {
  /** The token. */
  token: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
  /** The legacy end user. */
  endUser: StoredEndUser | null;
  /** Tags of the connection to be. */
  tags: Record<string, string>;
  /** The integrations that can be chosen, or `null` for all. */
  allowedIntegrations: string[] | null;
  /** By unique key. */
  defaults: Record<string, SessionDefaults> | null;
  /** Pages of documentation, by unique key. */
  overrides: Record<string, { docs_connect?: string | undefined }> | null;
  /** The webhook URL of the connection to be. */
  webhookUrlOverride: string | null;
  /** The connection that is authorized again, where it is one. */
  reconnects: { connectionId: string; providerConfigKey: string } | null;
}

/** What a connect session fills in for one integration. */
export interface SessionDefaults {
  /** Scopes to ask for. */
  user_scopes?: string | undefined;
  /** Parameters of the authorization. */
  authorization_params?: Record<string, string> | undefined;
  /** The connection config. */
  connection_config?: Record<string, unknown> | undefined;
}

/** A dry run, a deployment or an invocation of a function. */
export interface StoredJob {
  /** A UUID. */
  id: string;
  /** What it is. */
  kind: 'dryrun' | 'deployment' | 'invocation';
  /** The answer of the operation that reads it. */
  state: Record<string, unknown>;
}

/** A session of an AI agent. */
export interface StoredAgentSession {
  /** A UUID. */
  id: string;
  /** The token. */
  token: string;
  /** The connections whose actions it sees. */
  connections: StoredConnection[];
  /** In milliseconds since 1970. */
  expiresAt: number;
  /** In milliseconds since 1970, or `null` while it is open. */
  endedAt: number | null;
}

/** An environment with all that belongs to it. */
export interface StoredEnvironment {
  /** The number. */
  id: number;
  /** The UUID by which newer servers name it. */
  uuid: string;
  /** The name. */
  name: string;
  /** Whether it is marked as production. */
  isProduction: boolean;
  /** What webhooks are signed with. */
  webhookSigningKey: string;
  /** The environment variables. */
  variables: { name: string; value: string }[];
  /** The API keys. */
  keys: StoredKey[];
  /** By unique key. */
  integrations: Map<string, StoredIntegration>;
  /** By {@link connectionKey}. */
  connections: Map<string, StoredConnection>;
  /** By {@link tableKey}. */
  records: Map<string, RecordTable>;
  /** The functions of all integrations. */
  functions: StoredFunction[];
  /** The syncs of all connections. */
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
 * Puts the members of an object into the order of the server's database, which keeps some JSON sorted by the length of
 * the key and then by its bytes.
 */
export function sortedLikeDatabase<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => sortedLikeDatabase(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const entries = Object.entries(value).sort(([a], [b]) => bytes(a) - bytes(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortedLikeDatabase(member)])) as T;
}
