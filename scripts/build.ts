// Builds dist/ from lib/: the compiler writes declarations and code, with maps that lead back into lib/; then the code of each entry
// is joined into one file, what entries share into chunks. Node takes a third of a millisecond for every file of an import.
//
//   npm run build
//
// The library is compiled against what the web has and nothing of Node: a use of process or Buffer fails here.

import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { esbuild, root } from './esbuild.ts';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const project = join(root, 'scripts/tsconfig.build.json');

function compile(...args: string[]): string {
  try {
    return execFileSync(process.execPath, [tsc, '-p', project, ...args], { cwd: root, encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => !/^(TSFILE|\/)/.test(line));
    throw new Error(`The library does not compile\n${lines.join('\n')}`);
  }
}

/** Joins what the compiler wrote into one file for each entry. esbuild follows the compiler's maps, so they still lead into lib/. */
async function joinEntries(): Promise<void> {
  const entries = Object.values(packageJson.exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default]));
  const { outputFiles } = await esbuild.build({
    entryPoints: entries.map((entry) => join(root, entry)),
    outbase: join(root, 'dist'),
    outdir: join(root, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    sourcesContent: false,
    chunkNames: 'shared-[hash]',
    write: false,
    logLevel: 'error',
  });
  for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (/\.js(\.map)?$/.test(file)) rmSync(join(root, 'dist', file));
  }
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  const files = compile('--listEmittedFiles', '--listFiles').trim().split('\n');
  const leaks = files.filter((file) => /node_modules\/(@types\/node|undici-types)\//.test(file));
  if (leaks.length > 0) throw new Error(`Node's types are part of the library: ${leaks.join(', ')}`);
  const written = files.filter((file) => file.startsWith('TSFILE'));
  if (written.length === 0) throw new Error('Nothing was built');
  await joinEntries();
  console.log(`${readdirSync(join(root, 'dist'), { recursive: true }).length} files in dist/`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
