// Puts a seed into the store. No sync runs and no webhook is sent for anything in it.

import { checkMembers, unknownName } from '../members.ts';
import type { Members } from '../members.ts';
import type {
  ActionSeed,
  ConnectionSeed,
  EmulatorSeed,
  EnvironmentSeed,
  EventFunctionSeed,
  FunctionSeed,
  KeySeed,
  RecordsSeed,
  RecordTarget,
  SyncSeed,
} from '../seed.ts';
import {
  authModeOf,
  createConnection,
  createIntegration,
  endUserTags,
  importedCredentials,
  sampleCredentials,
  storedEndUser,
} from './connections.ts';
import type { Context } from './context.ts';
import { createFunction } from './deployed-functions.ts';
import { createEnvironment, createKey } from './environments.ts';
import { saveInOrder } from './records.ts';
import type { RecordTable } from './records.ts';
import { findConnection, recordTable } from './store.ts';
import type {
  IntegrationSeed,
  Store,
  StoredConnection,
  StoredEnvironment,
  StoredFunction,
  StoredKey,
} from './store.ts';
import { scheduleSyncs } from './syncs.ts';
import type { WebhookOptions } from './webhooks.ts';

const required = 'required' as const;
const optional = 'optional' as const;

const integrationMembers: Members<IntegrationSeed> = {
  provider: required,
  unique_key: required,
  display_name: optional,
  forward_webhooks: optional,
  credentials: optional,
  integration_config: optional,
  custom: optional,
};

const connectionMembers: Members<ConnectionSeed> = {
  provider_config_key: required,
  connection_id: required,
  credentials: optional,
  metadata: optional,
  connection_config: optional,
  webhook_url_override: optional,
  end_user: optional,
  tags: optional,
};

const keyMembers: Members<KeySeed> = { secret: required, scopes: optional, displayName: optional };

const targetMembers: Members<RecordTarget> = {
  providerConfigKey: required,
  connectionId: required,
  model: required,
  variant: optional,
  environment: optional,
};

const recordsMembers: Members<RecordsSeed> = /* @__PURE__ */ Object.assign({}, targetMembers, { records: required });

const functionMembers: Members<FunctionSeed> = {
  integration: optional,
  description: optional,
  scopes: optional,
  input: optional,
  json_schema: optional,
  version: optional,
  enabled: optional,
  source: optional,
  code: optional,
  endpoints: optional,
};

const syncMembers: Members<SyncSeed> = /* @__PURE__ */ Object.assign({}, functionMembers, {
  models: optional,
  runs: optional,
  sync_type: optional,
  auto_start: optional,
  track_deletes: optional,
  run: optional,
});

const actionMembers: Members<ActionSeed> = /* @__PURE__ */ Object.assign({}, functionMembers, {
  returns: optional,
  run: optional,
});

const eventMembers: Members<EventFunctionSeed> = /* @__PURE__ */ Object.assign({}, functionMembers, {
  event: required,
});

const webhookMembers: Members<WebhookOptions> = {
  to: optional,
  fetch: optional,
  onAuthCreation: optional,
  onConnectionDeletion: optional,
  onAuthRefreshError: optional,
  onSyncError: optional,
  onSyncCompletionAlways: optional,
  onAsyncActionCompletion: optional,
};

const environmentMembers: Members<EnvironmentSeed> = {
  name: optional,
  isProduction: optional,
  apiKey: optional,
  keys: optional,
  webhookSigningKey: optional,
  variables: optional,
  integrations: optional,
  connections: optional,
  records: optional,
  syncs: optional,
  actions: optional,
  events: optional,
};

const emulatorMembers: Members<EmulatorSeed> = /* @__PURE__ */ Object.assign({}, environmentMembers, {
  environments: optional,
  accountKeys: optional,
  providers: optional,
  templates: optional,
  sharedApps: optional,
  host: optional,
  connectHost: optional,
  rateLimit: optional,
  bodyLimit: optional,
  webhooks: optional,
  provider: optional,
  refresh: optional,
  loadFunction: optional,
  sandbox: optional,
  version: optional,
  now: optional,
  random: optional,
  sleep: optional,
});

/** The key that the first environment has unless the seed names another. */
const defaultApiKey = '5d1b7c1e-6f0a-4c3e-9a52-0c9a4e1f2b3d';

/** The webhook signing key that the first environment has unless the seed names another. */
const defaultWebhookSigningKey = '8e2f9a4c-1d3b-4f6a-b7c8-9d0e1f2a3b4c';

