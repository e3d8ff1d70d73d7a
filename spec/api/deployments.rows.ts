// The rows of lib/api/deployments.ts.

import {
  compileFunction,
  createFunctionDeployment,
  createFunctionDryrun,
  deployFunctionBundle,
  getFunctionDeployment,
  getFunctionDryrun,
  getFunctionInvocation,
  invokeFunction,
  previewFunctionBundle,
} from '../../lib/mod.ts';
import type { CreateFunctionDryrunInput, DeployCodeInput, FunctionBundle, InvokeFunctionInput } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const id = '35f461d4-e681-4957-ab14-c0ae1609431d';
const code = "import { createAction } from 'nango';\n\nexport default createAction({});\n";
const created_at = '2026-01-02T03:04:05.678Z';
const dryrun: CreateFunctionDryrunInput = {
  integration_id: 'my key:v1.0@x ~a',
  connection_id: 'org/team 1',
  function_type: 'sync',
  code,
  input: { title: 'A' },
  metadata: { region: 'eu' },
  checkpoint: { page: 2 },
  last_sync_date: created_at,
};
const deployment: DeployCodeInput = {
  type: 'function',
  integration_id: 'github',
  function_name: 'create-issue',
  function_type: 'action',
  code,
  version: '1.0.0',
  allow_destructive: true,
};
const bundle: FunctionBundle = {
  reconciliationScope: { kind: 'integration', integrationId: 'github' },
  functions: [
    {
      name: 'issues',
      integrationId: 'github',
      description: 'Issues',
      trigger: { kind: 'http', subscriptions: ['issue.*'], debounce: { windowMs: 500, keyBy: { body: 'id' } } },
      requires: {},
      capabilities: {
        usesRecords: true,
        usesOutbound: true,
        usesCheckpoints: false,
        usesMetadata: false,
        usesInvoke: false,
      },
      limits: { concurrency: { perConnection: 1 } },
      input_schema_ref: null,
      output_schema_ref: null,
      model_schema_refs: ['#/definitions/Issue'],
      metadata_schema_ref: null,
      checkpoint_schema_ref: null,
      json_schema: { definitions: { Issue: { type: 'object' } } },
      fileBody: { js: 'module.exports = {};', ts: code },
    },
  ],
};
const changes = { created: [{ integrationId: 'github', name: 'issues' }], updated: [], unchanged: [], deleted: [] };
const invocation: InvokeFunctionInput & { invocation_type: 'wait' } = {
  integration_id: 'github',
  connection_id: 'org/team 1',
  name: 'create-issue',
  invocation_type: 'wait',
  input: 0,
  options: { retries: 1 },
};
const refusedBundle = {
  status: 400,
  reason: 'invalid_body',
  body: {
    error: {
      code: 'invalid_body',
      errors: [{ code: 'invalid_union', message: 'Invalid input', path: ['reconciliationScope', 'kind'] }],
    },
  },
};
const unavailable = {
  status: 500,
  reason: 'server_error',
  body: { error: { code: 'server_error', message: 'Failed to initialize the function execution environment' } },
};

