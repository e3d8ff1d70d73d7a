// lib/api/deployments.ts beyond its rows: the other kind of deployment, and a bundle without functions.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, createFunctionDeployment, deployFunctionBundle } from '../../lib/mod.ts';
import type { Client } from '../../lib/mod.ts';

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

test.run();
