// Cursors in Redis. Promises at least once: rows live elsewhere, so a page may come again after a crash.

import { randomUUID } from 'node:crypto';
import { consumeRecords } from 'nango-fetch';
import type { Client, ConsumeRecordsInput, RecordsOfModel } from 'nango-fetch';
import type { createClient } from 'redis';

// Scripts are atomic: only who holds the lease moves the cursor, and each page renews the lease.
const move = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[2], ARGV[2])
  return redis.call('pexpire', KEYS[1], ARGV[3])`;
const release = `return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1])`;

/** Consumes a model unless another process does, which gives false. A page must take less than `ttl` milliseconds. */
export async function consume(
  client: Client,
  redis: ReturnType<typeof createClient>,
  target: RecordsOfModel,
  handle: ConsumeRecordsInput['handle'],
  ttl = 30_000,
): Promise<boolean> {
  const lease = `lease/${target.providerConfigKey}/${target.connectionId}/${target.model}`;
  const owner = randomUUID();
  if (!(await redis.set(lease, owner, { condition: 'NX', expiration: { type: 'PX', value: ttl } }))) return false;
  try {
    const get = (key: string): Promise<string | null> => redis.get(key);
    const set = async (key: string, cursor: string): Promise<void> => {
      const moved = await redis.eval(move, {
        keys: [lease, key],
        arguments: [owner, cursor, `${ttl}`],
      });
      if (!moved) throw new Error('another consumer has taken over');
    };
    await consumeRecords(client, { ...target, store: { get, set }, handle });
    return true;
  } finally {
    await redis.eval(release, { keys: [lease], arguments: [owner] });
  }
}
