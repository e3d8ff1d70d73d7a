// The store: environments with their keys, integrations, connections, functions and records. Plain data that a test can
// inspect. What follows from a change (syncs, webhooks) is up to the operations. Long, as it is all types.

import type { Clock } from './clock.ts';
import type { ActionFunction, SyncFunction } from './functions.ts';
import type { CatalogProvider } from './providers.ts';
import { createRecordTable } from './records.ts';
import type { RecordCounts, RecordTable } from './records.ts';

/** An API key, of an environment or of the account. */
export interface StoredKey {
  /** The number. */
  id: number;
  /** The UUID, which identifies it from 0.71.10 on. */
  uuid: string;
  /** The name. */
  displayName: string;
  /** The scopes; `environment:*` covers everything in an environment. */
  scopes: string[];
  /** The secret itself, a UUID. */
  secret: string;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** In milliseconds since 1970, or `null` if it has never been used. */
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
  /** The OAuth app of the developer, or `null`. */
  credentials: Record<string, unknown> | null;
  /** The values that the provider requires of the developer. */
  integrationConfig: Record<string, string>;
  /** Custom values. */
  custom: Record<string, string>;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** In milliseconds since 1970. */
  updatedAt: number;
}

/** The body that creates an integration. */
export interface IntegrationSeed {
  /** The name of the provider. */
  provider: string;
  /** The unique key. */
  unique_key: string;
  /** The name. Defaults to that of the provider. */
  display_name?: string | undefined;
  /** Whether webhooks of the provider are forwarded. Defaults to true. */
  forward_webhooks?: boolean | undefined;
  /** The OAuth app of the developer. */
  credentials?: Record<string, unknown> | undefined;
  /** The values that the provider requires of the developer. */
  integration_config?: Record<string, string> | undefined;
  /** Custom values. */
  custom?: Record<string, string> | undefined;
}

/** The legacy end user of a connection. */
export interface StoredEndUser {
  /** The id of the end user in the app. */
  id: string;
  /** The name. */
  displayName: string | null;
  /** The email address. */
  email: string | null;
  /** Tags of the end user. */
  tags: Record<string, string> | null;
  /** The organization of the end user. */
  organization: { id: string; displayName: string | null } | null;
}

/** An error of a connection. */
export interface ConnectionProblem {
  /** What failed. */
  type: 'auth' | 'sync';
  /** The id of the sync, if a sync failed. */
  sync?: string | undefined;
  /** The id of the log entry. */
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
  /** The connection's own webhook URL, or `null`. */
  webhookUrlOverride: string | null;
  /** The credentials as the API returns them, with the refresh token; `{}` for none. */
  credentials: Record<string, unknown>;
  /** The current errors. */
  problems: ConnectionProblem[];
  /** Until when the server backs off after a failed refresh, in milliseconds since 1970. */
  refreshAfter: number;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** In milliseconds since 1970. */
  updatedAt: number;
  /** In milliseconds since 1970, or `null` if it has never been read. */
  lastFetchedAt: number | null;
}

/** A function: a sync, an action or an event handler. */
export interface StoredFunction {
  /** The number. */
  id: number;
  /** The name, unique among those of its type and integration. */
  name: string;
  /** The kind. */
  type: 'sync' | 'action' | 'on-event';
  /** The unique key of the integration. */
  integration: string;
  /** The description. */
  description: string;
  /** The provider scopes it requires. */
  scopes: string[];
  /** The name of the input model, if any. */
  input?: string | undefined;
  /** The names of the output models, or of the record models. */
  returns: string[];
  /** The JSON Schema of its models, under `definitions`. */
  jsonSchema: Record<string, unknown> | null;
  /** The version. */
  version: string | null;
  /** The endpoints under `/v1`. */
  endpoints: { method: string; path: string; group: string | null }[];
  /** The server features it uses, for example `checkpoints`. */
  features: string[];
  /** The version of the SDK it was built with. */
  sdkVersion: string | null;
  /** How it was deployed. */
  source: 'catalog' | 'standalone' | 'repo';
  /** Whether it is enabled. */
  enabled: boolean;
  /** In milliseconds since 1970. */
  lastDeployed: number;
  /** The source code. */
  code: string | null;
  /** How often a sync runs, as written, for example `every hour`. */
  runs: string | null;
  /** Whether a sync fetches everything or only changes. */
  syncType: 'incremental' | 'full';
  /** Whether its schedule starts by itself on new connections. */
  autoStart: boolean;
  /** Whether it detects deletions. */
  trackDeletes: boolean;
  /** The event of an `on-event` function. */
  event?: string | undefined;
  /** The function to run for a sync. */
  sync?: SyncFunction | undefined;
  /** The types of provider webhooks that start a sync; `*` for all. */
  webhookSubscriptions?: string[] | undefined;
  /** The function to run for an action or an event. */
  action?: ActionFunction | undefined;
}