/** Checks a seed and creates all that it names. */
export function applySeed(context: Context, seed: EmulatorSeed): void {
  checkMembers('seed', seed, emulatorMembers);
  if (seed.rateLimit) checkMembers('seed.rateLimit', seed.rateLimit, { limit: optional, window: optional });
  if (seed.webhooks) checkMembers('seed.webhooks', seed.webhooks, webhookMembers);
  const { apiKey = defaultApiKey, webhookSigningKey = defaultWebhookSigningKey } = seed;
  seedEnvironment(context, { ...seed, apiKey, webhookSigningKey }, 'seed');
  for (const [index, environment] of entries(seed.environments, 'environments')) {
    const name = `seed.environments[${index}]`;
    checkMembers(name, environment, environmentMembers);
    seedEnvironment(context, environment, name);
  }
  for (const [index, key] of entries(seed.accountKeys, 'accountKeys')) {
    context.store.accountKeys.push(seedKey(context, key, `seed.accountKeys[${index}]`, 'account:*'));
  }
}

function seedKey(context: Context, key: KeySeed, name: string, scope: string): StoredKey {
  checkMembers(name, key, keyMembers);
  return createKey(context, { ...key, scopes: key.scopes ?? [scope] });
}

/** Creates an environment from its seed. */
function seedEnvironment(context: Context, seed: EnvironmentSeed, path: string): void {
  const { store } = context;
  const { name = 'dev', isProduction, webhookSigningKey } = seed;
  const environment = createEnvironment(context, { name, isProduction, webhookSigningKey });
  environment.variables = Object.entries(seed.variables ?? {}).map(([key, value]) => ({ name: key, value }));
  if (seed.apiKey !== undefined) {
    const displayName = 'Default - Full access';
    environment.keys.push(createKey(context, { secret: seed.apiKey, displayName, scopes: ['environment:*'] }));
  }
  for (const [index, key] of entries(seed.keys, 'keys')) {
    environment.keys.push(seedKey(context, key, `${path}.keys[${index}]`, 'environment:*'));
  }
  for (const [index, integration] of entries(seed.integrations, 'integrations')) {
    const name = `${path}.integrations[${index}]`;
    checkMembers(name, integration, integrationMembers);
    if (!store.providers.has(integration.provider)) {
      throw unknownName(`${name} names an unknown provider`, integration.provider, store.providers.keys());
    }
    createIntegration(context, environment, integration);
  }
  seedFunctions(context, environment, seed, path);
  for (const [index, connection] of entries(seed.connections, 'connections')) {
    seedConnection(context, environment, connection, `${path}.connections[${index}]`);
  }
  for (const [index, item] of entries(seed.records, 'records')) {
    checkMembers(`${path}.records[${index}]`, item, recordsMembers);
    const { records, ...target } = item;
    saveInOrder(targetTable(context, environment, target), records);
  }
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
  name = 'connection',
): StoredConnection {
  checkMembers(name, seed, connectionMembers);
  const integration = environment.integrations.get(seed.provider_config_key);
  if (!integration) {
    const known = environment.integrations.keys();
    throw unknownName(`${name} names an unknown integration`, seed.provider_config_key, known);
  }
  const credentials = seed.credentials
    ? importedCredentials(seed.credentials)
    : sampleCredentials(authModeOf(context, integration));
  const endUser = seed.end_user ? storedEndUser(seed.end_user) : null;
  const tags = Object.entries(seed.tags ?? {}).map(([key, value]) => [key.toLowerCase(), value] as const);
  const { connection } = createConnection(context, environment, integration, {
    connectionId: seed.connection_id,
    credentials,
    metadata: seed.metadata,
    connectionConfig: seed.connection_config,
    webhookUrlOverride: seed.webhook_url_override,
    endUser,
    tags: { ...endUserTags(endUser), ...Object.fromEntries(tags) },
  });
  scheduleSyncs(context, environment, connection, false);
  return connection;
}

/** The records of a target. Throws if there is no such connection. */
export function targetTable(
  context: Context,
  environment: StoredEnvironment,
  target: RecordTarget,
): RecordTable {
  checkMembers('target', target, targetMembers);
  const connection = findConnection(environment, target.providerConfigKey, target.connectionId);
  if (!connection) {
    throw new TypeError(`There is no connection ${target.connectionId} of ${target.providerConfigKey} to have records`);
  }
  return recordTable(environment, connection, target.model, target.variant ?? 'base', context.clock);
}

function seedFunctions(
  context: Context,
  environment: StoredEnvironment,
  seed: EnvironmentSeed,
  path: string,
): void {
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
    checkMembers(`${path}.syncs.${name}`, sync, syncMembers);
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
    checkMembers(`${path}.actions.${name}`, action, actionMembers);
    add(name, action, { type: 'action', returns: [...(action.returns ?? [])], action: action.run });
  }
  for (const [name, value] of Object.entries(seed.events ?? {})) {
    checkMembers(`${path}.events.${name}`, value, eventMembers);
    add(name, value, { type: 'on-event', event: value.event });
  }
}

/** Gives the items of a list of the seed with their numbers. */
function entries<T>(items: readonly T[] | undefined, name: string): IterableIterator<[number, T]> {
  if (items !== undefined && !Array.isArray(items)) throw new TypeError(`${name} must be an array`);
  return (items ?? []).entries();
}
