// Runs every check, one after the other, and adds up what they say.
//
//   npm run check -- [--whole] [size pack]
//
// What takes minutes is not run again where none of its files has changed since it passed, except in CI or with `--whole`.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools/esbuild.ts';

const tsx = join(root, 'node_modules/.bin/tsx');
const script = (name: string): string[] => [tsx, join(root, `scripts/checks/${name}.ts`)];

/** What is checked, in the order in which a failure is easiest to understand. */
const checks: Record<string, string[]> = {
  style: script('style'),
  types: [join(root, 'node_modules/.bin/tsc'), '-p', root],
  build: [tsx, join(root, 'scripts/build.ts')],
  indexes: script('indexes'),
  imports: script('imports'),
  architecture: script('architecture'),
  size: script('size'),
  surface: script('surface'),
  readme: script('readme'),
  sdk: script('sdk'),
  differential: script('differential'),
  docs: script('docs'),
  drift: script('drift'),
  typed: [tsx, join(root, 'scripts/types/check.ts')],
  pack: script('pack'),
};

/** The slow checks, and the files that they depend on. */
const slow: Record<string, string[]> = {
  typed: ['lib', 'scripts/types', 'scripts/build.ts'],
  pack: ['lib', 'scripts', 'package.json', 'deno.json', 'tsconfig.json', 'spec/size.json', 'README.md', 'CHANGELOG.md'],
};

const whole = Boolean(process.env['CI']) || process.argv.includes('--whole');
const cache = join(root, 'node_modules/.cache/nango-fetch');

/** Sums up the content of files and folders, their packages left out, and this Node with them. */
function digest(paths: readonly string[]): string {
  const hash = createHash('sha256').update(process.version);
  const add = (path: string): void => {
    if (statSync(join(root, path)).isFile()) hash.update(path).update('\0').update(readFileSync(join(root, path)));
    else {
      for (const name of readdirSync(join(root, path)).sort()) if (name !== 'node_modules') add(join(path, name));
    }
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

/** What a check said when it last passed, where its files are the same as then. */
function remembered(name: string, state: string): string | undefined {
  try {
    const last = JSON.parse(readFileSync(join(cache, `${name}.json`), 'utf8')) as { state: string; said: string };
    return last.state === state ? last.said : undefined;
  } catch {
    // It has not passed yet.
    return undefined;
  }
}

const wanted = process.argv.slice(2).filter((name) => name !== '--whole');
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length) {
  throw new Error(`no check is called ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);
}

let passed = 0;
let failed = 0;
for (const [name, [command, ...args]] of Object.entries(checks)) {
  if (wanted.length && !wanted.includes(name)) continue;
  const start = performance.now();
  const state = slow[name] && digest(slow[name]);
  const said = state && !whole ? remembered(name, state) : undefined;
  if (said) {
    // It has been counted when it ran.
    console.log(`same ${name.padEnd(10)} ${''.padStart(6)}    ${said} when it last ran, and nothing has changed`);
    continue;
  }
  const { status, stdout, stderr } = spawnSync(command!, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(stdout.split('\n').reverse().join('\n'));
  const ok = status === 0;
  // A check that counts nothing is one check. One that fails has failed at least once.
  passed += counts ? Number(counts[1]) : Number(ok);
  failed += Math.max(Number(counts?.[2] ?? 0), Number(!ok));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds.padStart(6)} s  ${counts?.[0] ?? ''}`);
  if (ok && state && counts) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, `${name}.json`), JSON.stringify({ state, said: counts[0] }));
  }
  if (!ok) console.log(`${stdout}${stderr}`.replace(/^npm warn.*\n/gm, ''));
}
console.log(`${passed} passed, ${failed} failed`);
if (failed || !passed) process.exitCode = 1;
