// A worker with cursors and rows in PostgreSQL.

import postgres from 'postgres';
import { consume } from '../../stores/postgres.ts';
import { work } from '../work.ts';

const sql = postgres({ path: process.env['POSTGRES']!, user: 'nango', database: 'postgres', max: 10 });
work((target, client) => consume(client, sql, target));
console.log('ready');
