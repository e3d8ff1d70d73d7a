// The table of times and memory that this library is held to: what each figure is, what it may be, and how the rivals do.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../tools/esbuild.ts';
import { type Entry, type Race, run, runImports, type Runtime, type Standing } from './measure.ts';

/** A figure beside its limit. `rivals` are those who do the same work. */
export interface Line {
  name: string;
  figure: number;
  limit: number;
  unit: string;
  rivals: { name: string; figure: number }[];
}

const [fetchLoop, ours, nango, ky, axios, ofetch]: Entry[] = [
  'fetch',
  'nango-fetch',
  '@nangohq/node',
  'ky',
  'axios',
  'ofetch',
].map((name) => ({ name, task: { contestant: name } }));
const all = [fetchLoop!, ours!, nango!, ky!, axios!, ofetch!];
const few = [fetchLoop!, ours!, nango!, axios!];
const iterate: Entry = {
  name: 'iterateRecords',
  task: { contestant: 'nango-fetch', do: 'records' },
};
const stream: Entry = {
  name: 'streamRecords',
  task: { contestant: 'nango-fetch', do: 'stream' },
};

/** Whether the built library has the entry on undici. */
export const hasUndici = (): boolean => existsSync(join(root, 'dist/undici/mod.js'));

type Figure = 'wallRatio' | 'cpuRatio' | 'peakRatio';

interface Section {
  name: 'calls' | 'records' | 'stream' | 'memory' | 'undici' | 'webhooks';
  race: Race;
  /** What is read off: the name of the figure, whose it is, which of its ratios, and its limit. */
  lines: [name: string, whose: string, figure: Figure, limit: number][];
}

function sections(): Section[] {
  const calls = (bytes: number, limit: number): Section => ({
    name: 'calls',
    race: {
      title: `one call of ${bytes / 1000} KB`,
      task: { do: 'call', host: `${bytes}`, count: bytes > 10_000 ? 100 : 200 },
      entries: all,
      rounds: 31,
      seconds: 10,
    },
    lines: [[
      `one call, ${bytes / 1000} KB: CPU`,
      'nango-fetch',
      'cpuRatio',
      limit,
    ]],
  });
  const races: Section[] = [calls(700, 1.1), calls(70_000, 1.03)];
  for (const limit of [1000, 10_000]) {
    const records = limit === 1000 ? 30_000 : 50_000;
    const pages = `pages of ${limit.toLocaleString('en')}`;
    const name = `${records.toLocaleString('en')} records, ${pages}`;
    races.push({
      name: 'records',
      race: {
        title: name,
        task: { do: 'pages', host: `${records}/0`, limit },
        entries: limit === 1000 ? [...few, ofetch!, iterate] : few,
        rounds: 9,
        seconds: 10,
      },
      lines: [
        [`records, ${pages}, loopback: wall`, 'nango-fetch', 'wallRatio', 1],
        [`records, ${pages}, loopback: CPU`, 'nango-fetch', 'cpuRatio', 1.1],
        ...(limit === 1000
          ? [
            [
              `iterateRecords, ${pages}, loopback: wall`,
              'iterateRecords',
              'wallRatio',
              1.1,
            ] as Section['lines'][0],
          ]
          : []),
      ],
    });
  }
  races.push({
    name: 'records',
    race: {
      title: '100,000 records, pages of 10,000, 60 ms away',
      task: { do: 'pages', host: '100000/60', limit: 10_000 },
      entries: [fetchLoop!, ours!, nango!],
      rounds: 7,
      seconds: 9,
    },
    lines: [[
      'records, pages of 10,000, 60 ms away: wall',
      'nango-fetch',
      'wallRatio',
      0.75,
    ]],
  });
  for (const limit of [1000, 10_000]) {
    const records = limit === 1000 ? 30_000 : 50_000;
    const pages = `pages of ${limit.toLocaleString('en')}`;
    races.push({
      name: 'stream',
      race: {
        title: `${records.toLocaleString('en')} records streamed, ${pages}`,
        task: { do: 'pages', host: `${records}/0`, limit },
        entries: [fetchLoop!, stream],
        rounds: 9,
        seconds: 5,
      },
      lines: [[
        `streamRecords, ${pages}, loopback: wall`,
        'streamRecords',
        'wallRatio',
        0.8,
      ]],
    });
  }
  for (const limit of [1000, 10_000]) {
    const pages = `pages of ${limit.toLocaleString('en')}`;
    races.push({
      name: 'memory',
      race: {
        title: `memory, ${pages}`,
        task: { do: 'pages', host: '100000/0', limit },
        entries: [fetchLoop!, ours!, nango!, stream],
        rounds: 3,
        seconds: 7,
        fresh: true,
      },
      lines: [
        [`peak memory, ${pages}`, 'nango-fetch', 'peakRatio', 1.2],
        [
          `peak memory, ${pages}, streamRecords`,
          'streamRecords',
          'peakRatio',
          1.2,
        ],
      ],
    });
  }
  if (hasUndici()) {
    const onUndici: Entry = {
      name: 'nango-fetch/undici',
      task: { contestant: 'nango-fetch/undici' },
    };
    const bare: Entry = {
      name: 'undici.request',
      task: { contestant: 'undici.request' },
    };
    races.push({
      name: 'undici',
      race: {
        title: 'small calls, 50 in flight',
        task: { do: 'call', host: '700', count: 500, inFlight: 50 },
        entries: [fetchLoop!, onUndici, bare, nango!, axios!],
        rounds: 21,
        seconds: 6,
      },
      lines: [[
        './undici, 0.7 KB, 50 in flight: CPU',
        'nango-fetch/undici',
        'cpuRatio',
        0.45,
      ]],
    });
  }
  races.push({
    name: 'webhooks',
    race: {
      title: 'webhooks of 1 KB',
      task: { do: 'verify', bytes: 1000, count: 1000 },
      entries: ['subtle.verify', 'nango-fetch', 'node:crypto'].map((name) => ({
        name,
        task: { contestant: name },
      })),
      rounds: 11,
      seconds: 5,
    },
    lines: [[
      'verifyWebhook, 1 KB, against subtle.verify: CPU',
      'nango-fetch',
      'cpuRatio',
      1.1,
    ]],
  });
  return races;
}

