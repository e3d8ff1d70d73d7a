// Writes what was measured: one table, where this library loses, and charts.

import { drawChart, type Panel } from './charts.ts';
import type { ImportResult, Result } from './full.ts';
import type { Standing } from './measure.ts';

/** All that a run of the benchmark found. */
export interface Report {
  date: string;
  machine: string;
  /** Versions by name, of the runtimes and of the contestants. */
  versions: Record<string, string>;
  results: Result[];
  imports: ImportResult[];
  bytes: { name: string; bytes: number }[];
  skipped: string[];
}

const columns = [
  'fetch',
  'nango-fetch',
  'nango-fetch/undici',
  'hand-written',
  '@nangohq/node',
  'axios',
  'ky',
  'ofetch',
  'wretch',
  'undici.request',
];

/** A row of the table: what each one did, as text and as figures to compare. */
interface Row {
  runtime: string;
  what: string;
  cells: Map<string, { text: string; figures: Record<string, number> }>;
}

const ratio = (value: number): string => value.toFixed(2);
const amount = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });

/** Ways to read that have rows of their own, and in whose column they stand. */
const ways: Record<string, [what: string, column: string]> = {
  iterateRecords: ['one by one', 'nango-fetch'],
  streamRecords: ['as NDJSON', 'nango-fetch'],
  'fetch to NDJSON': ['as NDJSON', 'hand-written'],
};

/** Gives the rows of a race: one for pages, and one for each other way to read. The first column is what they are compared with. */
function rowsOf({ runtime, kind, title, standings }: Result): Row[] {
  const [base] = standings as [Standing];
  const rows = new Map<string, Row>();
  for (const standing of standings) {
    const [way, column] = ways[standing.name] ??
      ['', standing.name === base.name ? 'fetch' : standing.name];
    const what = way ? `${title}, ${way}` : title;
    if (!rows.has(what)) {
      const text = kind === 'memory' ? `${amount(base.peak)} MB` : `${amount(base.wall)} ms, ${amount(base.cpu)} ms`;
      const first = {
        text,
        figures: kind === 'memory' ? { memory: 1 } : { wall: 1, CPU: 1 },
      };
      rows.set(what, { runtime, what, cells: new Map([['fetch', first]]) });
    }
    if (standing === base) continue;
    const { wallRatio, cpuRatio, peak, peakRatio } = standing;
    rows.get(what)!.cells.set(
      column,
      kind === 'memory' ? { text: `${amount(peak)} MB`, figures: { memory: peakRatio } } : {
        text: `${ratio(wallRatio)}, ${ratio(cpuRatio)}`,
        figures: { wall: wallRatio, CPU: cpuRatio },
      },
    );
  }
  return [...rows.values()];
}

function rowsOfReport({ results, imports, bytes }: Report): Row[] {
  const importRows = imports.map(({ runtime, imports }) => ({
    runtime,
    what: 'import, over a bare process',
    cells: new Map(imports.map(({ name, ms }) => [
      name === 'undici' ? 'undici.request' : name,
      { text: `${ms.toFixed(1)} ms`, figures: { import: ms } },
    ])),
  }));
  const weight: Row = {
    runtime: '',
    what: 'a program that reads one page, gzip',
    cells: new Map(
      bytes.map((
        { name, bytes },
      ) => [name, { text: `${amount(bytes)} B`, figures: { bytes } }]),
    ),
  };
  return [...results.flatMap(rowsOf), ...importRows, weight];
}

/** Who a cell of a webhook's row belongs to: there the first column is subtle.verify, and node:crypto has none of its own. */
function cellText(row: Row, column: string): string {
  const text = row.cells.get(column)?.text ?? '';
  const other = column === 'hand-written' ? row.cells.get('node:crypto') : undefined;
  return other ? `node:crypto ${other.text}` : text;
}

/** Names every figure in which another is better than the best that this library gives for it, by more than the noise. */
function losses(rows: readonly Row[]): string[] {
  const noise = 1.03;
  return rows.flatMap(({ runtime, what, cells }) => {
    const own = [...cells].filter(([name]) => name.startsWith('nango-fetch'));
    const others = [...cells].filter(([name]) => !name.startsWith('nango-fetch'));
    const kinds = Object.keys(own[0]?.[1].figures ?? {});
    return kinds.flatMap((kind) => {
      const [best] = own.map(([, { figures }]) => figures[kind]!).sort((a, b) => a - b);
      const better = others
        .map(([name, { figures }]) => ({
          name: what.startsWith('a webhook') && name === 'fetch' ? 'subtle.verify' : name,
          value: figures[kind]!,
        }))
        .filter(({ value }) => value * noise < best! && best! - value > (kind === 'import' ? 1 : 0))
        .sort((a, b) => a.value - b.value);
      if (better.length === 0) return [];
      const text = (
        value: number,
      ): string => (kind === 'bytes'
        ? `${amount(value)} B`
        : kind === 'import'
        ? `${value.toFixed(1)} ms`
        : ratio(value));
      const who = better.map(({ name, value }) => `${name} ${text(value)}`)
        .join(', ');
      return [
        `- ${runtime && `${runtime}, `}${what}: ${kind} ${text(best!)}; ${who}`,
      ];
    });
  });
}

