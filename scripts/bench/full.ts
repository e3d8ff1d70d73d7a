// The whole benchmark: what is measured on which runtime, within a time that it never exceeds by more than one race.

import { hasUndici, importable } from './section13.ts';
import { type Entry, type Race, run, runImports, type Runtime, type Standing } from './measure.ts';

/** A race that was run. */
export interface Result {
  runtime: string;
  kind: 'calls' | 'records' | 'memory' | 'webhooks';
  title: string;
  standings: Standing[];
}

/** What the imports of a runtime took, in milliseconds over a bare process. */
export interface ImportResult {
  runtime: string;
  imports: { name: string; ms: number }[];
}

type Planned = Pick<Result, 'kind'> & { runtime: Runtime; race: Race };

const entry = (name: string): Entry => ({ name, task: { contestant: name } });
const iterate: Entry = {
  name: 'iterateRecords',
  task: { contestant: 'nango-fetch', do: 'records' },
};
const stream: Entry = {
  name: 'streamRecords',
  task: { contestant: 'nango-fetch', do: 'stream' },
};
const handStream: Entry = {
  name: 'fetch to NDJSON',
  task: { contestant: 'fetch', do: 'stream' },
};

/** All clients that a runtime has: undici is Node's alone. */
export function clients(runtime: Runtime): Entry[] {
  const onNode = runtime.name.startsWith('Node');
  const names = [
    'fetch',
    'nango-fetch',
    'hand-written',
    '@nangohq/node',
    'axios',
    'ky',
    'ofetch',
    'wretch',
  ];
  if (onNode) names.push('undici.request');
  if (onNode && hasUndici()) names.push('nango-fetch/undici');
  return names.map(entry);
}

const pages = (limit: number): string => `pages of ${limit.toLocaleString('en')}`;

function calls(runtime: Runtime, seconds: number): Planned[] {
  return [700, 70_000].flatMap((bytes) =>
    [1, 50].map((inFlight) => ({
      kind: 'calls' as const,
      runtime,
      race: {
        title: `one call, ${bytes / 1000} KB, ${inFlight === 1 ? 'one at a time' : `${inFlight} in flight`}`,
        task: {
          do: 'call' as const,
          host: `${bytes}`,
          inFlight,
          count: bytes > 10_000 ? 100 : inFlight > 1 ? 400 : 200,
        },
        entries: clients(runtime),
        rounds: 31,
        seconds,
      },
    }))
  );
}

function reading(
  runtime: Runtime,
  count: number,
  limit: number,
  delay: number,
  entries: Entry[],
  rounds: number,
): Planned {
  const where = delay ? `${delay} ms away` : 'loopback';
  return {
    kind: 'records',
    runtime,
    race: {
      title: `${count.toLocaleString('en')} records, ${pages(limit)}, ${where}`,
      task: { do: 'pages', host: `${count}/${delay}`, limit },
      entries,
      rounds,
      seconds: delay ? 20 : 45,
    },
  };
}

function memory(
  runtime: Runtime,
  count: number,
  limit: number,
  entries: Entry[],
): Planned {
  return {
    kind: 'memory',
    runtime,
    race: {
      title: `${count.toLocaleString('en')} records, ${pages(limit)}, from the start of the process`,
      task: { do: 'pages', host: `${count}/0`, limit },
      entries,
      rounds: 2,
      seconds: 0,
      fresh: true,
    },
  };
}

function webhooks(runtime: Runtime): Planned[] {
  return [1000, 10_000, 1_000_000].map((bytes) => ({
    kind: 'webhooks',
    runtime,
    race: {
      title: `a webhook of ${bytes < 1_000_000 ? `${bytes / 1000} KB` : '1 MB'}`,
      task: { do: 'verify', bytes, count: bytes > 100_000 ? 20 : 1000 },
      entries: ['subtle.verify', 'nango-fetch', '@nangohq/node', 'node:crypto']
        .map(entry),
      rounds: 11,
      seconds: 4,
    },
  }));
}

/** What is measured, what matters most first. The first runtime has everything, the others what may differ there. */
function plan([first, ...others]: readonly Runtime[]): Planned[] {
  const main = first!;
  const some = ['fetch', 'nango-fetch', '@nangohq/node', 'axios'].map(entry);
  const readers = [...some, iterate, stream];
  return [
    ...calls(main, 12),
    ...[100, 1000, 10_000].map((limit) =>
      reading(main, 100_000, limit, 0, [
        ...clients(main),
        iterate,
        stream,
        handStream,
      ], 3)
    ),
    ...[20, 60].flatMap((delay) =>
      [[3000, 100], [20_000, 1000], [100_000, 10_000]].map(([count, limit]) =>
        reading(main, count!, limit!, delay, some, 3)
      )
    ),
    ...[1000, 10_000].map((limit) => memory(main, 100_000, limit, [...readers, entry('ky'), entry('ofetch')])),
    ...webhooks(main),
    ...others.flatMap((runtime) => [
      ...calls(runtime, 5),
      ...[1000, 10_000].map((limit) => reading(runtime, 100_000, limit, 0, readers, 2)),
      reading(runtime, 100_000, 10_000, 60, some.slice(0, 3), 2),
      ...webhooks(runtime).slice(0, 2),
    ]),
    ...[10_000, 1000, 100].map((limit) => memory(main, 1_000_000, limit, [...some.slice(0, 3), stream])),
  ];
}

/** Measures everything. After `minutes` what is left is skipped, and told. */
export async function full(
  runtimes: readonly Runtime[],
  server: string,
  minutes: number,
  tell: (result: Result) => void,
): Promise<{ results: Result[]; imports: ImportResult[]; skipped: string[] }> {
  const begin = performance.now();
  const results: Result[] = [];
  const skipped: string[] = [];
  const imports = runtimes.map((runtime) => {
    const list = importable().filter(({ name }) => name !== 'undici' || runtime.name.startsWith('Node'));
    return {
      runtime: runtime.name,
      imports: runImports(runtime, list, 15, 9).slice(1),
    };
  });
  for (const { kind, runtime, race } of plan(runtimes)) {
    if (performance.now() - begin > minutes * 60_000) {
      skipped.push(`${runtime.name}: ${race.title}`);
      continue;
    }
    const result = {
      runtime: runtime.name,
      kind,
      title: race.title,
      standings: await run(race, runtime, server),
    };
    results.push(result);
    tell(result);
  }
  return { results, imports, skipped };
}
