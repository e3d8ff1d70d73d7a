// Measures the built library side by side with what people use instead of it.
//
//   npm run bench                              everything, in less than 15 minutes; writes results.json, results.md and the charts
//   npm run bench -- --quick [--only calls]    the limits of the library, each figure beside its limit, in less than two minutes
//   npm run bench -- --smoke                   only that all contestants run and give the same, in a few seconds; no times
//   npm run bench -- --render                  writes the table and the charts anew from results.json
//
// --only takes names of sections, joined by commas; --times 3 gives --quick three times the rounds and the time; --detail prints how
// all contestants did; --no-build takes dist/ as it is.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../esbuild.ts';
import { installPackages } from '../runtimes/install.ts';
import { buildScripts, type Race, type Runtime, type Standing, startServer } from './measure.ts';
import { hasUndici, section13, sectionNames } from './section13.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    times: { type: 'string', default: '1' },
    detail: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const only = values.only.split(',').filter(Boolean);
const unknown = only.filter((name) => !sectionNames.includes(name));
if (unknown.length) throw new Error(`no section is called ${unknown.join(', ')}; there are ${sectionNames.join(', ')}`);

await installPackages('scripts/bench');
if (!values['no-build']) {
  const args = ['--import', 'tsx', join(root, 'scripts/build.ts')];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('The library does not build');
}
await buildScripts();

const here: Runtime = { name: `Node ${process.versions.node}`, command: [process.execPath] };

if (values.quick) await quick();

function printDetail(race: Race, standings: readonly Standing[]): void {
  if (!values.detail) return;
  console.log(`    ${race.title}, ${standings[0]!.rounds} rounds`);
  for (const { name, wall, cpu, peak, wallRatio, cpuRatio, peakRatio } of standings) {
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
  console.log(`${here.name}: ratios to a loop of fetch and json(), or as told; medians\n`);
  if (!hasUndici()) console.log('./undici is not there: not measured');
  const wide = (name: string): string => name.padEnd(52);
  console.log(`${wide('')}  figure    limit         rivals`);
  await section13(here, server.url, only, Number(values.times), ({ name, figure, limit, unit, rivals }) => {
    const digits = unit ? 1 : 2;
    const fits = Number(figure.toFixed(digits)) <= limit;
    if (!fits) over++;
    const others = rivals.map((rival) => `${rival.name} ${rival.figure.toFixed(digits)}`).join(', ');
    const [own, most] = [`${figure.toFixed(digits)}${unit}`, `${limit.toFixed(digits)}${unit}`];
    console.log(`${wide(name)} ${own.padStart(7)}  ${most.padStart(7)}  ${fits ? 'ok  ' : 'OVER'}  ${others}`);
  }, printDetail);
  console.log(`\n${over} over their limits; ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
