// Runs the example with Redis, with a lease of a second.

import { readFileSync } from 'node:fs';
import { createClient } from 'redis';
import { consume } from '../redis.ts';
import { engine, folder, handle, main, target } from './consumer.ts';

const redis = createClient({ socket: { path: engine, tls: false } });
await redis.connect();
await main(
  (client) => consume(client, redis as never, target, handle, 1000),
  () => readFileSync(`${folder}/rows`, 'utf8'),
);
redis.destroy();
