// What the processes that consume have in common: they run a key until it has been read to its end, however often another
// process has it, and they tell the records that the store has.

import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { createClient } from 'nango-fetch';
import type { Client, ConsumeRecordsInput, RecordsOfModel } from 'nango-fetch';

const [mode, host = '', apiKey = '', folder = '', engine = ''] = process.argv
  .slice(2);

/** Where the store keeps what it has. */
export { engine, folder };

/** What is consumed, in pages of 100 so that a run has many of them. */
export const target: RecordsOfModel = Object.assign(
  { providerConfigKey: 'shop', connectionId: 'c-1', model: 'Widget' },
  { limit: 100 },
);

/** Names records with their place in the order of changes, one a line. */
export const lines = (
  records: readonly { id: string; _nango_metadata: { cursor: string } }[],
): string =>
  records.map(({ id, _nango_metadata }) => `${id} ${_nango_metadata.cursor}\n`)
    .join('');

/** Keeps rows in a file that grows, for stores that have cursors only. */
export const handle: ConsumeRecordsInput['handle'] = (changes) =>
  appendFileSync(`${folder}/rows`, lines(Object.values(changes).flat()));

/** Consumes, or prints the rows. */
export async function main(
  consume: (client: Client) => Promise<boolean>,
  rows: () => string | Promise<string>,
): Promise<void> {
  if (mode === 'rows') return void process.stdout.write(await rows());
  const client = createClient({
    apiKey,
    host,
    headers: { 'x-consumer': `${process.pid}` },
  });
  await (await fetch(`${host}/ready`)).text();
  // Bounded, so that none stays behind where the check is gone.
  for (let attempt = 0; attempt < 1000; attempt++) {
    try {
      if (await consume(client)) return;
    } catch (error) {
      console.error(
        `${process.pid}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the key stays taken');
}
