// Cursors in SQLite, beside the rows. Promises exactly once: both are committed together, or neither is.
//
//   create table cursors (key text primary key, cursor text not null);
//   create table changes (record text not null);

import { Database } from 'bun:sqlite';
import { consumeRecords } from 'nango-fetch';
import type { Client, ConsumeProgress, RecordChanges, RecordsOfModel } from 'nango-fetch';

/** Consumes a model unless another process does, which gives false. */
export async function consume(client: Client, path: string, target: RecordsOfModel): Promise<boolean> {
  // A database that nobody else may open is the lock: the system takes it from a process that dies.
  const name = JSON.stringify([target.providerConfigKey, target.connectionId, target.model]);
  const lock = new Database(`${path}.${name.replaceAll(/[^\w-]+/g, '.')}.lock`);
  const database = new Database(path);
  try {
    lock.exec('begin exclusive');
    database.exec('pragma busy_timeout = 5000');
    const find = database.prepare('select cursor from cursors where key = ?');
    const move = database.prepare('replace into cursors values (?, ?)');
    const insert = database.prepare('insert into changes select value from json_each(?)');
    const get = (key: string): string | undefined => (find.get(key) as { cursor: string } | undefined)?.cursor;
    const handle = (changes: RecordChanges, { key, cursor }: ConsumeProgress): void => {
      database.exec('begin immediate');
      insert.run(JSON.stringify(Object.values(changes).flat()));
      move.run(key, cursor);
      database.exec('commit');
    };
    // `handle` keeps the cursor.
    await consumeRecords(client, { ...target, store: { get, set: () => {} }, handle });
    return true;
  } catch (error) {
    if ((error as { errno?: number }).errno === 5) return false;
    throw error;
  } finally {
    for (const each of [lock, database]) each.close();
  }
}
