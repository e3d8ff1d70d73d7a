// The seed: what an emulator starts with. It is plain data except for the functions of a test, so it can be a JSON file.

import {
  authModeOf,
  createConnection,
  createIntegration,
  importedCredentials,
  sampleCredentials,
  storedEndUser,
} from './state/connections.ts';
import { createEnvironment, createKey } from './state/environments.ts';
import { createFunction } from './state/deployed-functions.ts';
import type { ActionFunction, SyncFunction } from './state/functions.ts';
import type { Provider, ProviderTemplate } from './state/providers.ts';
import type { RateLimitOptions } from './server/rate-limit.ts';
import type { RecordInput } from './state/records.ts';
import type { EndUserInput } from './server/fields.ts';
import { findConnection, recordTable } from './state/store.ts';
import type { IntegrationInput, Store, StoredConnection, StoredEnvironment, StoredFunction } from './state/store.ts';
import { scheduleSyncs } from './state/syncs.ts';
import type { WebhookOptions } from './state/webhooks.ts';
import type {
  Context,
  LoadFunction,
  ProviderFunction,
  RefreshFunction,
  SandboxFunction,
  ServerVersion,
} from './state/context.ts';

/** An API key. */
export interface KeySeed {
  /** The key: a UUID (version 4). */
  secret: string;
  /** What it may do, for example `environment:connections:read`. Defaults to `environment:*`. */
  scopes?: readonly string[] | undefined;
  /** Defaults to `Default`. */
  displayName?: string | undefined;
}

/** A connection: the body of `POST /connections`, of which everything but the two ids may be left out. */
export interface ConnectionSeed {
  /** The unique key of the integration. */
  provider_config_key: string;
  /** The id. */
  connection_id: string;
  /** Credentials of any type, as the API gives them. Defaults to made-up ones that suit the provider. */
  credentials?: Record<string, unknown> | undefined;
  /** The metadata. Defaults to none. */
  metadata?: Record<string, unknown> | undefined;
  /** The connection config. Defaults to none. */
  connection_config?: Record<string, unknown> | undefined;
  /** A webhook URL of its own. */
  webhook_url_override?: string | undefined;
  /** The legacy end user. */
  end_user?: EndUserInput | undefined;
  /** The tags. Their keys become lower case. */
  tags?: Record<string, string> | undefined;
}

/** A model of a connection. */
export interface RecordTarget {
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The connection. */
  connectionId: string;
  /** The model. */
  model: string;
  /** Defaults to `base`. */
  variant?: string | undefined;
  /** The name of the environment. Defaults to the first one. */
  environment?: string | undefined;
}

/** Records of a model of a connection. */
export interface RecordsSeed extends RecordTarget {
  /** The records, the oldest change first. */
  records: Iterable<RecordInput>;
}

/** What syncs and actions have in common. */
export interface FunctionSeed {
  /** The unique key of its integration. Without one the function belongs to every integration. */
  integration?: string | undefined;
  /** What it does. */
  description?: string | undefined;
  /** The scopes that it needs at the provider. */
  scopes?: readonly string[] | undefined;
  /** The name of the input's model. */
  input?: string | undefined;
  /** The JSON Schema of its models, under `definitions`. */
  json_schema?: Record<string, unknown> | undefined;
  /** The version. Defaults to `1.0.0`. */
  version?: string | undefined;
  /** Defaults to true. */
  enabled?: boolean | undefined;
  /** Defaults to `repo`, which cannot be deleted through the API. */
  source?: 'catalog' | 'standalone' | 'repo' | undefined;
  /** The source text that the API shows. */
  code?: string | undefined;
  /** The endpoints under `/v1`. */
  endpoints?: readonly { method: string; path: string; group?: string | null | undefined }[] | undefined;
}

/** A sync. */
export interface SyncSeed extends FunctionSeed {
  /** The models it saves. */
  models?: readonly string[] | undefined;
  /** Defaults to `every hour`. */
  runs?: string | undefined;
  /** Defaults to `incremental`. */
  sync_type?: 'incremental' | 'full' | undefined;
  /** Start the schedule of new connections, with a first run. Defaults to true. */
  auto_start?: boolean | undefined;
  /** Whether the API says that it tracks deletes. Defaults to false. */
  track_deletes?: boolean | undefined;
  /** What runs. */
  run?: SyncFunction | undefined;
}

/** An action. */
export interface ActionSeed extends FunctionSeed {
  /** The models it gives. */
  returns?: readonly string[] | undefined;
  /** What runs. */
  run?: ActionFunction | undefined;
}

