// A worker with cursors in Redis, and rows in a file of its own.

import { appendFileSync } from 'node:fs';
import { createClient } from 'redis';
import { consume } from '../../stores/redis.ts';
import { work } from '../work.ts';
import type { Handle } from '../work.ts';

const { REDIS = '', ROWS = '' } = process.env;
const redis = createClient({ socket: { path: REDIS, tls: false } });
await redis.connect();
const handle: Handle = (changes) =>
  appendFileSync(
    `${ROWS}/${process.pid}`,
    Object.values(changes).flat().map(({ id, _nango_metadata }) => `${id} ${_nango_metadata.cursor}\n`).join(''),
  );
work((target, client) => consume(client, redis as never, target, handle, 3000));
console.log('ready');
