// Events of connections: handlers of their creation and deletion, and webhooks of their providers.

import { runAction } from './actions.ts';
import type { Context } from './context.ts';
import type { StoredConnection, StoredEnvironment } from './store.ts';
import { functionOf, runSync } from './syncs.ts';

/** Runs the handlers of an event one after the other. Their errors are ignored, as on the server. */
export async function runEvent(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
  event: string,
): Promise<void> {
  for (const { type, integration, event: handled, action, enabled } of environment.functions) {
    const concerned = type === 'on-event' && handled === event && integration === connection.providerConfigKey;
    if (concerned && enabled && action) await runAction(context, environment, connection, action, undefined);
  }
}

/** A webhook of a provider. */
export interface ProviderWebhook {
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The connection. Defaults to all connections of the integration. */
  connectionId?: string | undefined;
  /** The body. */
  payload: unknown;
  /** The headers to forward. */
  headers?: Record<string, string> | undefined;
  /** The name of the environment. Defaults to the first one. */
  environment?: string | undefined;
}

/** Receives a provider's webhook: runs the syncs that subscribe to it, then forwards it. Returns the number of runs. */
export async function receiveWebhook(
  context: Context,
  environment: StoredEnvironment,
  { providerConfigKey, connectionId, payload, headers }: ProviderWebhook,
): Promise<number> {
  const integration = environment.integrations.get(providerConfigKey);
  if (!integration) throw new TypeError(`There is no integration ${providerConfigKey}`);
  const connections = [...environment.connections.values()].filter((connection) =>
    connection.providerConfigKey === providerConfigKey &&
    (connectionId === undefined || connection.connectionId === connectionId)
  );
  const syncs = environment.syncs.filter((sync) =>
    connections.includes(sync.connection) && sync.variant === 'base' &&
    subscribes(functionOf(environment, sync)?.webhookSubscriptions ?? [], payload)
  );
  await Promise.all(syncs.map((sync) => runSync(context, environment, sync, payload)));
  if (!integration.forwardWebhooks) return syncs.length;
  if (connections.length === 0) {
    await context.webhooks.send(payload as Record<string, unknown>, { environment, headers });
  }
  for (const connection of connections) {
    const event = {
      from: integration.provider,
      type: 'forward',
      providerConfigKey,
      connectionId: connection.connectionId,
      payload,
    };
    await context.webhooks.send(event, { environment, connection, headers });
  }
  return syncs.length;
}

// The server has a script per provider that finds the type of a webhook. Here, any string at the top level counts.
function subscribes(subscriptions: readonly string[], payload: unknown): boolean {
  if (subscriptions.includes('*')) return true;
  const members: unknown[] = typeof payload === 'object' && payload !== null ? Object.values(payload) : [];
  return members.some((value) => typeof value === 'string' && subscriptions.includes(value));
}