/** A sync of one connection. */
export interface StoredSync {
  /** A UUID. */
  id: string;
  /** The name of the function. */
  name: string;
  /** The variant; `base` is the default. */
  variant: string;
  /** The connection. */
  connection: StoredConnection;
  /** Whether the schedule is active. */
  schedule: 'STARTED' | 'PAUSED';
  /** When the schedule started, in milliseconds since 1970. */
  scheduledFrom: number;
  /** The frequency set for this connection, normalized, for example `30m`; `null` for the function's own. */
  frequency: string | null;
  /** The last saved checkpoint. */
  checkpoint: Record<string, string | number | boolean> | null;
  /** When the last successful run started, in milliseconds since 1970. */
  lastSyncDate: number | null;
  /** How many runs have succeeded. */
  runs: number;
  /** The current or last run. */
  job: SyncJob | null;
}

/** A run of a sync. */
export interface SyncJob {
  /** The status; a failed run is `STOPPED`. */
  status: 'RUNNING' | 'SUCCESS' | 'STOPPED';
  /** `INITIAL` for the first run ever or after a reset, `WEBHOOK` for one that a provider's webhook started. */
  type: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK';
  /** In milliseconds since 1970. */
  startedAt: number;
  /** In milliseconds since 1970, or `null` while it is running. */
  finishedAt: number | null;
  /** The counts by model. */
  result: Record<string, RecordCounts>;
}

/** An action that was queued. */
export interface StoredAction {
  /** A UUID. */
  id: string;
  /** The name of the action. */
  name: string;
  /** The status and body of the result once it is available. A `null` result never is, as on the server. */
  outcome?: { status: number; body: unknown } | undefined;
}

/** A connect session, valid for 30 minutes. */
export interface StoredConnectSession {
  /** The token. */
  token: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
  /** The legacy end user. */
  endUser: StoredEndUser | null;
  /** The tags of the connections it creates. */
  tags: Record<string, string>;
  /** The unique keys of the allowed integrations, or `null` for all. */
  allowedIntegrations: string[] | null;
  /** By unique key. */
  defaults: Record<string, SessionDefaults> | null;
  /** Overrides by unique key: the documentation page of an integration. */
  overrides: Record<string, { docs_connect?: string | undefined }> | null;
  /** The webhook URL of the connections it creates. */
  webhookUrlOverride: string | null;
  /** The connection to authorize again, if any. */
  reconnects: { connectionId: string; providerConfigKey: string } | null;
}

/** The defaults of a connect session for one integration. */
export interface SessionDefaults {
  /** The scopes to request. */
  user_scopes?: string | undefined;
  /** The authorization parameters. */
  authorization_params?: Record<string, string> | undefined;
  /** The connection config. */
  connection_config?: Record<string, unknown> | undefined;
}

/** A dry run, a deployment or an invocation of a function. */
export interface StoredJob {
  /** A UUID. */
  id: string;
  /** The kind. */
  kind: 'dryrun' | 'deployment' | 'invocation';
  /** The body of the answer that reads it. */
  state: Record<string, unknown>;
}

/** A session of an AI agent. */
export interface StoredAgentSession {
  /** A UUID. */
  id: string;
  /** The token. */
  token: string;
  /** The connections whose actions it can call. */
  connections: StoredConnection[];
  /** In milliseconds since 1970. */
  expiresAt: number;
  /** In milliseconds since 1970, or `null` while it is open. */
  endedAt: number | null;
}

/** An environment and everything in it. */
export interface StoredEnvironment {
  /** The number. */
  id: number;
  /** The UUID, which identifies it from 0.71.10 on. */
  uuid: string;
  /** The name. */
  name: string;
  /** Whether it is a production environment. */
  isProduction: boolean;
  /** The key that signs webhooks. */
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
  /** Settles when the last queued action has finished. */
  actionQueue: Promise<void>;
  /** Connect sessions, by token. */
  sessions: Map<string, StoredConnectSession>;
  /** Dry runs, deployments and invocations, by id. */
  jobs: Map<string, StoredJob>;
  /** The functions of deployed bundles, as JSON, by integration and name. */
  bundle: Map<string, string>;
  /** Agent sessions, by id. */
  agentSessions: Map<string, StoredAgentSession>;
}

/** Everything the emulator stores. */
export interface Store {
  /** The provider catalog, by name. */
  providers: Map<string, CatalogProvider>;
  /** The environments, in order of creation. */
  environments: StoredEnvironment[];
  /** The account keys, whose scopes start with `account:`. */
  accountKeys: StoredKey[];
  /** Returns the next id of a kind, like a sequence of the server's database. */
  nextId(kind: string): number;
}

/** Creates a store without environments. */
export function createStore(providers: Map<string, CatalogProvider>): Store {
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

/** The key of a connection in its map. */
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

/** The key of a record table in its map. */
export function tableKey(connection: StoredConnection, model: string, variant: string): string {
  return `${connection.id}\n${model}\n${variant}`;
}

/** The records of a model; creates an empty table if there is none. */
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

/** Sorts the members of objects like the server's database (jsonb): by the length of the key, then by its bytes. */
export function sortedLikeDatabase<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => sortedLikeDatabase(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const entries = Object.entries(value).sort(([a], [b]) => bytes(a) - bytes(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortedLikeDatabase(member)])) as T;
}
