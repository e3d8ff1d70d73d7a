// /action: trigger, at once or queued, and the result of a queued one; and the old /v1, which goes by endpoints.

import { type Outcome, runAction } from '../state/actions.ts';
import { type Answer, json, Refusal, refuse } from '../server/answer.ts';
import { type Call, readBody, readHeaders, readParams, readQuery, type Route } from '../server/router.ts';
import { connectionId, noQuery, plainName, providerConfigKey } from '../server/fields.ts';
import { findConnection, recordTable, type StoredAction, type StoredFunction } from '../state/store.ts';
import { anything, flag, number, object, string, withDefault } from '../server/schema.ts';

const mostRetries = 5;
// How long the server really waits is not known; it is more than ten seconds.
const retryWait = 15_000;

const connectionHeaders = () => ({ 'provider-config-key': providerConfigKey(), 'connection-id': connectionId() });

function requireAction(call: Call, name: string, key: string): StoredFunction {
  const action = call.environment.functions.find(
    (definition) => definition.type === 'action' && definition.name === name && definition.integration === key,
  );
  if (!action) throw refuse(404, 'not_found', 'Action not found');
  if (!action.enabled) throw refuse(404, 'disabled_resource', 'The action is disabled');
  return action;
}

async function trigger(call: Call): Promise<Answer> {
  const headers = readHeaders(call, {
    ...connectionHeaders(),
    'x-async': withDefault(flag(), false),
    'x-max-retries': withDefault(number({ coerce: true, min: 0, max: mostRetries }), 0),
  });
  const body = readBody(call, object({ action_name: plainName(), input: anything() }, true));
  readQuery(call, noQuery());
  const { world, environment } = call;
  const connection = findConnection(environment, headers['provider-config-key'], headers['connection-id']);
  if (!connection) throw refuse(400, 'unknown_connection', 'Failed to find connection');
  const { name, action } = requireAction(call, body.action_name, connection.providerConfigKey);
  if (!headers['x-async']) {
    return json(...answerOf(await runAction(world, environment, connection, action, body.input)));
  }

  const queued: StoredAction = { id: world.clock.uuid(), name };
  environment.actions.set(queued.id, queued);
  const statusUrl = `/action/${queued.id}`;
  const before = environment.actionQueue;
  const run = async (): Promise<void> => {
    await before;
    let outcome = await runAction(world, environment, connection, action, body.input);
    for (let retry = 0; retry < headers['x-max-retries'] && outcome.status !== 200; retry += 1) {
      await world.clock.sleep(retryWait);
      outcome = await runAction(world, environment, connection, action, body.input);
    }
    queued.outcome = outcome;
  };
  // Queued actions of an environment run one after the other.
  const running = run();
  environment.actionQueue = running;
  world.background(async () => {
    await running;
    if (!world.webhooks.settings.onAsyncActionCompletion) return;
    const event = {
      from: 'nango',
      type: 'async_action',
      connectionId: connection.connectionId,
      providerConfigKey: connection.providerConfigKey,
      payload: { id: queued.id, statusUrl },
    };
    await world.webhooks.send(event, { environment, connection });
  });
  return { ...json({ id: queued.id, statusUrl }, 202), headers: { location: statusUrl } };
}

function answerOf({ status, body }: Outcome): [unknown, number] {
  return [body, status];
}

async function endpoint(call: Call): Promise<Answer> {
  const path = call.path.replace(/^\/v1/i, '');
  const { world, environment } = call;
  const headers = readHeaders(call, connectionHeaders());
  const connection = findConnection(environment, headers['provider-config-key'], headers['connection-id']);
  if (!connection) throw refuse(400, 'unknown_connection', 'Failed to find connection');
  const found = environment.functions.find(
    ({ integration, endpoints }) =>
      integration === connection.providerConfigKey &&
      endpoints.some((one) => one.method === call.method && one.path === path),
  );
  if (!found) throw new Refusal(json({ message: `Unknown endpoint '${call.method} ${path}'` }, 404));
  if (found.type === 'action') {
    return json(...answerOf(await runAction(world, environment, connection, found.action, call.body)));
  }
  const limit = Number(call.query['limit'] ?? 100);
  const table = recordTable(environment, connection, found.returns[0] ?? '', 'base', world.clock);
  const page = table.select({ limit });
  return json({ next_cursor: page.next, records: page.records.map((text) => JSON.parse(text) as unknown) });
}

/** The operations on actions. */
export const actionRoutes: readonly Route[] = [
  {
    operation: 'triggerAction',
    method: 'POST',
    path: '/action/trigger',
    auth: 'environmentKey',
    scopes: ['environment:actions:execute'],
    handle: trigger,
  },
  {
    operation: 'getAsyncActionResult',
    method: 'GET',
    path: '/action/:id',
    auth: 'environmentKey',
    scopes: ['environment:actions:execute'],
    handle(call) {
      const { id } = readParams(call, object({ id: string({ format: 'uuid' }) }));
      const outcome = call.environment.actions.get(id)?.outcome;
      if (!outcome || outcome.body === null) throw refuse(404, 'not_found', `No action '${id}' found`);
      return json(outcome.body, outcome.status);
    },
  },
  {
    operation: 'callEndpoint',
    method: '*',
    path: '/v1/*',
    auth: 'environmentKey',
    scopes: ['environment:actions:execute'],
    handle: endpoint,
  },
];
