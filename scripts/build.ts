// Builds dist/ from lib/: the compiler alone, one file for each, with declarations and maps that lead back into lib/.
//
//   npm run build
//
// The library is compiled against what the web has and nothing of Node: a use of process or Buffer fails here.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const project = join(root, 'scripts/tsconfig.build.json');

function compile(...args: string[]): string {
  try {
    return execFileSync(process.execPath, [tsc, '-p', project, ...args], { cwd: root, encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`The library does not compile\n${stdout}${stderr}`);
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  const files = compile('--listEmittedFiles', '--listFiles').trim().split('\n');
  const leaks = files.filter((file) => /node_modules\/(@types\/node|undici-types)\//.test(file));
  if (leaks.length > 0) throw new Error(`Node's types are part of the library: ${leaks.join(', ')}`);
  const written = files.filter((file) => file.startsWith('TSFILE'));
  if (written.length === 0) throw new Error('Nothing was built');
  console.log(`${written.length} files in dist/`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
