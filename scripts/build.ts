// Builds dist/ from lib/: the compiler writes declarations and code, with maps that lead back into lib/; then the code of each entry
// is joined into one file. Node takes a third of a millisecond for every file of an import.
//
//   npm run build
//
// The library is compiled against what the web has and nothing of Node: a use of process or Buffer fails here.

import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
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

/**
 * Joins what the compiler wrote into one file for each entry. esbuild follows the compiler's maps, so they still lead into lib/.
 * What the main entry exports the others take from it, so that a class of errors is the same in all of them.
 */
async function joinEntries(): Promise<void> {
  const entries = Object.values(packageJson.exports).flatMap((
    entry,
  ) => (typeof entry === 'string' ? [] : [entry.default]));
  const main = join(root, packageJson.exports['.'].default);
  const exported = await exportsOf(main);
  const fromMain = (entry: string) => ({
    name: 'from-main',
    setup(
      build: { onResolve(filter: object, resolve: (args: { path: string; resolveDir: string }) => unknown): void },
    ) {
      build.onResolve({ filter: /^\./ }, async ({ path, resolveDir }) => {
        const names = await exportsOf(join(resolveDir, path));
        const whole = names.length > 0 && names.every((name) => exported.includes(name));
        return whole ? { path: relative(dirname(entry), main), external: true } : undefined;
      });
    },
  });
  const outputs: { path: string; contents: Uint8Array }[] = [];
  for (const entry of entries.map((path) => join(root, path))) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      outfile: entry,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      sourcemap: true,
      sourcesContent: false,
      write: false,
      logLevel: 'error',
      plugins: entry === main ? [] : [fromMain(entry)],
    });
    outputs.push(...outputFiles);
  }
  for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (/\.js(\.map)?$/.test(file)) rmSync(join(root, 'dist', file));
  }
  for (const { path, contents } of outputs) writeFileSync(path, contents);
}

/** Builds what `npx nango-fetch` runs: the command and the thread of a function, each one file, and the pages beside them. */
async function buildCommand(): Promise<void> {
  const from = join(root, 'lib/dev');
  const to = join(root, 'dist/dev');
  await esbuild.build({
    entryPoints: { main: join(from, 'main.ts'), thread: join(from, 'functions/thread.ts') },
    outdir: to,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'error',
  });
  for (const file of readdirSync(from)) if (/\.(html|json)$/.test(file)) copyFileSync(join(from, file), join(to, file));
}

async function exportsOf(file: string): Promise<string[]> {
  return Object.keys((await import(pathToFileURL(file).href)) as object);
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  const files = compile('--listEmittedFiles', '--listFiles').trim().split('\n');
  const leaks = files.filter((file) => /node_modules\/(@types\/node|undici-types)\//.test(file));
  if (leaks.length > 0) throw new Error(`Node's types are part of the library: ${leaks.join(', ')}`);
  const written = files.filter((file) => file.startsWith('TSFILE'));
  if (written.length === 0) throw new Error('Nothing was built');
  await joinEntries();
  await buildCommand();
  console.log(`${readdirSync(join(root, 'dist'), { recursive: true }).length} files in dist/`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
