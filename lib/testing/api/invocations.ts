// /functions/invocations: running a function of a bundle, or an action, and the result of one that was not waited for.

import { apiError, json } from '../server/answer.ts';
import { connectionId, plainName, providerConfigKey } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { anything, jsonObject, object, oneOf, optional, string } from '../server/schema.ts';
import { runAction } from '../state/actions.ts';
import type { Outcome } from '../state/actions.ts';
import type { Context } from '../state/context.ts';
import { runnable } from '../state/deployed-functions.ts';
import type { ActionFunction } from '../state/functions.ts';
import type { StoredEnvironment, StoredJob } from '../state/store.ts';
import { requireConnection } from './authoring.ts';

/** What an invocation runs: a function of a bundle, or an action; `undefined` if there is nothing to run. */
function findInvocable(
  context: Context,
  environment: StoredEnvironment,
  name: string,
  integration: string,
): ActionFunction | undefined {
  const bundled = environment.bundle.get(`${integration}\n${name}`);
  if (bundled !== undefined) {
    const { fileBody } = JSON.parse(bundled) as { fileBody: { js: string } };
    return runnable(context, environment, 'action', name, integration, fileBody.js).action;
  }
  // 0.71.4 knows only the functions of bundles.
  const named = context.version === '0.71.4'
    ? []
    : environment.functions.filter((one) => one.name === name && one.integration === integration);
  if (named.length === 0) throw apiError(404, 'unknown_function', `Function '${name}' was not found`);
  const action = named.find(({ type }) => type === 'action');
  if (action?.enabled === false) throw apiError(403, 'function_disabled', `Function '${name}' is disabled`);
  return action?.action;
}

/** The operations that invoke functions. */
export const invocationRoutes = (context: Context): Route[] => [
  route('invokeFunction', 'POST /functions/invocations', {
    scopes: ['environment:functions:invocations'],
    body: object({
      connection_id: connectionId(),
      integration_id: providerConfigKey(),
      name: plainName(),
      input: anything(),
      invocation_type: oneOf(['wait', 'no_wait']),
      options: optional(jsonObject()),
    }),
    async handle({ environment, body }) {
      const connection = requireConnection(environment, body.integration_id, body.connection_id);
      const action = findInvocable(context, environment, body.name, body.integration_id);
      if (!action || context.version === '0.71.4') throw apiError(501, 'not_implemented', 'Not implemented');
      const run = async (): Promise<Outcome> => {
        const outcome = await runAction(context, environment, connection, action, body.input);
        if (outcome.status === 200) return outcome;
        const { error } = outcome.body as { error: { message?: string; payload: unknown } };
        const { message, payload } = error;
        return { status: 500, body: { error: { code: 'function_failed', message, payload } } };
      };
      if (body.invocation_type === 'wait') {
        const outcome = await run();
        return json(outcome.body, outcome.status);
      }
      const id = context.clock.uuid();
      const job: StoredJob = { id, kind: 'invocation', state: {} };
      environment.jobs.set(id, job);
      context.background(async () => {
        job.state = { outcome: await run() };
      });
      return json({ id, statusUrl: `/functions/invocations/${id}` });
    },
  }),

  route('getFunctionInvocation', 'GET /functions/invocations/:id', {
    scopes: ['environment:functions:invocations'],
    params: object({ id: string({ format: 'uuid' }) }),
    handle({ environment, params: { id } }) {
      const job = environment.jobs.get(id);
      const outcome = job?.kind === 'invocation' ? (job.state['outcome'] as Outcome | undefined) : undefined;
      if (!outcome) throw apiError(404, 'not_found', `No invocation '${id}' found`);
      return json(outcome.body, outcome.status);
    },
  }),
];
