// Bringing functions to the server: compile, dry runs, deployments of one function, of a bundle, of the command line;
// and invoking those of a bundle.

import { type Outcome, runAction } from '../state/actions.ts';
import { type Answer, json, refuse } from '../server/answer.ts';
import { isoTime } from '../state/clock.ts';
import type { ActionFunction, SyncFunction } from '../state/functions.ts';
import { type Call, readBody, readParams, readQuery, type Route } from '../server/router.ts';
import { connectionId, noQuery, plainName, providerConfigKey } from '../server/fields.ts';
import { findConnection, type StoredConnection, type StoredFunction, type StoredJob } from '../state/store.ts';
import { scheduleSyncs } from '../state/syncs.ts';
import {
  anything,
  array,
  boolean,
  type Issue,
  jsonObject,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  string,
  tagged,
} from '../server/schema.ts';

const codeText = () => string({ min: 1 });
const codeType = () => oneOf(['action', 'sync']);

const dryRunBody = () =>
  object({
    integration_id: providerConfigKey(),
    function_type: codeType(),
    code: codeText(),
    connection_id: connectionId(),
    input: anything(),
    metadata: optional(jsonObject()),
    checkpoint: optional(jsonObject()),
    last_sync_date: optional(string({ format: 'datetime' })),
  });

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
      function_type: codeType(),
      code: codeText(),
      version: optional(string()),
      allow_destructive: optional(boolean()),
    }),
    template: object({
      type: oneOf(['template']),
      integration_id: providerConfigKey(),
      template: plainName(),
      function_type: optional(codeType()),
    }),
  });

