// Measures the built library side by side with what people use instead of it.
//
//   npm run bench                              everything, in less than 15 minutes; writes results.json, results.md and the charts
//   npm run bench -- --quick [--only calls]    the limits of the library, each figure beside its limit, in less than two minutes
//   npm run bench -- --smoke                   only that all contestants run and give the same, in a few seconds; no times;
//                                              --all: on all runtimes
//   npm run bench -- --render                  writes the table and the charts anew from results.json
//
// --only takes names of sections, joined by commas; --times 3 gives --quick three times the rounds and the time; --detail prints how
// all contestants did; --no-build takes dist/ as it is.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';
import { installPackages } from '../runtimes/install.ts';
import { measureBytes } from './bytes.ts';
import { verifiers } from './contestants.ts';
import { clients, full } from './full.ts';
import { buildScripts, outcomes, type Race, run, type Runtime, type Standing, startServer } from './measure.ts';
import { renderCharts, renderMarkdown, type Report } from './report.ts';
import { hasUndici, section13, sectionNames } from './section13.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '14' },
    only: { type: 'string', default: '' },
    times: { type: 'string', default: '1' },
    detail: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const only = values.only.split(',').filter(Boolean);
const unknown = only.filter((name) => !sectionNames.includes(name));
if (unknown.length) {
  throw new Error(
    `no section is called ${unknown.join(', ')}; there are ${sectionNames.join(', ')}`,
  );
}

const folder = join(root, 'scripts/bench');
const here: Runtime = {
  name: `Node ${process.versions.node}`,
  command: [process.execPath],
};

if (values.render) {
  render(
    JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Report,
  );
} else {
  await prepare();
  if (values.smoke) await smoke();
  else if (values.quick) await quick();
  else await everything();
}

