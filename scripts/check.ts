// Runs every check, one after the other, and adds up what they say. `npm run check -- size pack` runs some of them.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './esbuild.ts';

const tsx = join(root, 'node_modules/.bin/tsx');
const script = (name: string): string[] => [tsx, join(root, `scripts/${name}.ts`)];

/** What is checked, in the order in which a failure is easiest to understand. */
const checks: Record<string, string[]> = {
  types: [join(root, 'node_modules/.bin/tsc'), '-p', root],
  build: script('build'),
  imports: script('imports'),
  size: script('size'),
  surface: script('surface'),
  readme: script('readme'),
  sdk: script('sdk'),
  differential: script('differential'),
  docs: script('docs'),
  drift: script('check-drift'),
  pack: script('pack'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length) {
  throw new Error(`no check is called ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);
}

let passed = 0;
let failed = 0;
for (const [name, [command, ...args]] of Object.entries(checks)) {
  if (wanted.length && !wanted.includes(name)) continue;
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command!, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(stdout.split('\n').reverse().join('\n'));
  const ok = status === 0;
  // A check that counts nothing is one check. One that fails has failed at least once.
  passed += counts ? Number(counts[1]) : Number(ok);
  failed += Math.max(Number(counts?.[2] ?? 0), Number(!ok));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds.padStart(6)} s  ${counts?.[0] ?? ''}`);
  if (!ok) console.log(`${stdout}${stderr}`.replace(/^npm warn.*\n/gm, ''));
}
console.log(`${passed} passed, ${failed} failed`);
if (failed || !passed) process.exitCode = 1;
