// Brings what the runtimes need to this machine: npm's from their lock file, the browsers from Debian.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../tools/esbuild.ts';
import { run } from './run.ts';
import { isThere, type Runtime } from './runners.ts';

/** Installs what is missing for some runtimes. What cannot be had is told, and found missing when it is to be run. */
export async function install(runtimes: readonly Runtime[]): Promise<void> {
  await installPackages('scripts/runtimes');
  const missing = [];
  for (const { program, packages } of runtimes) {
    if (!packages) continue;
    const present = (await isThere(program)) && (!packages.includes('xvfb') || (await isThere('Xvfb')));
    if (!present) missing.push(...packages);
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.log(`Not installed, because only root can: ${missing.join(' ')}`);
    return;
  }
  console.log(`Installing ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [['update'], ['install', '-y', '--no-install-recommends', ...missing]];
  for (const args of steps) {
    const { code, output } = await run('apt-get', args, { env, timeout: 900_000 });
    if (code !== 0) {
      console.log(output.split('\n').slice(-20).join('\n'));
      return;
    }
  }
}

/** A package in a lock file. */
interface Locked {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

/** Tells whether a package belongs on this machine. Optional ones for others are never there. */
function isForHere({ optional, os, cpu, libc }: Locked): boolean {
  const fits = (allowed: string[] | undefined, value: string): boolean => !allowed || allowed.includes(value);
  return !optional || (fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, 'glibc'));
}

/** Runs `npm ci` in a folder of the repository, unless what is there is what its lock file asks for. */
export async function installPackages(folder: string): Promise<void> {
  const lock = (path: string): Promise<string> => readFile(join(root, folder, path), 'utf8').catch(() => '');
  const wanted = JSON.parse(await lock('package-lock.json')) as { packages: Record<string, Locked> };
  const present = JSON.parse((await lock('node_modules/.package-lock.json')) || '{"packages":{}}') as typeof wanted;
  const same = Object.entries(present.packages).every(
    ([path, { version }]) => wanted.packages[path]?.version === version,
  );
  const complete = Object.entries(wanted.packages).every(
    ([path, entry]) => path === '' || !isForHere(entry) || present.packages[path]?.version === entry.version,
  );
  if (same && complete && Object.keys(present.packages).length > 0) return;
  console.log(`Installing the packages of ${folder}`);
  // No script of a package is run: what they would do is to move binaries, which are found where they are.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, output } = await run('npm', args, { cwd: join(root, folder), timeout: 900_000 });
  if (code !== 0) throw new Error(`npm ci in ${folder} failed\n${output}`);
}
