// /functions/deployments: deploying one function, from code or from a template.

import { apiError, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { plainName, providerConfigKey } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { boolean, object, oneOf, optional, string, tagged } from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import { createFunction, deployFunction, findFunction, runnable } from '../state/deployed-functions.ts';
import { createJob, finishJob } from '../state/jobs.ts';
import type { StoredJob } from '../state/store.ts';
import { codeText, readJob, requireIntegration, requireSandbox } from './authoring.ts';

interface DeploymentInput {
  type: string;
  integration_id: string;
  function_name?: string | undefined;
  function_type?: 'action' | 'sync' | undefined;
  code?: string | undefined;
  template?: string | undefined;
  version?: string | undefined;
}

const deploymentBody = (): Schema<DeploymentInput> =>
  tagged<DeploymentInput>('type', {
    function: object({
      type: oneOf(['function']),
      integration_id: providerConfigKey(),
      function_name: plainName(),
      function_type: oneOf(['action', 'sync']),
      code: codeText(),
      version: optional(string()),
      allow_destructive: optional(boolean()),
    }),
    template: object({
      type: oneOf(['template']),
      integration_id: providerConfigKey(),
      template: plainName(),
      function_type: optional(oneOf(['action', 'sync'])),
    }),
  });

function createDeployment(
  { context, environment }: Call,
  body: DeploymentInput,
  name: string,
  type: string,
): StoredJob {
  const about = { integration_id: body.integration_id, function_name: name, function_type: type };
  return createJob(context, environment, 'deployment', about);
}

function deployCode(call: Call, body: DeploymentInput): Answer {
  const { context, environment } = call;
  const { function_name: name = '', function_type: type = 'action', code = '', integration_id: integration } = body;
  const existing = findFunction(environment, type, name, integration);
  if (existing && existing.source !== 'standalone') {
    throw apiError(400, 'invalid_request', `Cannot overwrite existing function '${name}'`);
  }
  requireSandbox(context);
  const job = createDeployment(call, body, name, type);
  context.background(() => {
    const version = body.version ?? '1.0.0';
    const run = runnable(context, environment, type, name, integration, code);
    const runs = type === 'sync' ? 'every hour' : null;
    const definition = createFunction(context, { name, type, integration, code, version, runs, ...run });
    deployFunction(context, environment, definition);
    finishJob(context, job, {
      status: 'success',
      deployed: true,
      deployed_functions: [{ name, version }],
      output: 'Successfully deployed',
    });
  });
  return json({ id: job.id, status: 'waiting', created_at: job.state['created_at'] }, 202);
}

function deployTemplate(call: Call, body: DeploymentInput): Answer {
  const { context, environment } = call;
  const { template: name = '', integration_id: integration } = body;
  const provider = environment.integrations.get(integration)?.provider ?? '';
  const templates = (context.templates[provider] ?? []).filter(
    (one) => one.name === name && (body.function_type === undefined || one.type === body.function_type),
  );
  const [template] = templates;
  if (!template) {
    throw apiError(404, 'template_not_found', `No template named '${name}' exists for this integration`);
  }
  if (templates.length > 1) {
    throw apiError(409, 'ambiguous_function', `Several templates are named '${name}': give a function_type`);
  }
  const { type, description = '' } = template;
  if (findFunction(environment, type, name, integration)) {
    throw apiError(409, 'template_already_deployed', `The template '${name}' is already deployed`);
  }
  if (context.sandbox === false) throw apiError(500, 'deployment_error', 'Failed to deploy the template');
  const job = createDeployment(call, body, name, type);
  const run = runnable(context, environment, type, name, integration, '');
  const runs = type === 'sync' ? 'every hour' : null;
  const definition = createFunction(context, { name, type, integration, source: 'catalog', description, runs, ...run });
  deployFunction(context, environment, definition);
  finishJob(context, job, {
    status: 'success',
    output: 'Successfully deployed',
    deployed: true,
    deployed_functions: [{ name, version: '1.0.0' }],
  });
  return json({ id: job.id, status: 'success', created_at: job.state['created_at'] }, 202);
}

/** The operations that deploy one function. */
export const deploymentRoutes = (): Route[] => [
  route('createFunctionDeployment', 'POST /functions/deployments', {
    scopes: ['environment:deploy'],
    body: deploymentBody(),
    handle(call) {
      const { environment, body } = call;
      requireIntegration(environment, body.integration_id);
      return body.type === 'template' ? deployTemplate(call, body) : deployCode(call, body);
    },
  }),

  route('getFunctionDeployment', 'GET /functions/deployments/:id', {
    scopes: ['environment:deploy'],
    params: object({ id: string({ format: 'uuid' }) }),
    handle: ({ environment, params }) => readJob(environment, params.id, 'deployment', 'Deployment'),
  }),
];