/** A function that handles an event. It is listed, but never runs. */
export interface EventFunctionSeed extends FunctionSeed {
  /** The event, for example `post-connection-creation`. */
  event: string;
}

/** What an environment starts with. */
export interface EnvironmentSeed {
  /** The name. Defaults to `dev`. */
  name?: string | undefined;
  /** Defaults to true for `prod`, else to false. */
  isProduction?: boolean | undefined;
  /** The full-access key. Defaults to a fixed one for the first environment; others have none unless given. */
  apiKey?: string | undefined;
  /** More keys. */
  keys?: readonly KeySeed[] | undefined;
  /** Defaults to a fixed one for the first environment, else to a random one. */
  webhookSigningKey?: string | undefined;
  /** Environment variables. */
  variables?: Record<string, string> | undefined;
  /** Integrations, as the body of `POST /integrations`. Developer apps may be left out. */
  integrations?: readonly IntegrationInput[] | undefined;
  /** Connections. */
  connections?: readonly ConnectionSeed[] | undefined;
  /** Records of connections. */
  records?: readonly RecordsSeed[] | undefined;
  /** Syncs, by name. */
  syncs?: Record<string, SyncFunction | SyncSeed> | undefined;
  /** Actions, by name. */
  actions?: Record<string, ActionFunction | ActionSeed> | undefined;
  /** Functions that handle events, by name. */
  events?: Record<string, EventFunctionSeed> | undefined;
}

