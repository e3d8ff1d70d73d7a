// Cursors in Deno KV, beside the rows. Promises exactly once: both are written in one operation, or neither is.

import { consumeRecords } from 'nango-fetch';
import type { Client, RecordsOfModel } from 'nango-fetch';

/** Consumes a model unless another process does, which gives false. A page must take less than `ttl` milliseconds. */
export async function consume(client: Client, kv: Deno.Kv, target: RecordsOfModel, ttl = 30_000): Promise<boolean> {
  const lease = ['lease', target.providerConfigKey, target.connectionId, target.model];
  const held = await kv.get<number>(lease);
  if (held.value && held.value > Date.now()) return false;
  const taken = await kv.atomic().check(held).set(lease, Date.now() + ttl)
    .commit();
  if (!taken.ok) return false;
  let { versionstamp } = taken;
  await consumeRecords(client, {
    ...target,
    // An operation takes 1,000 changes and 800 KB.
    limit: 200,
    store: {
      get: async (key) => (await kv.get<string>(['cursor', key])).value,
      // `handle` has kept the cursor already.
      set: () => {},
    },
    handle: async (changes, { key, cursor }) => {
      // Who has lost the lease fails the check, and writes nothing.
      const operation = kv.atomic().check({ key: lease, versionstamp });
      for (const record of Object.values(changes).flat()) {
        operation.set(['changes', record.id, record._nango_metadata.cursor, crypto.randomUUID()], record);
      }
      const moved = await operation.set(lease, Date.now() + ttl).set(['cursor', key], cursor).commit();
      if (!moved.ok) throw new Error('another consumer has taken over');
      versionstamp = moved.versionstamp;
    },
  });
  await kv.atomic().check({ key: lease, versionstamp }).delete(lease).commit();
  return true;
}
