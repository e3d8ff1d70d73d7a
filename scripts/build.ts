// Builds dist/ from lib/: the compiler writes declarations and code, with maps that lead back into lib/; then the code of each entry
// is joined into one file. Node takes a third of a millisecond for every file of an import.
//
//   npm run build
//
// The library is compiled against what the web has and nothing of Node: a use of process or Buffer fails here.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { esbuild, root } from './tools/esbuild.ts';
import { entries } from './tools/entries.ts';
import { llms } from './tools/llms.ts';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const project = join(root, 'scripts/tools/tsconfig.build.json');

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
 * Joins what the compiler wrote into one file for each entry, as a module and for `require`. esbuild follows the compiler's maps, so
 * they still lead into lib/. What the main entry exports the others take from it, so that a class of errors is the same in all of
 * them.
 */
async function joinEntries(): Promise<void> {
  const files = entries.map(({ source }) => join(root, source.replace('lib/', 'dist/').replace(/ts$/, 'js')));
  const main = files[0]!;
  const exported = await exportsOf(main);
  const fromMain = (entry: string, ending: string) => ({
    name: 'from-main',
    setup(
      build: { onResolve(filter: object, resolve: (args: { path: string; resolveDir: string }) => unknown): void },
    ) {
      build.onResolve({ filter: /^\./ }, async ({ path, resolveDir }) => {
        const names = await exportsOf(join(resolveDir, path));
        const whole = names.length > 0 && names.every((name) => exported.includes(name));
        const to = relative(dirname(entry), main).replace(/js$/, ending);
        return whole ? { path: to.startsWith('.') ? to : `./${to}`, external: true } : undefined;
      });
    },
  });
  const outputs: { path: string; contents: Uint8Array }[] = [];
  for (const entry of files) {
    for (const [format, ending] of [['esm', 'js'], ['cjs', 'cjs']] as const) {
      const { outputFiles } = await esbuild.build({
        entryPoints: [entry],
        outfile: entry.replace(/js$/, ending),
        bundle: true,
        format,
        target: 'es2022',
        platform: 'neutral',
        sourcemap: true,
        sourcesContent: false,
        write: false,
        logLevel: 'error',
        plugins: entry === main ? [] : [fromMain(entry, ending)],
      });
      outputs.push(...outputFiles);
    }
  }
  for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const path = join(root, 'dist', file);
    if (/\.js(\.map)?$/.test(file)) rmSync(path);
    // Declarations for `require` name each other by their own ending.
    else if (file.endsWith('.d.ts')) {
      writeFileSync(path.replace(/ts$/, 'cts'), requiredTypes(readFileSync(path, 'utf8')));
    }
  }
  for (const { path, contents } of outputs) writeFileSync(path, contents);
}

function requiredTypes(declarations: string): string {
  return declarations.replace(/(from |import\()'(\.[^']+)\.ts'/g, "$1'$2.cjs'").replace(
    /\n?\/\/# sourceMappingURL.*/,
    '\n',
  );
}

/**
 * Bundles what `npx nango-fetch dev` runs, and the thread that runs functions, for Node. Pages and data lie beside them. The emulator is
 * part of it: its classes of errors must be those that the runtime throws.
 */
async function buildDev(): Promise<void> {
  const lib = join(root, 'lib/dev');
  const out = join(root, 'dist/dev');
  const { outputFiles } = await esbuild.build({
    entryPoints: { main: join(lib, 'main.ts'), thread: join(lib, 'functions/thread.ts') },
    outdir: out,
    bundle: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    banner: { js: '#!/usr/bin/env node' },
    external: ['esbuild', 'tsx'],
    write: false,
    logLevel: 'error',
  });
  mkdirSync(out);
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  for (const file of readdirSync(lib).filter((name) => /\.(html|json)$/.test(name))) {
    copyFileSync(join(lib, file), join(out, file));
  }
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
  await buildDev();
  writeFileSync(join(root, 'dist/llms.txt'), await llms());
  console.log(`${readdirSync(join(root, 'dist'), { recursive: true }).length} files in dist/`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
