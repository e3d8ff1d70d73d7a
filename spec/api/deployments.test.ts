// lib/api/deployments.ts beyond its rows: the other kind of deployment, a bundle without functions, and the emulator.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compileFunction,
  createClient,
  createFunctionDeployment,
  createFunctionDryrun,
  deployFunctionBundle,
  getFunctionDeployment,
  getFunctionDryrun,
  previewFunctionBundle,
} from '../../lib/mod.ts';
import type { Client, FunctionBundle } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';

/** Creates a client that accepts everything and notes the bodies. */
function accepting(): { client: Client; bodies: unknown[] } {
  const bodies: unknown[] = [];
  const client = createClient({
    apiKey: '3f2b8c14-7d56-4e0a-9b1f-6c8a2d4e5f70',
    fetch: async (_, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return new Response('{}', { status: 202 });
    },
  });
  return { client, bodies };
}

test('createFunctionDeployment deploys a template, which has neither name nor code', async () => {
  const { client, bodies } = accepting();
  const template = {
    type: 'template',
    integration_id: 'airtable',
    template: 'whoami',
    function_type: 'action',
  } as const;
  await createFunctionDeployment(client, template);
  assert.equal(bodies, [template]);
});

test('deployFunctionBundle sends a bundle without functions, which deletes all of the scope', async () => {
  const { client, bodies } = accepting();
  await deployFunctionBundle(client, { reconciliationScope: { kind: 'environment' }, functions: [] });
  assert.equal(bodies, [{ reconciliationScope: { kind: 'environment' }, functions: [] }]);
});

test('source is compiled, tried out and deployed, and each job tells how it went', async () => {
  const emulator = createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'open' }],
    connections: [{ provider_config_key: 'open', connection_id: 'org/team 1' }],
    sandbox: () => ({ tried: true }),
  });
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const code = 'export default createAction({});\n';
  assert.type((await compileFunction(client, { code })).bundled_js, 'string');

  const run = { integration_id: 'open', connection_id: 'org/team 1', function_type: 'action', code } as const;
  const { id: dryrun } = await createFunctionDryrun(client, run);
  await emulator.settled();
  const { status, result } = await getFunctionDryrun<{ tried: boolean }>(client, { id: dryrun });
  assert.equal({ status, result }, { status: 'success', result: { tried: true } });

  const target = { integration_id: 'open', function_name: 'try', function_type: 'action', code } as const;
  const { id: deployment } = await createFunctionDeployment(client, { type: 'function', ...target });
  await emulator.settled();
  const deployed = await getFunctionDeployment(client, { id: deployment });
  assert.equal([deployed.status, deployed.function_name, deployed.deployed], ['success', 'try', true]);
});

test('a bundle changes what its preview says', async () => {
  const emulator = createEmulator({ integrations: [{ provider: 'unauthenticated', unique_key: 'open' }] });
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const bundle: FunctionBundle = {
    reconciliationScope: { kind: 'integration', integrationId: 'open' },
    functions: [
      {
        name: 'bundled',
        integrationId: 'open',
        description: 'Bundled',
        trigger: { kind: 'http' },
        requires: {},
        capabilities: {
          usesRecords: false,
          usesOutbound: true,
          usesCheckpoints: false,
          usesMetadata: false,
          usesInvoke: false,
        },
        limits: {},
        input_schema_ref: null,
        output_schema_ref: null,
        model_schema_refs: [],
        metadata_schema_ref: null,
        checkpoint_schema_ref: null,
        json_schema: { definitions: {} },
        fileBody: { js: 'module.exports = {};', ts: '//' },
      },
    ],
  };
  const bundled = { integrationId: 'open', name: 'bundled' };
  const created = { created: [bundled], updated: [], unchanged: [], deleted: [] };
  assert.equal(await previewFunctionBundle(client, bundle), created);
  assert.equal(await deployFunctionBundle(client, bundle), created);
  assert.equal((await previewFunctionBundle(client, bundle)).unchanged, [bundled]);
  assert.equal((await deployFunctionBundle(client, { ...bundle, functions: [] })).deleted, [bundled]);
});

test.run();
