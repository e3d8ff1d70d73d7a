// Runs the example with SQLite.

import { Database } from 'bun:sqlite';
import { consume } from '../sqlite-bun.ts';
import { folder, lines, main, target } from './consumer.ts';

const path = `${folder}/database`;
const database = new Database(path);
database.exec('pragma busy_timeout = 5000');
database.exec('pragma journal_mode = wal');
database.exec(
  'create table if not exists cursors (key text primary key, cursor text not null)',
);
database.exec('create table if not exists changes (record text not null)');
await main(
  (client) => consume(client, path, target),
  () =>
    lines(
      (database.prepare('select record from changes').all() as {
        record: string;
      }[]).map(({ record }) => JSON.parse(record)),
    ),
);