const reference = () => string({ pattern: /^#\/definitions\/[a-zA-Z0-9_-]+$/ });

const bundled = () =>
  object({
    name: plainName(),
    integrationId: providerConfigKey(),
    description: string({ max: 2000 }),
    trigger: tagged<Record<string, unknown>>('kind', {
      none: object({ kind: oneOf(['none']) }),
      schedule: object({ kind: oneOf(['schedule']), frequency: string(), autoStart: optional(boolean()) }),
      http: object({
        kind: oneOf(['http']),
        subscriptions: optional(array(string())),
        debounce: optional(
          object({
            keyBy: anything(),
            windowMs: number(),
            maxEntities: optional(number()),
            take: optional(oneOf(['latest', 'first', 'all'])),
          }),
        ),
      }),
      event: object({
        kind: oneOf(['event']),
        events: array(oneOf(['post-connection-creation', 'pre-connection-deletion', 'validate-connection'])),
      }),
    }),
    requires: object({
      connection: optional(boolean()),
      outbound: optional(boolean()),
      invoke: optional(boolean()),
    }),
    capabilities: object({
      usesRecords: boolean(),
      usesOutbound: boolean(),
      usesCheckpoints: boolean(),
      usesMetadata: boolean(),
      usesInvoke: boolean(),
    }),
    limits: jsonObject(),
    input_schema_ref: nullable(reference()),
    output_schema_ref: nullable(reference()),
    model_schema_refs: array(string()),
    metadata_schema_ref: nullable(reference()),
    checkpoint_schema_ref: nullable(reference()),
    json_schema: jsonObject(),
    fileBody: object({ js: codeText(), ts: codeText() }),
  });

const bundleBody = () =>
  object({
    reconciliationScope: tagged<{ kind: string; integrationId?: string | undefined }>('kind', {
      environment: object({ kind: oneOf(['environment']) }),
      integration: object({ kind: oneOf(['integration']), integrationId: providerConfigKey() }),
    }),
    functions: array(bundled()),
  });

const invocationBody = () =>
  object({
    connection_id: connectionId(),
    integration_id: providerConfigKey(),
    name: plainName(),
    input: anything(),
    invocation_type: oneOf(['wait', 'no_wait']),
    options: optional(jsonObject()),
  });

const jobParams = () => object({ id: string({ format: 'uuid' }) });

function requireIntegration(call: Call, uniqueKey: string): void {
  if (call.environment.integrations.has(uniqueKey)) return;
  throw refuse(404, 'integration_not_found', `Integration '${uniqueKey}' was not found`);
}

function requireConnection(call: Call, uniqueKey: string, id: string): StoredConnection {
  const connection = findConnection(call.environment, uniqueKey, id);
  if (connection) return connection;
  throw refuse(404, 'connection_not_found', `Connection '${id}' was not found for integration '${uniqueKey}'`);
}

function requireSandbox(call: Call): void {
  if (call.world.sandbox !== false) return;
  throw refuse(500, 'server_error', 'Failed to initialize the function execution environment');
}

/** A function that is deployed through the API. */
function deployedFunction(
  call: Call,
  given: Partial<StoredFunction> & Pick<StoredFunction, 'name' | 'type' | 'integration'>,
): StoredFunction {
  return {
    id: call.world.store.nextId('function'),
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
    lastDeployed: call.world.clock.now(),
    code: null,
    runs: given.type === 'sync' ? 'every hour' : null,
    syncType: 'incremental',
    autoStart: false,
    trackDeletes: false,
    ...given,
  };
}

/** What runs for a function: that of the test, or what the test makes of the code. */
function runnable(
  call: Call,
  name: string,
  type: 'sync' | 'action' | 'on-event',
  integration: string,
  code: string,
): Pick<StoredFunction, 'sync' | 'action'> {
  const known = call.environment.functions.find(
    (one) => one.name === name && one.type === type && one.integration === integration,
  );
  const run = call.world.loadFunction?.({ name, type, integration, code });
  return type === 'sync'
    ? { sync: (run as SyncFunction | undefined) ?? known?.sync }
    : { action: (run as ActionFunction | undefined) ?? known?.action };
}

/** Puts a function in the place of the one with its name, type and integration. */
function putFunction(call: Call, definition: StoredFunction): void {
  const { functions, connections } = call.environment;
  const index = functions.findIndex(
    ({ name, type, integration }) =>
      name === definition.name && type === definition.type && integration === definition.integration,
  );
  if (index < 0) functions.push(definition);
  else functions[index] = { ...definition, id: functions[index]?.id ?? definition.id };
  for (const connection of connections.values()) scheduleSyncs(call.world, call.environment, connection, true);
}

function dryRun(call: Call): Answer {
  const body = readBody(call, dryRunBody());
  readQuery(call, noQuery());
  requireIntegration(call, body.integration_id);
  requireConnection(call, body.integration_id, body.connection_id);
  requireSandbox(call);
  const { world, environment } = call;
  const started = world.clock.now();
  const created = isoTime(started);
  const job: StoredJob = {
    id: world.clock.uuid(),
    kind: 'dryrun',
    state: {
      status: 'waiting',
      integration_id: body.integration_id,
      function_type: body.function_type,
      created_at: created,
      updated_at: created,
    },
  };
  environment.jobs.set(job.id, job);
  world.background(async () => {
    job.state['status'] = 'running';
    const ended: Record<string, unknown> = {};
    try {
      const sandbox = world.sandbox;
      const result = sandbox === false ? null : await sandbox({
        code: body.code,
        type: body.function_type,
        integration: body.integration_id,
        connectionId: body.connection_id,
        input: body.input,
      });
      Object.assign(ended, { status: 'success', output: '', result: result ?? null });
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      Object.assign(ended, { status: 'failed', output: message, error: { code: 'dryrun_error', message } });
    }
    finishJob(job, started, world.clock.now(), ended);
  });
  return json({ id: job.id, status: 'waiting', created_at: created }, 202);
}

function finishJob(job: StoredJob, started: number, now: number, ended: Record<string, unknown>): void {
  const { status, ...rest } = ended;
  Object.assign(job.state, {
    status,
    updated_at: isoTime(now),
    started_at: isoTime(started),
    completed_at: isoTime(now),
    duration_ms: now - started,
    ...rest,
  });
}

function deploy(call: Call): Answer {
  const body = readBody(call, deploymentBody());
  readQuery(call, noQuery());
  requireIntegration(call, body.integration_id);
  return body.type === 'template' ? deployTemplate(call, body) : deployCode(call, body);
}

function openDeployment(call: Call, body: DeploymentInput, name: string, type: string): StoredJob {
  const created = isoTime(call.world.clock.now());
  const job: StoredJob = {
    id: call.world.clock.uuid(),
    kind: 'deployment',
    state: {
      status: 'waiting',
      integration_id: body.integration_id,
      function_name: name,
      function_type: type,
      created_at: created,
      updated_at: created,
    },
  };
  call.environment.jobs.set(job.id, job);
  return job;
}

function deployCode(call: Call, body: DeploymentInput): Answer {
  const { function_name: name = '', function_type: type = 'action', code = '', integration_id: integration } = body;
  const existing = call.environment.functions.find(
    (definition) => definition.name === name && definition.type === type && definition.integration === integration,
  );
  if (existing && existing.source !== 'standalone') {
    throw refuse(400, 'invalid_request', `Cannot overwrite existing function '${name}'`);
  }
  requireSandbox(call);
  const { world } = call;
  const started = world.clock.now();
  const job = openDeployment(call, body, name, type);
  world.background(() => {
    const version = body.version ?? '1.0.0';
    const run = runnable(call, name, type, integration, code);
    putFunction(call, deployedFunction(call, { name, type, integration, code, version, ...run }));
    finishJob(job, started, world.clock.now(), {
      status: 'success',
      deployed: true,
      deployed_functions: [{ name, version }],
      output: 'Successfully deployed',
    });
  });
  return json({ id: job.id, status: 'waiting', created_at: job.state['created_at'] }, 202);
}

function deployTemplate(call: Call, body: DeploymentInput): Answer {
  const { environment, world } = call;
  const { template = '', integration_id: integration } = body;
  const provider = environment.integrations.get(integration)?.provider ?? '';
  const found = (world.templates[provider] ?? []).filter(
    ({ name, type }) => name === template && (body.function_type === undefined || type === body.function_type),
  );
  const [offered] = found;
  if (!offered) {
    throw refuse(404, 'template_not_found', `No template named '${template}' exists for this integration`);
  }
  if (found.length > 1) {
    throw refuse(409, 'ambiguous_function', `Several templates are named '${template}': give a function_type`);
  }
  const deployed = environment.functions.some(
    ({ name, type, integration: other }) => name === template && type === offered.type && other === integration,
  );
  if (deployed) throw refuse(409, 'template_already_deployed', `The template '${template}' is already deployed`);
  if (world.sandbox === false) throw refuse(500, 'deployment_error', 'Failed to deploy the template');
  const job = openDeployment(call, body, template, offered.type);
  const now = world.clock.now();
  putFunction(
    call,
    deployedFunction(call, {
      name: template,
      type: offered.type,
      integration,
      source: 'catalog',
      description: offered.description ?? '',
      ...runnable(call, template, offered.type, integration, ''),
    }),
  );
  finishJob(job, now, now, {
    status: 'success',
    output: 'Successfully deployed',
    deployed: true,
    deployed_functions: [{ name: template, version: '1.0.0' }],
  });
  return json({ id: job.id, status: 'success', created_at: job.state['created_at'] }, 202);
}

function readJob(call: Call, kind: StoredJob['kind'], code: string, label: string): Answer {
  const { id } = readParams(call, jobParams());
  readQuery(call, noQuery());
  const job = call.environment.jobs.get(id);
  if (job?.kind !== kind) throw refuse(404, code, `${label} '${id}' was not found`);
  return json({ id, ...job.state });
}

interface FunctionName {
  integrationId: string;
  name: string;
}

/** What a bundle would change; `apply` changes it. */
function bundle(call: Call, apply: boolean): Answer {
  const body = readBody(call, bundleBody());
  readQuery(call, noQuery());
  const scope = body.reconciliationScope;
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const [index, { name, integrationId }] of body.functions.entries()) {
    const complain = (message: string, member: string): void => {
      issues.push({ code: 'custom', message, path: ['functions', String(index), member] });
    };
    if (seen.has(`${integrationId}\n${name}`)) complain('Function names must be unique in an integration', 'name');
    seen.add(`${integrationId}\n${name}`);
    if (scope.integrationId !== undefined && integrationId !== scope.integrationId) {
      complain('The function is of another integration', 'integrationId');
    }
  }
  if (issues.length > 0) throw refuse(400, 'invalid_body', undefined, { errors: issues });
  for (const { integrationId } of body.functions) {
    if (!call.environment.integrations.has(integrationId)) {
      throw refuse(400, 'integration_not_found', `Integration '${integrationId}' was not found`);
    }
  }
  const { bundle: before } = call.environment;
  const created: FunctionName[] = [];
  const updated: FunctionName[] = [];
  const unchanged: FunctionName[] = [];
  for (const definition of body.functions) {
    const reference = { integrationId: definition.integrationId, name: definition.name };
    const known = before.get(`${definition.integrationId}\n${definition.name}`);
    const list = known === undefined ? created : known === JSON.stringify(definition) ? unchanged : updated;
    list.push(reference);
  }
  const deleted = [...before.keys()]
    .filter(
      (key) => !seen.has(key) && (scope.integrationId === undefined || key.startsWith(`${scope.integrationId}\n`)),
    )
    .map((key) => {
      const [integrationId = '', name = ''] = key.split('\n');
      return { integrationId, name };
    });
  if (apply) {
    for (const { integrationId, name } of deleted) before.delete(`${integrationId}\n${name}`);
    for (const definition of body.functions) {
      before.set(`${definition.integrationId}\n${definition.name}`, JSON.stringify(definition));
    }
  }
  return json({ created, updated, unchanged, deleted });
}

/** What an invocation runs: a function of a bundle, or an action. `null` where the test gave nothing to run. */
function invoked(call: Call, name: string, integration: string): ActionFunction | null {
  const { bundle: bundles, functions } = call.environment;
  const ofBundle = bundles.get(`${integration}\n${name}`);
  if (ofBundle !== undefined) {
    const { fileBody } = JSON.parse(ofBundle) as { fileBody: { js: string } };
    return runnable(call, name, 'action', integration, fileBody.js).action ?? null;
  }
  const known = functions.filter((one) => one.name === name && one.integration === integration);
  if (known.length === 0) {
    const message = `Function '${name}' was not found for integration '${integration}'`;
    throw refuse(404, 'unknown_function', message);
  }
  const action = known.find(({ type }) => type === 'action');
  if (action?.enabled === false) throw refuse(403, 'function_disabled', `Function '${name}' is disabled`);
  return action?.action ?? null;
}

async function invoke(call: Call): Promise<Answer> {
  const body = readBody(call, invocationBody());
  readQuery(call, noQuery());
  const { world, environment } = call;
  const connection = requireConnection(call, body.integration_id, body.connection_id);
  const action = invoked(call, body.name, body.integration_id);
  if (!action || world.version === '0.71.4') throw refuse(501, 'not_implemented', 'Not implemented');
  const run = async (): Promise<Outcome> => {
    const outcome = await runAction(world, environment, connection, action, body.input);
    if (outcome.status === 200) return outcome;
    const { error } = outcome.body as { error: { message?: string; payload: unknown } };
    return {
      status: 500,
      body: { error: { code: 'function_failed', message: error.message, payload: error.payload } },
    };
  };
  if (body.invocation_type === 'wait') {
    const outcome = await run();
    return json(outcome.body, outcome.status);
  }
  const id = world.clock.uuid();
  const job: StoredJob = { id, kind: 'invocation', state: {} };
  environment.jobs.set(id, job);
  world.background(async () => {
    job.state = { outcome: await run() };
  });
  return json({ id, statusUrl: `/functions/invocations/${id}` });
}

/** What the command line sends for each function. */
const flowConfig = () =>
  object(
    {
      syncName: plainName(),
      type: codeType(),
      providerConfigKey: providerConfigKey(),
      models: array(string()),
      runs: nullable(string()),
      auto_start: optional(boolean()),
      track_deletes: optional(boolean()),
      metadata: optional(object({ description: optional(string()), scopes: optional(array(string())) }, true)),
      endpoints: optional(
        array(object({ method: string(), path: string(), group: optional(nullable(string())) }, true)),
      ),
      version: optional(string()),
      features: optional(array(string())),
      input: optional(nullable(string())),
      sync_type: optional(oneOf(['incremental', 'full'])),
      models_json_schema: optional(jsonObject()),
      webhookSubscriptions: optional(nullable(array(string()))),
      fileBody: object({ js: string(), ts: string() }),
    },
    true,
  );

const commandLineBody = () =>
  object(
    {
      flowConfigs: array(flowConfig()),
      onEventScriptsByProvider: optional(array(eventScripts())),
      reconcile: optional(boolean()),
      sdkVersion: optional(string()),
    },
    true,
  );

const eventScripts = () => object({ providerConfigKey: providerConfigKey(), scripts: array(eventScript()) }, true);

const eventScript = () =>
  object({ name: plainName(), event: string(), fileBody: object({ js: string(), ts: string() }) }, true);

function confirmation(call: Call): Answer {
  const body = readBody(call, commandLineBody());
  const { functions, connections } = call.environment;
  const connected = (key: string): number =>
    [...connections.values()].filter((connection) => connection.providerConfigKey === key).length;
  const changes: Record<string, unknown[]> = {
    newSyncs: [],
    updatedSyncs: [],
    newActions: [],
    updatedActions: [],
    deletedSyncs: [],
    deletedActions: [],
    deletedModels: [],
    newOnEventScripts: [],
    updatedOnEventScripts: [],
    deletedOnEventScripts: [],
  };
  for (const { syncName: name, type, providerConfigKey: key, auto_start: autoStart = true } of body.flowConfigs) {
    const known = functions.some((one) => one.name === name && one.type === type && one.integration === key);
    const entry = { name, providerConfigKey: key };
    const list = `${known ? 'updated' : 'new'}${type === 'sync' ? 'Syncs' : 'Actions'}`;
    changes[list]?.push(type === 'sync' ? { ...entry, connections: connected(key), auto_start: autoStart } : entry);
  }
  for (const { name, type, integration } of body.reconcile === true ? superseded(call, body.flowConfigs) : []) {
    const entry = { name, providerConfigKey: integration };
    if (type === 'sync') changes['deletedSyncs']?.push({ ...entry, connections: connected(integration) });
    if (type === 'action') changes['deletedActions']?.push(entry);
  }
  return json(changes);
}

/** The functions of earlier deployments that a new one does not name. */
function superseded(
  call: Call,
  configs: readonly { syncName: string; type: string; providerConfigKey: string }[],
): StoredFunction[] {
  return call.environment.functions.filter(
    ({ name, type, integration, source }) =>
      source === 'repo' &&
      type !== 'on-event' &&
      !configs.some((one) => one.syncName === name && one.type === type && one.providerConfigKey === integration),
  );
}

function deployFromCommandLine(call: Call): Answer {
  const body = readBody(call, commandLineBody());
  if (body.reconcile === true) {
    const gone = superseded(call, body.flowConfigs);
    call.environment.functions = call.environment.functions.filter((definition) => !gone.includes(definition));
  }
  for (const config of body.flowConfigs) {
    const { syncName: name, type, providerConfigKey: integration, fileBody } = config;
    if (!call.environment.integrations.has(integration)) {
      throw refuse(400, 'unknown_provider_config', `There is no integration ${integration}`);
    }
    putFunction(
      call,
      deployedFunction(call, {
        name,
        type,
        integration,
        source: 'repo',
        description: config.metadata?.description ?? '',
        scopes: config.metadata?.scopes ?? [],
        returns: config.models,
        input: config.input ?? undefined,
        jsonSchema: config.models_json_schema ?? null,
        version: config.version ?? null,
        endpoints: (config.endpoints ?? []).map(({ method, path, group }) => ({ method, path, group: group ?? null })),
        features: config.features ?? [],
        sdkVersion: body.sdkVersion ?? null,
        code: fileBody.ts,
        runs: config.runs,
        syncType: config.sync_type ?? 'incremental',
        autoStart: config.auto_start ?? true,
        trackDeletes: config.track_deletes ?? false,
        webhookSubscriptions: config.webhookSubscriptions ?? undefined,
        ...runnable(call, name, type, integration, fileBody.js),
      }),
    );
  }
  for (const { providerConfigKey: integration, scripts } of body.onEventScriptsByProvider ?? []) {
    for (const { name, event, fileBody } of scripts) {
      const run = runnable(call, name, 'on-event', integration, fileBody.js);
      const source = 'repo' as const;
      const code = fileBody.ts;
      putFunction(call, deployedFunction(call, { name, type: 'on-event', integration, source, event, code, ...run }));
    }
  }
  return json(
    body.flowConfigs.map(({ syncName, models, version, providerConfigKey: key, type }) => ({
      name: syncName,
      models,
      version,
      providerConfigKey: key,
      type,
    })),
  );
}

/** The operations that bring functions to the server. */
export const deploymentRoutes: readonly Route[] = [
  {
    operation: 'compileFunction',
    method: 'POST',
    path: '/functions/compile',
    auth: 'environmentKey',
    scopes: ['environment:functions:compile'],
    handle(call) {
      const { code } = readBody(call, object({ code: codeText() }));
      readQuery(call, noQuery());
      requireSandbox(call);
      if (!/\bexport\s+default\b/.test(code)) {
        throw refuse(400, 'compilation_error', 'The code has no default export');
      }
      const size = new TextEncoder().encode(code).length;
      return json({ bundle_size_bytes: size, bundled_js: code, compiled_at: isoTime(call.world.clock.now()) });
    },
  },
  {
    operation: 'createFunctionDryrun',
    method: 'POST',
    path: '/functions/dryruns',
    auth: 'environmentKey',
    scopes: ['environment:functions:dryrun'],
    handle: dryRun,
  },
  {
    operation: 'getFunctionDryrun',
    method: 'GET',
    path: '/functions/dryruns/:id',
    auth: 'environmentKey',
    scopes: ['environment:functions:dryrun'],
    handle: (call) => readJob(call, 'dryrun', 'dryrun_not_found', 'Dryrun'),
  },
  {
    operation: 'previewFunctionBundle',
    method: 'POST',
    path: '/functions/deployments/bundle/preview',
    auth: 'environmentKey',
    scopes: ['environment:deploy'],
    handle: (call) => bundle(call, false),
  },
  {
    operation: 'deployFunctionBundle',
    method: 'POST',
    path: '/functions/deployments/bundle',
    auth: 'environmentKey',
    scopes: ['environment:deploy'],
    handle: (call) => bundle(call, true),
  },
  {
    operation: 'createFunctionDeployment',
    method: 'POST',
    path: '/functions/deployments',
    auth: 'environmentKey',
    scopes: ['environment:deploy'],
    handle: deploy,
  },
  {
    operation: 'getFunctionDeployment',
    method: 'GET',
    path: '/functions/deployments/:id',
    auth: 'environmentKey',
    scopes: ['environment:deploy'],
    handle: (call) => readJob(call, 'deployment', 'deployment_not_found', 'Deployment'),
  },
  {
    operation: 'invokeFunction',
    method: 'POST',
    path: '/functions/invocations',
    auth: 'environmentKey',
    scopes: ['environment:functions:invocations'],
    handle: invoke,
  },
  {
    operation: 'getFunctionInvocation',
    method: 'GET',
    path: '/functions/invocations/:id',
    auth: 'environmentKey',
    scopes: ['environment:functions:invocations'],
    handle(call) {
      const { id } = readParams(call, jobParams());
      readQuery(call, noQuery());
      const job = call.environment.jobs.get(id);
      const outcome = job?.kind === 'invocation' ? (job.state['outcome'] as Outcome | undefined) : undefined;
      if (!outcome) throw refuse(404, 'not_found', `No invocation '${id}' found`);
      return json(outcome.body, outcome.status);
    },
  },
  {
    operation: 'confirmDeployment',
    method: 'POST',
    path: '/sync/deploy/confirmation',
    auth: 'environmentKey',
    scopes: ['environment:deploy'],
    handle: confirmation,
  },
  {
    operation: 'deploy',
    method: 'POST',
    path: '/sync/deploy',
    auth: 'environmentKey',
    scopes: ['environment:deploy'],
    handle: deployFromCommandLine,
  },
];