/** The names of the sections, as `--only` takes them. */
export const sectionNames: readonly string[] = [
  'calls',
  'records',
  'stream',
  'memory',
  'undici',
  'webhooks',
  'import',
];

/** What can be imported, by name. */
export function importable(): { name: string; from: string }[] {
  const dist = pathToFileURL(join(root, 'dist')).href;
  return [
    { name: 'nango-fetch', from: `${dist}/mod.js` },
    ...['@nangohq/node', 'ky', 'axios', 'ofetch', 'wretch', 'undici'].map((
      name,
    ) => ({ name, from: name })),
  ];
}

/** Measures the table, or some sections of it, and tells each line as soon as it is known. */
export async function section13(
  runtime: Runtime,
  server: string,
  only: readonly string[],
  times: number,
  tell: (line: Line) => void,
  detail: (race: Race, standings: readonly Standing[]) => void,
): Promise<void> {
  for (const { name, race, lines } of sections()) {
    if (only.length > 0 && !only.includes(name)) continue;
    const { rounds, seconds } = race;
    const standings = await run(
      { ...race, rounds: rounds * times, seconds: seconds * times },
      runtime,
      server,
    );
    for (const [title, whose, figure, limit] of lines) {
      const rivals = standings
        .filter((standing) => !/nango-fetch|Records|^fetch$|^subtle/.test(standing.name))
        .map((standing) => ({ name: standing.name, figure: standing[figure] }));
      const own = standings.find((standing) => standing.name === whose)!;
      tell({ name: title, figure: own[figure], limit, unit: '', rivals });
    }
    detail(race, standings);
  }
  if (only.length === 0 || only.includes('import')) {
    const [, own, ...rivals] = runImports(
      runtime,
      importable(),
      15 * times,
      9 * times,
    );
    tell({
      name: 'import over a bare process',
      figure: own!.ms,
      limit: 5,
      unit: ' ms',
      rivals: rivals.map(({ name, ms }) => ({ name, figure: ms })),
    });
  }
}