/** Gives the page with the table. */
export function renderMarkdown(report: Report): string {
  const rows = rowsOfReport(report);
  const cells = (list: readonly string[]): string => `| ${list.join(' | ')} |`;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`).join(', ');
  const lost = losses(rows);
  return `# nango-fetch side by side with what people use instead

${report.date}, ${report.machine}. ${versions}.

Each contestant has a process of its own, and so has the server. Rounds are interleaved; a figure is the median of the ratios to the first column
in the same round, wall time and CPU time in this order, and less is better. The first column has the milliseconds of a round: 200 small calls (400 with
50 in flight), 100 large ones, or all the records; for webhooks it is a bare subtle.verify with its key imported, 1,000 times (20 times for 1 MB). Memory is the peak
of a process that reads everything once. A record has 350 to 700 bytes or so; "away" is a delay in the server. Trust the ratios, not the milliseconds.
\`npm run bench\` measures all this anew, \`npm run bench -- --quick\` the limits of the library.

${cells(['runtime', 'what', ...columns])}
${cells(['---', '---', ...columns.map(() => '--:')])}
${
    rows.map((row) =>
      cells([
        row.runtime,
        row.what,
        ...columns.map((column) => cellText(row, column)),
      ])
    ).join('\n')
  }

## Where this library loses

By more than 3 %:

${lost.join('\n') || 'Nowhere.'}
${report.skipped.length ? `\nNot measured, because time was up: ${report.skipped.join('; ')}.\n` : ''}`;
}

/** Gives the charts by file name. They show the first runtime. */
export function renderCharts(report: Report): Record<string, string> {
  const runtime = report.results[0]!.runtime;
  const found = (kind: Result['kind'], pattern: RegExp): Result | undefined =>
    report.results.find((result) =>
      result.runtime === runtime && result.kind === kind &&
      pattern.test(result.title)
    );
  const panel = (
    kind: Result['kind'],
    pattern: RegExp,
    figure: 'wallRatio' | 'cpuRatio' | 'peak',
    title: string,
    keep = (_: string): boolean => true,
  ): Panel[] => {
    const result = found(kind, pattern);
    if (!result) return [];
    const bars = result.standings.filter(({ name }) => keep(name)).map((
      each,
    ) => ({ name: each.name, value: each[figure] }));
    return [
      figure === 'peak'
        ? { title, bars, format: (value) => `${amount(value)} MB` }
        : { title, bars, format: ratio, mark: 1 },
    ];
  };
  const inPages = (name: string): boolean => !/^streamRecords$|NDJSON$/.test(name);
  const asStream = (name: string): boolean => /^fetch$|^streamRecords$|NDJSON$/.test(name);
  const imports = report.imports[0]!.imports.map(({ name, ms }) => ({
    name,
    value: Math.max(0, ms),
  }));
  const bytes = report.bytes.map(({ name, bytes }) => ({ name, value: bytes }));
  const charts: Record<
    string,
    [title: string, subtitle: string, panels: Panel[]]
  > = {
    calls: [
      'One call',
      `CPU time against fetch and json(), ${runtime}: less is better`,
      [
        ...panel('calls', /0\.7 KB, one/, 'cpuRatio', '0.7 KB, one at a time'),
        ...panel('calls', /0\.7 KB, 50/, 'cpuRatio', '0.7 KB, 50 in flight'),
        ...panel('calls', /70 KB, one/, 'cpuRatio', '70 KB, one at a time'),
        ...panel('calls', /70 KB, 50/, 'cpuRatio', '70 KB, 50 in flight'),
      ],
    ],
    records: [
      'Reading 100,000 records',
      `Wall time against a loop of fetch and json(), ${runtime}: less is better`,
      [
        ...panel(
          'records',
          /pages of 1,000, loop/,
          'wallRatio',
          'Pages of 1,000, loopback',
          inPages,
        ),
        ...panel(
          'records',
          /pages of 10,000, loop/,
          'wallRatio',
          'Pages of 10,000, loopback',
          inPages,
        ),
        ...panel(
          'records',
          /pages of 10,000, 20/,
          'wallRatio',
          'Pages of 10,000, 20 ms away',
          inPages,
        ),
        ...panel(
          'records',
          /pages of 10,000, 60/,
          'wallRatio',
          'Pages of 10,000, 60 ms away',
          inPages,
        ),
        ...panel(
          'records',
          /pages of 1,000, loop/,
          'wallRatio',
          'As NDJSON, pages of 1,000',
          asStream,
        ),
        ...panel(
          'records',
          /pages of 10,000, loop/,
          'wallRatio',
          'As NDJSON, pages of 10,000',
          asStream,
        ),
      ],
    ],
    memory: [
      'Memory while reading',
      `Peak of the process (RSS), ${runtime}: less is better`,
      [
        ...panel(
          'memory',
          /^100,000 records, pages of 1,000,/,
          'peak',
          '100,000 records, pages of 1,000',
        ),
        ...panel(
          'memory',
          /^100,000 records, pages of 10,000,/,
          'peak',
          '100,000 records, pages of 10,000',
        ),
        ...panel(
          'memory',
          /^1,000,000 records, pages of 1,000,/,
          'peak',
          '1,000,000 records, pages of 1,000',
        ),
        ...panel(
          'memory',
          /^1,000,000 records, pages of 10,000,/,
          'peak',
          '1,000,000 records, pages of 10,000',
        ),
      ],
    ],
    weight: ['What an import costs', `${runtime}: less is better`, [
      {
        title: 'Bytes of a program that reads one page, gzip',
        bars: bytes,
        format: (value) => `${amount(value)} B`,
      },
      {
        title: 'Import, over a bare process',
        bars: imports,
        format: (value) => `${value.toFixed(1)} ms`,
      },
    ]],
  };
  return Object.fromEntries(
    Object.entries(charts)
      .filter(([, [, , panels]]) => panels.length > 0)
      .map((
        [name, [title, subtitle, panels]],
      ) => [`${name}.svg`, drawChart(title, subtitle, panels)]),
  );
}
