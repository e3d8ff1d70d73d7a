// /action: trigger, at once or queued, and the result of a queued one; and the deprecated /v1, which goes by endpoints.

import { ApiError, apiError, json } from '../server/answer.ts';
import { connectionHeaders, connectionId, plainName, providerConfigKey } from '../server/fields.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { anything, flag, looseObject, number, object, string, withDefault } from '../server/schema.ts';
import { runAction } from '../state/actions.ts';
import type { Context } from '../state/context.ts';
import { findFunction } from '../state/deployed-functions.ts';
import { findConnection, recordTable } from '../state/store.ts';
import type { StoredAction, StoredConnection } from '../state/store.ts';

const mostRetries = 5;
// The server's exact wait is not known; it is more than ten seconds.
const retryWait = 15_000;

function requireConnection(
  { environment, headers }: Call & { headers: { 'provider-config-key': string; 'connection-id': string } },
): StoredConnection {
  const connection = findConnection(environment, headers['provider-config-key'], headers['connection-id']);
  if (!connection) throw apiError(400, 'unknown_connection', 'Failed to find connection');
  return connection;
}

/** The operations on actions. */
export const actionRoutes = ({ background, clock, webhooks }: Context): Route[] => [
  route('triggerAction', 'POST /action/trigger', {
    scopes: ['environment:actions:execute'],
    headers: looseObject({
      'provider-config-key': providerConfigKey(),
      'connection-id': connectionId(),
      'x-async': withDefault(flag(), false),
      'x-max-retries': withDefault(number({ coerce: true, min: 0, max: mostRetries }), 0),
    }),
    body: looseObject({ action_name: plainName(), input: anything() }),
    async handle(call) {
      const { context, environment, headers, body } = call;
      const connection = requireConnection(call);
      const action = findFunction(environment, 'action', body.action_name, connection.providerConfigKey);
      if (!action) throw apiError(404, 'not_found', 'Action not found');
      if (!action.enabled) throw apiError(404, 'disabled_resource', 'The action is disabled');
      const run = () => runAction(context, environment, connection, action.action, body.input);
      if (!headers['x-async']) {
        const outcome = await run();
        return json(outcome.body, outcome.status);
      }

      const queued: StoredAction = { id: clock.uuid(), name: action.name };
      environment.actions.set(queued.id, queued);
      const statusUrl = `/action/${queued.id}`;
      const previous = environment.actionQueue;
      const runQueued = async (): Promise<void> => {
        await previous;
        let outcome = await run();
        for (let retry = 0; retry < headers['x-max-retries'] && outcome.status !== 200; retry++) {
          await clock.sleep(retryWait);
          outcome = await run();
        }
        queued.outcome = outcome;
      };
      // Queued actions of an environment run one after the other.
      const running = runQueued();
      environment.actionQueue = running;
      background(async () => {
        await running;
        if (!webhooks.settings.onAsyncActionCompletion) return;
        const event = {
          from: 'nango',
          type: 'async_action',
          connectionId: connection.connectionId,
          providerConfigKey: connection.providerConfigKey,
          payload: { id: queued.id, statusUrl },
        };
        await webhooks.send(event, { environment, connection });
      });
      return { ...json({ id: queued.id, statusUrl }, 202), headers: { location: statusUrl } };
    },
  }),

  route('getAsyncActionResult', 'GET /action/:id', {
    scopes: ['environment:actions:execute'],
    query: anyQuery(),
    params: object({ id: string({ format: 'uuid' }) }),
    handle({ environment, params: { id } }) {
      const outcome = environment.actions.get(id)?.outcome;
      if (!outcome || outcome.body === null) throw apiError(404, 'not_found', `No action '${id}' found`);
      return json(outcome.body, outcome.status);
    },
  }),

  route('callEndpoint', '* /v1/*', {
    scopes: ['environment:actions:execute'],
    query: anyQuery(),
    headers: connectionHeaders(),
    async handle(call) {
      const { context, environment, request } = call;
      const path = request.path.replace(/^\/v1/i, '');
      const connection = requireConnection(call);
      const found = environment.functions.find(
        ({ integration, endpoints }) =>
          integration === connection.providerConfigKey &&
          endpoints.some((one) => one.method === request.method && one.path === path),
      );
      if (!found) throw new ApiError(json({ message: `Unknown endpoint '${request.method} ${path}'` }, 404));
      if (found.type === 'action') {
        const outcome = await runAction(context, environment, connection, found.action, request.body);
        return json(outcome.body, outcome.status);
      }
      const limit = Number(request.query['limit'] ?? 100);
      const page = recordTable(environment, connection, found.returns[0] ?? '', 'base', clock).select({ limit });
      return json({ next_cursor: page.next, records: page.records.map((text) => JSON.parse(text) as unknown) });
    },
  }),
];
