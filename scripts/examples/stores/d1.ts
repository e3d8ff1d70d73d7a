// Cursors in D1, beside the rows. Promises exactly once: a batch is one transaction.
//
//   create table consumers (key text primary key, cursor text not null default '', owner text, until integer);
//   create table changes (record text not null);

import { consumeRecords } from 'nango-fetch';
import type { Client, RecordsOfModel } from 'nango-fetch';

/** Consumes a model unless another Worker does, which gives false. A page must take less than `ttl` milliseconds. */
export async function consume(client: Client, db: D1Database, target: RecordsOfModel, ttl = 30_000): Promise<boolean> {
  const owner = crypto.randomUUID();
  const name = JSON.stringify([target.providerConfigKey, target.connectionId, target.model]);
  const taken = await db.prepare(
    `insert into consumers (key, owner, until) values (?1, ?2, ?3 + ?4)
     on conflict (key) do update set owner = ?2, until = ?3 + ?4 where until < ?3 returning cursor`,
  ).bind(name, owner, Date.now(), ttl).first<{ cursor: string }>();
  if (!taken) return false;
  // Whoever has lost the lease sets the cursor to null, which the table refuses, and with it the rows.
  const move = db.prepare('update consumers set cursor = iif(owner = ?1, ?2, null), until = ?3 where key = ?4');
  const insert = db.prepare('insert into changes select value from json_each(?)');
  await consumeRecords(client, {
    ...target,
    // `handle` keeps the cursor.
    store: { get: () => taken.cursor || null, set: () => {} },
    handle: (changes, { cursor }) =>
      db.batch([
        insert.bind(JSON.stringify(Object.values(changes).flat())),
        move.bind(owner, cursor, Date.now() + ttl, name),
      ]),
  });
  await db.prepare('update consumers set until = 0 where key = ? and owner = ?')
    .bind(name, owner).run();
  return true;
}
