// /functions/compile and /functions/dryruns.

import { apiError, json } from '../server/answer.ts';
import { connectionId, providerConfigKey } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { anything, jsonObject, object, oneOf, optional, string } from '../server/schema.ts';
import { isoTime } from '../state/clock.ts';
import type { Context } from '../state/context.ts';
import { createJob, finishJob } from '../state/jobs.ts';
import { codeText, readJob, requireConnection, requireIntegration, requireSandbox } from './authoring.ts';

/** The operations that compile functions and run them in the sandbox. */
export const dryRunRoutes = (context: Context): Route[] => [
  route('compileFunction', 'POST /functions/compile', {
    scopes: ['environment:functions:compile'],
    body: object({ code: codeText() }),
    handle({ body: { code } }) {
      requireSandbox(context);
      if (!/\bexport\s+default\b/.test(code)) {
        throw apiError(400, 'compilation_error', 'The code has no default export');
      }
      const size = new TextEncoder().encode(code).length;
      return json({ bundle_size_bytes: size, bundled_js: code, compiled_at: isoTime(context.clock.now()) });
    },
  }),

  route('createFunctionDryrun', 'POST /functions/dryruns', {
    scopes: ['environment:functions:dryrun'],
    body: object({
      integration_id: providerConfigKey(),
      function_type: oneOf(['action', 'sync']),
      code: codeText(),
      connection_id: connectionId(),
      input: anything(),
      metadata: optional(jsonObject()),
      checkpoint: optional(jsonObject()),
      last_sync_date: optional(string({ format: 'datetime' })),
    }),
    handle({ environment, body }) {
      const { integration_id: integration, function_type: type, connection_id: id, code, input } = body;
      requireIntegration(environment, integration);
      requireConnection(environment, integration, id);
      const sandbox = requireSandbox(context);
      const job = createJob(context, environment, 'dryrun', { integration_id: integration, function_type: type });
      context.background(async () => {
        job.state['status'] = 'running';
        try {
          const result = (await sandbox({ code, type, integration, connectionId: id, input })) ?? null;
          finishJob(context, job, { status: 'success', output: '', result });
        } catch (thrown) {
          const message = thrown instanceof Error ? thrown.message : String(thrown);
          finishJob(context, job, { status: 'failed', output: message, error: { code: 'dryrun_error', message } });
        }
      });
      return json({ id: job.id, status: 'waiting', created_at: job.state['created_at'] }, 202);
    },
  }),

  route('getFunctionDryrun', 'GET /functions/dryruns/:id', {
    scopes: ['environment:functions:dryrun'],
    params: object({ id: string({ format: 'uuid' }) }),
    handle: ({ environment, params }) => readJob(environment, params.id, 'dryrun', 'Dryrun'),
  }),
];
