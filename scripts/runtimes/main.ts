// Runs the same spec files on every runtime, and tells how it went in one table.
//
//   npm run runtimes -- [--only deno,bun] [--skip firefox] [--self-test] [--write] [records]
//
// `--self-test` plants what must fail into each of them, `--write` puts the table into README.md, and a name runs only
// the spec files whose path has it.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../tools/esbuild.ts';
import { install } from './install.ts';
import { withLoopback } from './loopback.ts';
import { isThere, type Runtime, runtimes } from './runners.ts';
import { selfTest } from './self-test.ts';
import { listSpecs } from './specs.ts';
import type { Report } from './walk.ts';

// spec/node needs what only Node has; spec/types and spec/surface are read by the compiler.
const elsewhere = ['node', 'types', 'surface'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    skip: { type: 'string' },
    'self-test': { type: 'boolean', default: false },
  },
});

/** Reads a list of runtimes. `node` stands for all versions of it. */
function namesIn(list: string | undefined): Set<string> {
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim().replace(/^node(?=\d)/, 'node '))
    .filter(Boolean);
  const all = runtimes.map(({ name }) => name);
  const unknown = names.filter((name) => name !== 'node' && !all.includes(name));
  if (unknown.length > 0) throw new Error(`No such runtime: ${unknown.join(', ')}. There are ${all.join(', ')}.`);
  return new Set(names.flatMap((name) => (name === 'node' ? all.filter((each) => each.startsWith('node ')) : name)));
}

interface Row {
  name: string;
  version: string;
  report: Report;
  seconds: number;
}

async function runOn(runtime: Runtime, specs: readonly string[]): Promise<Row> {
  const { name, program, packages } = runtime;
  const begin = performance.now();
  const ended = (version: string, report: Report): Row => ({
    name,
    version,
    report,
    seconds: (performance.now() - begin) / 1000,
  });
  const failed = (failure: string): Report => ({ passed: 0, failed: 1, skipped: [], failures: [failure] });
  if (!(await isThere(program))) {
    const how = packages ? `apt-get install ${packages.join(' ')}` : 'npm ci in scripts/runtimes';
    return ended('-', failed(`${program} is not there: ${how}, or leave it out with --skip ${name}`));
  }
  const version = await runtime.version();
  try {
    return ended(version, await withLoopback((loopback) => runtime.run(specs, { loopback })));
  } catch (error) {
    return ended(version, failed(String(error)));
  }
}

function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()
    )
    .join('\n');
}

const only = namesIn(values.only);
const skip = namesIn(values.skip);
const chosen = runtimes.filter(({ name }) => (only.size === 0 || only.has(name)) && !skip.has(name));
if (values.write && (chosen.length < runtimes.length || positionals.length > 0)) {
  throw new Error('--write needs all specs on all runtimes');
}
await install(chosen);

if (values['self-test']) {
  const { passed, failed } = await selfTest(chosen);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

const all = await listSpecs('spec', elsewhere);
const specs = all.filter((spec) => positionals.length === 0 || positionals.some((each) => spec.includes(each)));
const rows: Row[] = [];
for (const runtime of chosen) {
  const row = await runOn(runtime, specs);
  rows.push(row);
  const { passed, failed, failures } = row.report;
  console.log(`${row.name} ${row.version}: ${passed} passed, ${failed} failed, in ${row.seconds.toFixed(1)} s`);
  for (const failure of failures) console.log(failure.replace(/^/gm, '    '));
}

const lines = rows.map(({ name, version, report: { passed, failed, skipped }, seconds }) => [
  name,
  version,
  `${passed}`,
  `${failed}`,
  `${skipped.length}`,
  seconds.toFixed(1),
]);
console.log(`\n${specs.length} spec files\n`);
console.log(table([['runtime', 'version', 'passed', 'failed', 'skipped', 'seconds'], ...lines]));

const reasons = new Map<string, string[]>();
for (const { name, report } of rows) {
  for (const { test, reason } of report.skipped) {
    const key = `${test}: ${reason}`;
    reasons.set(key, [...(reasons.get(key) ?? []), name]);
  }
}
if (reasons.size > 0) console.log('\nSkipped tests:');
for (const [key, names] of reasons) console.log(`  ${key} (${names.join(', ')})`);
for (const { name } of runtimes) {
  if (skip.has(name)) console.log(`\n${name} was left out: --skip`);
  else if (only.size > 0 && !only.has(name)) console.log(`\n${name} was left out: --only ${values.only}`);
}

if (values.write) {
  const cells = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  // One column for all versions of Node, and few rows, since the page is short.
  const shown = new Map<string, { versions: string[]; passed: Set<number>; skipped: Set<number> }>();
  for (const { name, version, report } of rows) {
    const kind = name.split(' ')[0]!;
    const row = shown.get(kind) ?? { versions: [], passed: new Set<number>(), skipped: new Set<number>() };
    row.versions.push(version);
    row.passed.add(report.passed);
    row.skipped.add(report.skipped.length);
    shown.set(kind, row);
  }
  const columns = [...shown].map(([name, { versions, passed, skipped }]) => {
    const skips = [...skipped].join(', ');
    return [`${name} ${versions.join(', ')}`, '--:', `${[...passed].join(', ')}${skips === '0' ? '' : ` (${skips})`}`];
  });
  columns.unshift(['', '---', 'tests passed (skipped)']);
  const markdown = [0, 1, 2].map((row) => cells(columns.map((column) => column[row]!))).join('\n');
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const place = /(<!-- runtimes -->\n)[^]*(<!-- \/runtimes -->)/;
  if (!place.test(readme)) throw new Error('README.md has no place for the table: <!-- runtimes -->');
  await writeFile(
    join(root, 'README.md'),
    readme.replace(place, (_, begin: string, end: string) => `${begin}${markdown}\n${end}`),
  );
}

const sum = (key: 'passed' | 'failed'): number => rows.reduce((total, { report }) => total + report[key], 0);
const passed = sum('passed');
const failed = sum('failed');
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
