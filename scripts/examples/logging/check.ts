// Runs the logging example against the emulator, with a fault to retry.

import { createClient, listConnections } from 'nango-fetch';
import { createEmulator } from 'nango-fetch/testing';
import { check, conclude, expect } from '../../checks.ts';
import { loggedFetch } from './logging.ts';

await check(
  'a line tells of the retry, another of the answer, and none of the key',
  async () => {
    const emulator = createEmulator();
    emulator.fail({ operation: 'listConnections', status: 502, times: 1 });
    const lines: string[] = [];
    const fetch = loggedFetch((line) => lines.push(line), emulator.fetch);
    await listConnections(
      createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch }),
    );
    console.log(lines.join('\n'));
    expect(
      /^GET \/connections attempt 1: 502, trying again in \d+ ms$/.test(
        lines[0]!,
      ),
      lines[0]!,
    );
    expect(
      /^GET \/connections 200 in \d+ ms, attempt 2$/.test(lines[1]!),
      lines[1]!,
    );
    expect(
      lines.length === 2 && !lines.join().includes(emulator.apiKey),
      lines.join(),
    );
  },
);
conclude();