export const rows: Row[] = [
  {
    name: 'compileFunction',
    call: (client, options) => compileFunction(client, { code }, options),
    request: { method: 'POST', target: '/functions/compile', body: { code } },
    answer: {
      status: 200,
      body: { bundle_size_bytes: 20, bundled_js: 'module.exports = {};', compiled_at: created_at },
    },
    bad: { code: (client) => compileFunction(client, {} as never) },
    error: unavailable,
  },
  {
    name: 'createFunctionDryrun',
    call: (client, options) => createFunctionDryrun(client, dryrun, options),
    request: { method: 'POST', target: '/functions/dryruns', body: dryrun },
    answer: { status: 202, body: { id, status: 'waiting', created_at } },
    bad: {
      function_type: (client) => createFunctionDryrun(client, { ...dryrun, function_type: undefined } as never),
      code: (client) => createFunctionDryrun(client, { ...dryrun, code: undefined } as never),
    },
    error: {
      status: 404,
      reason: 'connection_not_found',
      body: { error: { code: 'connection_not_found', message: "Connection 'org/team 1' was not found" } },
    },
  },
  {
    name: 'getFunctionDryrun',
    call: (client, options) => getFunctionDryrun(client, { id }, options),
    request: { method: 'GET', target: `/functions/dryruns/${id}` },
    answer: {
      status: 200,
      body: {
        id,
        status: 'success',
        integration_id: 'github',
        function_type: 'action',
        created_at,
        updated_at: created_at,
        started_at: created_at,
        completed_at: created_at,
        duration_ms: 1234,
        output: 'log line',
        result: { ok: true },
      },
    },
    bad: { id: (client) => getFunctionDryrun(client, { id: '.' }) },
    error: {
      status: 404,
      reason: 'dryrun_not_found',
      body: { error: { code: 'dryrun_not_found', message: `Dryrun '${id}' was not found` } },
    },
  },
  {
    name: 'createFunctionDeployment',
    call: (client, options) => createFunctionDeployment(client, deployment, options),
    request: { method: 'POST', target: '/functions/deployments', body: deployment },
    answer: { status: 202, body: { id, status: 'waiting', created_at } },
    bad: {
      type: (client) => createFunctionDeployment(client, { ...deployment, type: undefined } as never),
      template: (client) => createFunctionDeployment(client, { type: 'template', integration_id: 'a' } as never),
    },
    error: {
      status: 400,
      reason: 'invalid_request',
      body: { error: { code: 'invalid_request', message: "Cannot overwrite existing function 'create-issue'" } },
    },
  },
  {
    name: 'getFunctionDeployment',
    call: (client, options) => getFunctionDeployment(client, { id }, options),
    request: { method: 'GET', target: `/functions/deployments/${id}` },
    answer: {
      status: 200,
      body: {
        id,
        status: 'failed',
        integration_id: 'github',
        function_name: 'create-issue',
        function_type: 'action',
        created_at,
        updated_at: created_at,
        error: { code: 'compilation_error', message: 'It does not compile' },
      },
    },
    bad: { id: (client) => getFunctionDeployment(client, { id: '' }) },
    error: {
      status: 404,
      reason: 'deployment_not_found',
      body: { error: { code: 'deployment_not_found', message: `Deployment '${id}' was not found` } },
    },
  },
  {
    name: 'previewFunctionBundle',
    call: (client, options) => previewFunctionBundle(client, bundle, options),
    request: { method: 'POST', target: '/functions/deployments/bundle/preview', body: bundle },
    answer: { status: 200, body: changes },
    bad: {
      reconciliationScope: (client) => previewFunctionBundle(client, { functions: [] } as never),
    },
    error: refusedBundle,
  },
  {
    name: 'deployFunctionBundle',
    call: (client, options) => deployFunctionBundle(client, bundle, options),
    request: { method: 'POST', target: '/functions/deployments/bundle', body: bundle },
    answer: { status: 200, body: changes },
    bad: {
      functions: (client) => deployFunctionBundle(client, { ...bundle, functions: undefined as never }),
    },
    error: refusedBundle,
  },
  {
    name: 'invokeFunction',
    call: (client, options) => invokeFunction(client, invocation, options),
    request: { method: 'POST', target: '/functions/invocations', body: invocation },
    answer: { status: 200, body: { ok: true } },
    bad: {
      invocation_type: (client) => invokeFunction(client, { ...invocation, invocation_type: undefined as never }),
    },
    error: {
      status: 501,
      reason: 'not_implemented',
      body: { error: { code: 'not_implemented', message: 'Function invocation is not implemented' } },
    },
  },
  {
    name: 'getFunctionInvocation',
    call: (client, options) => getFunctionInvocation(client, { id }, options),
    request: { method: 'GET', target: `/functions/invocations/${id}` },
    answer: { status: 200, body: ['any', 'JSON'] },
    bad: { id: (client) => getFunctionInvocation(client, {} as never) },
    error: { status: 404, reason: 'not_found', body: { error: { code: 'not_found', message: 'Not found' } } },
  },
];
