// lib/api/environments.ts beyond its rows: environments by number, as servers up to 0.71.4 know them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, deleteEnvironment } from '../../lib/mod.ts';

test('deleteEnvironment takes the number that older servers know an environment by', async () => {
  const targets: string[] = [];
  const client = createClient({
    apiKey: '3f2b8c14-7d56-4e0a-9b1f-6c8a2d4e5f70',
    fetch: async (input, init) => {
      targets.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return new Response(null, { status: 204 });
    },
  });
  assert.is(await deleteEnvironment(client, { environmentUuid: 3 }), undefined);
  assert.equal(targets, ['DELETE /environments/3']);
});

test.run();
