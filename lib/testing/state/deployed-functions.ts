// The functions of integrations: creating, deploying and finding them.

import type { Context } from './context.ts';
import type { ActionFunction, SyncFunction } from './functions.ts';
import type { StoredEnvironment, StoredFunction } from './store.ts';
import { scheduleSyncs } from './syncs.ts';

/** Creates a function; what is left out is as for one that is deployed alone. */
export function createFunction(
  { store, clock }: Context,
  input: Partial<StoredFunction> & Pick<StoredFunction, 'name' | 'type' | 'integration'>,
): StoredFunction {
  return {
    id: store.nextId('function'),
    description: '',
    scopes: [],
    returns: [],
    jsonSchema: { definitions: {} },
    version: '1.0.0',
    endpoints: [],
    features: [],
    sdkVersion: null,
    source: 'standalone',
    enabled: true,
    lastDeployed: clock.now(),
    code: null,
    runs: null,
    syncType: 'incremental',
    autoStart: false,
    trackDeletes: false,
    ...input,
  };
}

/** Finds a function. */
export function findFunction(
  { functions }: StoredEnvironment,
  type: StoredFunction['type'],
  name: string,
  integration: string,
): StoredFunction | undefined {
  return functions.find((one) => one.type === type && one.name === name && one.integration === integration);
}

/** Adds a function, or replaces the one of its type, name and integration, and schedules its syncs. */
export function deployFunction(context: Context, environment: StoredEnvironment, definition: StoredFunction): void {
  const { functions } = environment;
  const existing = findFunction(environment, definition.type, definition.name, definition.integration);
  if (existing) functions[functions.indexOf(existing)] = { ...definition, id: existing.id };
  else functions.push(definition);
  for (const connection of environment.connections.values()) scheduleSyncs(context, environment, connection, true);
}

/** What runs for deployed code: what the test makes of it, else what ran before. */
export function runnable(
  context: Context,
  environment: StoredEnvironment,
  type: StoredFunction['type'],
  name: string,
  integration: string,
  code: string,
): Pick<StoredFunction, 'sync' | 'action'> {
  const existing = findFunction(environment, type, name, integration);
  const run = context.loadFunction?.({ name, type, integration, code });
  return type === 'sync'
    ? { sync: (run as SyncFunction | undefined) ?? existing?.sync }
    : { action: (run as ActionFunction | undefined) ?? existing?.action };
}