/** What an emulator starts with: its first environment, what belongs to the account, and how it behaves. */
export interface EmulatorSeed extends EnvironmentSeed {
  /** More environments. */
  environments?: readonly EnvironmentSeed[] | undefined;
  /** Keys of the account, for the operations on environments. Their scopes default to `account:*`. */
  accountKeys?: readonly KeySeed[] | undefined;
  /** More providers, or other definitions of the built-in ones, by name. */
  providers?: Record<string, Provider> | undefined;
  /** The functions that a provider's catalogue offers, by the name of the provider. */
  templates?: Record<string, readonly ProviderTemplate[]> | undefined;
  /** Providers for which Nango brings a developer app, so that the quickstart takes them. */
  sharedApps?: readonly string[] | undefined;
  /**
   * The base URL that the emulator gives out. Defaults to `https://nango.test`. It answers whatever the host of a
   * request.
   */
  host?: string | undefined;
  /** The base URL of the Connect UI. Defaults to `https://connect.nango.test`. */
  connectHost?: string | undefined;
  /** The rate limit, or false for none, as servers of one's own may be set up. Defaults to 100,000 calls a minute. */
  rateLimit?: RateLimitOptions | false | undefined;
  /** The largest body it takes, in bytes. Defaults to 75 MiB. */
  bodyLimit?: number | undefined;
  /** Where webhooks go and which are sent. */
  webhooks?: WebhookOptions | undefined;
  /** Plays the providers' APIs for the proxy and for functions. Without it nothing listens there. */
  provider?: ProviderFunction | undefined;
  /** Gives fresh credentials when they expire or a refresh is forced. Defaults to a new made-up token. */
  refresh?: RefreshFunction | undefined;
  /** Makes code runnable that is deployed through the API. Without it, deployed functions fail when they run. */
  loadFunction?: LoadFunction | undefined;
  /**
   * Plays the sandbox for dry runs; false for a server without one, which answers 500. Defaults to a result of `null`.
   */
  sandbox?: SandboxFunction | false | undefined;
  /** The version of the server whose answers are given, where versions differ. Defaults to `0.71.10`. */
  version?: ServerVersion | undefined;
  /** Tells the time, in milliseconds since 1970. Defaults to `Date.now`. */
  now?: (() => number) | undefined;
  /** Gives numbers from 0 up to 1 for ids and tokens. Defaults to `Math.random`. */
  random?: (() => number) | undefined;
  /** Waits between the attempts of webhooks and of proxied requests. Defaults to not waiting at all. */
  sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** The key that the first environment has unless the seed names another. */
export const defaultApiKey = '5d1b7c1e-6f0a-4c3e-9a52-0c9a4e1f2b3d';

/** The webhook signing key that the first environment has unless the seed names another. */
export const defaultWebhookSigningKey = '8e2f9a4c-1d3b-4f6a-b7c8-9d0e1f2a3b4c';

/** Creates an environment from its seed. */
export function seedEnvironment(context: Context, seed: EnvironmentSeed): StoredEnvironment {
  const { store } = context;
  const { name = 'dev', isProduction, webhookSigningKey } = seed;
  const environment = createEnvironment(context, { name, isProduction, webhookSigningKey });
  environment.variables = Object.entries(seed.variables ?? {}).map(([key, value]) => ({ name: key, value }));
  const keys: KeySeed[] = seed.apiKey === undefined
    ? []
    : [{ secret: seed.apiKey, displayName: 'Default - Full access' }];
  for (const key of [...keys, ...(seed.keys ?? [])]) {
    environment.keys.push(createKey(context, { ...key, scopes: key.scopes ?? ['environment:*'] }));
  }
  for (const integration of seed.integrations ?? []) {
    if (!store.providers.has(integration.provider)) {
      throw new TypeError(
        `The seed's integration ${integration.unique_key} names an unknown provider: ${integration.provider}`,
      );
    }
    createIntegration(context, environment, integration);
  }
  seedFunctions(context, environment, seed);
  for (const connection of seed.connections ?? []) seedConnection(context, environment, connection);
  for (const { records, ...target } of seed.records ?? []) targetTable(context, environment, target).save(records);
  return environment;
}

/** Finds an environment by its name; the first one without a name. */
export function environmentNamed(store: Store, name: string | undefined): StoredEnvironment {
  const found = store.environments.find((environment) => name === undefined || environment.name === name);
  if (!found) throw new TypeError(`There is no environment ${String(name)}`);
  return found;
}

/** Creates a connection from its seed. No sync runs and no webhook is sent. */
export function seedConnection(
  context: Context,
  environment: StoredEnvironment,
  seed: ConnectionSeed,
): StoredConnection {
  const integration = environment.integrations.get(seed.provider_config_key);
  if (!integration) {
    throw new TypeError(
      `The connection ${seed.connection_id} names an unknown integration: ${seed.provider_config_key}`,
    );
  }
  const credentials = seed.credentials
    ? importedCredentials(seed.credentials)
    : sampleCredentials(authModeOf(context, integration));
  const { connection } = createConnection(context, environment, integration, {
    connectionId: seed.connection_id,
    credentials,
    metadata: seed.metadata,
    connectionConfig: seed.connection_config,
    webhookUrlOverride: seed.webhook_url_override,
    endUser: seed.end_user && storedEndUser(seed.end_user),
    tags: Object.fromEntries(Object.entries(seed.tags ?? {}).map(([key, value]) => [key.toLowerCase(), value])),
  });
  scheduleSyncs(context, environment, connection, false);
  return connection;
}

/** The records of a target. Throws if there is no such connection. */
export function targetTable(
  context: Context,
  environment: StoredEnvironment,
  target: RecordTarget,
): ReturnType<typeof recordTable> {
  const connection = findConnection(environment, target.providerConfigKey, target.connectionId);
  if (!connection) {
    throw new TypeError(`There is no connection ${target.connectionId} of ${target.providerConfigKey} to have records`);
  }
  return recordTable(environment, connection, target.model, target.variant ?? 'base', context.clock);
}

function seedFunctions(context: Context, environment: StoredEnvironment, seed: EnvironmentSeed): void {
  const add = (
    name: string,
    common: FunctionSeed,
    more: Partial<StoredFunction> & Pick<StoredFunction, 'type'>,
  ): void => {
    for (
      const integration of common.integration === undefined ? environment.integrations.keys() : [common.integration]
    ) {
      const definition = createFunction(context, {
        name,
        integration,
        description: common.description ?? '',
        scopes: [...(common.scopes ?? [])],
        input: common.input,
        jsonSchema: common.json_schema ?? { definitions: {} },
        version: common.version ?? '1.0.0',
        endpoints: (common.endpoints ?? []).map(({ method, path, group }) => ({ method, path, group: group ?? null })),
        source: common.source ?? 'repo',
        enabled: common.enabled ?? true,
        code: common.code ?? null,
        ...more,
      });
      environment.functions.push(definition);
    }
  };
  for (const [name, value] of Object.entries(seed.syncs ?? {})) {
    const sync: SyncSeed = typeof value === 'function' ? { run: value } : value;
    add(name, sync, {
      type: 'sync',
      returns: [...(sync.models ?? [])],
      runs: sync.runs ?? 'every hour',
      syncType: sync.sync_type ?? 'incremental',
      autoStart: sync.auto_start ?? true,
      trackDeletes: sync.track_deletes ?? false,
      sync: sync.run,
    });
  }
  for (const [name, value] of Object.entries(seed.actions ?? {})) {
    const action: ActionSeed = typeof value === 'function' ? { run: value } : value;
    add(name, action, { type: 'action', returns: [...(action.returns ?? [])], action: action.run });
  }
  for (const [name, value] of Object.entries(seed.events ?? {})) {
    add(name, value, { type: 'on-event', event: value.event });
  }
}
