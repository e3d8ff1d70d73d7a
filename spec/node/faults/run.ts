// The table of faults: `npm run faults` runs each kind against each kind of call, on Node's fetch and on undici, and prints
// it. faults.test.ts does the same and counts.

import { pathToFileURL } from 'node:url';
import { apiKey } from '../../support/support.ts';
import { callNames, fetches, outcome, shown } from './calls.ts';
import { kinds } from './kinds.ts';
import type { Call, Kind } from './kinds.ts';
import { closedPort, serve } from './server.ts';

/** How a call ended, and how it must. */
export interface Cell {
  kind: string;
  call: Call;
  on: string;
  expected: string;
  actual: string;
}

/** Runs all calls against a kind of fault. */
export async function runKind({ answer, timeout = 15_000, name, ends }: Kind): Promise<Cell[]> {
  const server = typeof answer === 'string' ? undefined : await serve(answer);
  const host = server?.host ?? (answer as string).replace('CLOSED', `${await closedPort()}`);
  try {
    return await Promise.all(
      Object.entries(fetches).flatMap(([on, fetch]) =>
        // The class makes its own fetch.
        callNames.filter((call) => on === 'fetch' || call !== 'class').map(async (call): Promise<Cell> => {
          const expected =
            (on === 'undici' && (ends[`${call} on undici`] ?? (ends[call] ? undefined : ends['json on undici']))) ||
            (ends[call] ?? ends.json);
          return {
            kind: name,
            call,
            on,
            expected,
            actual: await outcome(call, fetch, host, timeout, !expected.includes('wait_timeout')),
          };
        })
      ),
    );
  } finally {
    await server?.close();
  }
}

/** Whether a key was shown by any error, its causes and stacks included. */
export const keysShown = (): number => shown.filter((text) => text.includes(apiKey)).length;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  let failed = 0;
  let passed = 0;
  for (const kind of kinds) {
    const cells = await runKind(kind);
    const wrong = cells.filter(({ expected, actual }) => expected !== actual);
    passed += cells.length - wrong.length;
    failed += wrong.length;
    console.log(`${wrong.length ? 'FAIL' : 'ok  '} ${kind.name.padEnd(36)} ${kind.ends.json}`);
    for (const { call, on, expected, actual } of wrong) {
      console.log(`       ${call} on ${on}: ${actual}, not ${expected}`);
    }
  }
  const leaks = keysShown();
  console.log(`${kinds.length} kinds of faults, ${callNames.length} kinds of calls, keys shown: ${leaks}`);
  console.log(`${passed} passed, ${failed + leaks} failed`);
  process.exit(failed + leaks ? 1 : 0);
}
