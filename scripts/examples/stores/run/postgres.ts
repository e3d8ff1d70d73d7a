// Runs the example with PostgreSQL.

import postgres from 'postgres';
import { consume } from '../postgres.ts';
import { engine, lines, main, target } from './consumer.ts';

const sql = postgres({
  path: engine,
  user: 'nango',
  database: 'postgres',
  onnotice: () => {},
});
await main(
  (client) => consume(client, sql, target),
  async () => lines((await sql`select record from changes`).map((row) => row['record'])),
);
await sql.end();