async function prepare(): Promise<void> {
  await installPackages('scripts/bench');
  if (!values['no-build']) {
    const args = ['--import', 'tsx', join(root, 'scripts/build.ts')];
    const { status } = spawnSync(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error('The library does not build');
  }
  await buildScripts();
}

function printDetail(race: Race, standings: readonly Standing[]): void {
  if (!values.detail) return;
  console.log(`    ${race.title}, ${standings[0]!.rounds} rounds`);
  for (
    const { name, wall, cpu, peak, wallRatio, cpuRatio, peakRatio } of standings
  ) {
    const cells = [
      `wall ${wall.toFixed(0).padStart(6)} ms ${wallRatio.toFixed(2)}`,
      `CPU ${cpu.toFixed(0).padStart(6)} ms ${cpuRatio.toFixed(2)}`,
      `peak ${peak.toFixed(0).padStart(4)} MB ${peakRatio.toFixed(2)}`,
    ];
    console.log(`      ${name.padEnd(20)} ${cells.join('   ')}`);
  }
}

async function quick(): Promise<void> {
  const start = performance.now();
  await using server = await startServer();
  let over = 0;
  console.log(
    `${here.name}: ratios to a loop of fetch and json(), or as told; medians\n`,
  );
  if (!hasUndici()) console.log('./undici is not there: not measured');
  const wide = (name: string): string => name.padEnd(52);
  console.log(`${wide('')}  figure    limit         rivals`);
  await section13(
    here,
    server.url,
    only,
    Number(values.times),
    ({ name, figure, limit, unit, rivals }) => {
      const digits = unit ? 1 : 2;
      const fits = Number(figure.toFixed(digits)) <= limit;
      if (!fits) over++;
      const others = rivals.map((rival) => `${rival.name} ${rival.figure.toFixed(digits)}`).join(', ');
      const [own, most] = [
        `${figure.toFixed(digits)}${unit}`,
        `${limit.toFixed(digits)}${unit}`,
      ];
      console.log(
        `${wide(name)} ${own.padStart(7)}  ${most.padStart(7)}  ${fits ? 'ok  ' : 'OVER'}  ${others}`,
      );
    },
    printDetail,
  );
  console.log(
    `\n${over} over their limits; ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
}

/** Finds the runtimes beside the one that runs this, Node 20 first. What is not there for this machine is told. */
async function findRuntimes(): Promise<
  { runtimes: Runtime[]; versions: Record<string, string> }
> {
  await installPackages('scripts/runtimes');
  const modules = join(root, 'scripts/runtimes/node_modules');
  const deno = [
    'run',
    '--quiet',
    '--no-check',
    '--no-lock',
    '--node-modules-dir=manual',
    '-A',
  ];
  const found: Runtime[] = [
    { name: 'Node', command: [join(modules, `node-20-${arch()}/bin/node`)] },
    { name: 'Node', command: [join(modules, `node-24-${arch()}/bin/node`)] },
    {
      name: 'Deno',
      command: [join(modules, `@deno/linux-${arch()}-glibc/deno`), ...deno],
    },
    {
      name: 'Bun',
      command: [
        join(
          modules,
          `@oven/bun-linux-${arch() === 'arm64' ? 'aarch64' : arch()}/bin/bun`,
        ),
      ],
    },
  ];
  const runtimes: Runtime[] = [];
  const versions: Record<string, string> = {};
  for (const { name, command } of found) {
    if (!existsSync(command[0])) {
      console.log(`${command[0]} is not there: not measured`);
      continue;
    }
    const version = /\d+\.\d+\.\d+/.exec(
      execFileSync(command[0], ['--version'], { encoding: 'utf8' }),
    )![0];
    const short = name === 'Node' ? `Node ${version.split('.')[0]}` : name;
    versions[short] = version;
    runtimes.push({ name: short, command });
  }
  return { runtimes, versions };
}

async function everything(): Promise<void> {
  const { runtimes, versions } = await findRuntimes();
  for (
    const name of ['@nangohq/node', 'axios', 'ky', 'ofetch', 'wretch', 'undici']
  ) {
    const file = join(folder, 'node_modules', name, 'package.json');
    versions[name] = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  await using server = await startServer();
  const start = performance.now();
  const measured = await full(
    runtimes,
    server.url,
    Number(values.minutes),
    ({ runtime, title, standings }) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(
        4,
      );
      const own = standings.filter(({ name }) => /^nango-fetch|Records$/.test(name))
        .map(({ name, wallRatio, cpuRatio }) => `${name} ${wallRatio.toFixed(2)} ${cpuRatio.toFixed(2)}`);
      console.log(`${seconds} s  ${runtime}: ${title}: ${own.join(', ')}`);
    },
  );
  const [cpu] = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpu?.model.trim()} (${cpus().length} cores), ${memory}, ${type()} ${release()}`,
    versions: { 'nango-fetch': packageJson.version, ...versions },
    ...measured,
    bytes: await measureBytes(),
  };
  writeFileSync(
    join(folder, 'results.json'),
    `${JSON.stringify(report, null, 1)}\n`,
  );
  render(report);
  console.log(
    `scripts/bench/results.md, results.json and charts/ are written, ${
      ((performance.now() - start) / 60_000).toFixed(1)
    } minutes`,
  );
}

function render(report: Report): void {
  writeFileSync(join(folder, 'results.md'), renderMarkdown(report));
  mkdirSync(join(folder, 'charts'), { recursive: true });
  for (const [name, svg] of Object.entries(renderCharts(report))) {
    writeFileSync(join(folder, 'charts', name), svg);
  }
}

/** Proves that all contestants run, and give the same connection and the same records, whichever way they are read. */
async function smoke(): Promise<void> {
  const { runtimes } = values.all ? await findRuntimes() : { runtimes: [here] };
  await using server = await startServer();
  for (const runtime of runtimes) await smokeOn(runtime, server.url);
  conclude();
}

async function smokeOn(runtime: Runtime, server: string): Promise<void> {
  const entries = clients(runtime);
  const names = entries.map(({ name }) => name);
  const task = { do: 'check', host: '250/0', limit: 100 } as const;
  const reading = {
    title: 'the same records',
    task,
    entries,
    rounds: 1,
    seconds: 0,
  };
  const read = await outcomes(reading, runtime, server);
  const expected = JSON.stringify(read[0]);
  count(
    (read[0] as { count?: number }).count === 250,
    `fetch reads 250 records: ${expected}`,
  );
  for (const [index, name] of names.entries()) {
    const outcome = read[index];
    const given = outcome instanceof Error ? outcome.message : JSON.stringify(outcome);
    count(
      given === expected,
      `${runtime.name}: ${name} gives what fetch gives: ${given}`,
    );
  }
  const verifying = Object.keys(verifiers).map((name) => ({
    name,
    task: { contestant: name },
  }));
  const webhooks: Race = {
    title: 'webhooks',
    task: { do: 'verify', bytes: 1000, count: 3 },
    entries: verifying,
    rounds: 1,
    seconds: 0,
  };
  for (
    const [index, valid] of (await outcomes(webhooks, runtime, server))
      .entries()
  ) {
    count(
      valid === 3,
      `${verifying[index]!.name} verifies three webhooks: ${valid}`,
    );
  }
  const race: Race = {
    title: 'calls',
    task: { do: 'call', host: '700' },
    entries,
    rounds: 1,
    seconds: 0,
  };
  for (const { name, wallRatio } of await run(race, runtime, server)) {
    count(wallRatio > 0, `${name} is measured`);
  }
}
