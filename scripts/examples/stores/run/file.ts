// Runs the example with files.

import { readFileSync } from 'node:fs';
import { consume } from '../file.ts';
import { folder, handle, main, target } from './consumer.ts';

await main(
  (client) => consume(client, `${folder}/cursors`, target, handle),
  () => readFileSync(`${folder}/rows`, 'utf8'),
);
