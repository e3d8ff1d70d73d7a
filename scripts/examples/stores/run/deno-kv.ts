// Runs the example with Deno KV, with a lease of a second.

import { consume } from '../deno-kv.ts';
import { folder, lines, main, target } from './consumer.ts';

const kv = await Deno.openKv(`${folder}/kv`);
await main(
  (client) => consume(client, kv, target, 1000),
  async () => {
    const rows = [];
    for await (
      const { value } of kv.list<Parameters<typeof lines>[0][number]>({
        prefix: ['changes'],
      })
    ) rows.push(value);
    return lines(rows);
  },
);
kv.close();
