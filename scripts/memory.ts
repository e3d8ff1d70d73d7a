// Measures what the emulator needs: 100,000 records are seeded and read through it, in less than 200 MB.

import { createEmulator } from '../lib/testing/mod.ts';

const count = 100_000;
const budget = 200;

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);
const before = process.memoryUsage().rss;
let peak = before;
const look = (): void => {
  peak = Math.max(peak, process.memoryUsage().rss);
};

const emulator = createEmulator({
  integrations: [{ provider: 'github', unique_key: 'github' }],
  connections: [{ provider_config_key: 'github', connection_id: 'c1' }],
});

function* records() {
  for (let index = 0; index < count; index += 1) {
    yield {
      id: index,
      title: `Issue ${index}`,
      state: 'open',
      labels: ['a', 'b'],
      author: { login: `user-${index % 100}` },
    };
  }
}

const started = performance.now();
emulator.saveRecords({ providerConfigKey: 'github', connectionId: 'c1', model: 'Issue' }, records());
look();
const seeded = performance.now();

let read = 0;
let cursor = '';
do {
  const url = `${emulator.host}/records?model=Issue&limit=1000${
    cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
  }`;
  const response = await emulator.fetch(url, {
    headers: { authorization: `Bearer ${emulator.apiKey}`, 'provider-config-key': 'github', 'connection-id': 'c1' },
  });
  const page = (await response.json()) as { records: unknown[]; next_cursor: string | null };
  read += page.records.length;
  cursor = page.next_cursor ?? '';
  look();
} while (cursor !== '');

const ended = performance.now();
console.log(
  `${read} records seeded in ${Math.round(seeded - started)} ms and read in ${Math.round(ended - seeded)} ms`,
);
console.log(`memory: ${megabytes(peak)} MB at most, of which ${megabytes(before)} MB were there before`);
if (read !== count || megabytes(peak) > budget) {
  console.error(`The emulator must hold ${count} records in ${budget} MB`);
  process.exitCode = 1;
}
