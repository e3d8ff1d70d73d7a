// Cursors in PostgreSQL, beside the rows. Promises exactly once: both are committed together, or neither is.
//
//   create table cursors (key text primary key, cursor text not null);
//   create table changes (number bigserial primary key, record jsonb not null);

import { consumeRecords } from 'nango-fetch';
import type { Client, RecordsOfModel } from 'nango-fetch';
import type { JSONValue, Sql } from 'postgres';

/** Consumes a model unless another process does, which gives false. */
export async function consume(client: Client, sql: Sql, target: RecordsOfModel): Promise<boolean> {
  const name = JSON.stringify([target.providerConfigKey, target.connectionId, target.model]);
  // An advisory lock belongs to its connection, and so do the transactions: one that has lost the lock commits nothing.
  const own = await sql.reserve();
  const [lock] = await own`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
  try {
    if (!lock?.['taken']) return false;
    await consumeRecords(client, {
      ...target,
      store: {
        get: async (key) => (await own`select cursor from cursors where key = ${key}`)[0]?.['cursor'],
        // `handle` has kept the cursor already.
        set: () => {},
      },
      // One statement is one transaction.
      handle: (changes, { key, cursor }) =>
        own`
          with moved as (
            insert into cursors values (${key}, ${cursor}) on conflict (key) do update set cursor = excluded.cursor)
          insert into changes (record)
            select * from jsonb_array_elements(${sql.json(Object.values(changes).flat() as JSONValue)})`,
    });
    return true;
  } finally {
    if (lock?.['taken']) await own`select pg_advisory_unlock(hashtextextended(${name}, 0))`;
    own.release();
  }
}
