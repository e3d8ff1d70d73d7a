// Runs the example apps, each on its own platform, against the emulator: every folder here that has a `check.ts`, one after
// the other. `npm run examples`, or `npm run examples -- worker stores/redis` for some.
//
// A folder brings:
// - `check.ts`, a program that starts the app, tries it and ends by itself: it counts with `check()`, `count()` and `conclude()`
//   of ../tools/counts.ts. It is run by tsx in its folder, is stopped after five minutes, and leaves no process behind.
// - `tsconfig.json`, where the app is to be type-checked by TypeScript, which counts as one more check.
// - `package.json` and `package-lock.json`, only where it needs packages that the lock of this folder does not have.
// `nango-fetch` resolves to this repository, as built.

import { access, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';
import { installPackages } from '../runtimes/install.ts';
import { run } from '../runtimes/run.ts';

const folder = join(root, 'scripts/examples');
const bin = join(root, 'node_modules/.bin');
const timeout = 300_000;

const exists = (path: string): Promise<boolean> => access(join(folder, path)).then(() => true, () => false);

/** Lists the folders below a folder that have a check. One that has neither a check nor folders with one is a failure. */
async function listExamples(parent = ''): Promise<string[]> {
  const found: string[] = [];
  for (
    const entry of await readdir(join(folder, parent), { withFileTypes: true })
  ) {
    if (!entry.isDirectory() || /^(node_modules$|\.)/.test(entry.name)) {
      continue;
    }
    const name = join(parent, entry.name);
    if (await exists(join(name, 'check.ts'))) found.push(name);
    else if (parent === '') {
      const inside = await listExamples(name);
      count(inside.length > 0, `${name} has no check.ts`);
      found.push(...inside);
    }
  }
  return found.sort();
}

/** Installs the packages of a folder, and puts this repository beside them. */
async function install(name: string): Promise<void> {
  await installPackages(join('scripts/examples', name));
  const link = join(folder, name, 'node_modules/nango-fetch');
  await rm(link, { recursive: true, force: true });
  await mkdir(join(folder, name, 'node_modules'), { recursive: true });
  await symlink(root, link, 'dir');
}

/** Runs a step of an example. Its counts are added up; one that counts nothing is one check. */
async function step(
  what: string,
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  const start = performance.now();
  const { code, output } = await run(command, args, { cwd, timeout });
  const [, passed = Number(code === 0), failed = 0] = /^(\d+) passed, (\d+) failed\s*$/m.exec(output) ?? [];
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const ok = code === 0 && Number(failed) === 0 && Number(passed) > 0;
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${what.padEnd(24)} ${seconds.padStart(6)} s  ${passed} passed, ${failed} failed`,
  );
  for (let each = 0; each < Number(passed); each++) count(true, '');
  for (let each = 0; each < Math.max(Number(failed), Number(!ok)); each++) {
    count(false, what);
  }
  if (!ok) console.log(output);
}

const all = await listExamples();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length) {
  throw new Error(
    `no example is called ${unknown.join(', ')}; there are ${all.join(', ')}`,
  );
}

await step('build', join(bin, 'tsx'), [join(root, 'scripts/build.ts')], root);
await install('');
const chosen = wanted.length ? wanted : all;
for (const name of all) {
  if (await exists(join(name, 'package-lock.json'))) await install(name);
}
await step('types of the checks', join(bin, 'tsc'), ['-p', folder], root);
for (const name of chosen) {
  const cwd = join(folder, name);
  if (await exists(join(name, 'tsconfig.json'))) {
    await step(`${name}: types`, join(bin, 'tsc'), ['-p', cwd], cwd);
  }
  await step(name, join(bin, 'tsx'), [join(cwd, 'check.ts')], cwd);
}
conclude();
