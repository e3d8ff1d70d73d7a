// Environments and API keys.

import type { Context } from './context.ts';
import type { StoredEnvironment, StoredKey } from './store.ts';

/** Creates an empty environment. */
export function createEnvironment(
  { store, clock }: Context,
  { name, isProduction = name === 'prod', webhookSigningKey = clock.uuid() }: {
    name: string;
    isProduction?: boolean | undefined;
    webhookSigningKey?: string | undefined;
  },
): StoredEnvironment {
  const environment: StoredEnvironment = {
    id: store.nextId('environment'),
    uuid: clock.uuid(),
    name,
    isProduction,
    webhookSigningKey,
    variables: [],
    keys: [],
    integrations: new Map(),
    connections: new Map(),
    records: new Map(),
    functions: [],
    syncs: [],
    actions: new Map(),
    actionQueue: Promise.resolve(),
    sessions: new Map(),
    jobs: new Map(),
    bundle: new Map(),
    agentSessions: new Map(),
  };
  store.environments.push(environment);
  return environment;
}

/** Creates an API key. */
export function createKey(
  { store, clock }: Context,
  { secret = clock.uuid(), displayName = 'Default', scopes }: {
    secret?: string | undefined;
    displayName?: string | undefined;
    scopes: readonly string[];
  },
): StoredKey {
  return {
    id: store.nextId('key'),
    uuid: clock.uuid(),
    displayName,
    scopes: [...scopes],
    secret,
    createdAt: clock.now(),
    lastUsedAt: null,
  };
}
