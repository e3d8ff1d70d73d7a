// The formatter and the linter: Deno's, which comes from npm. Both are configured in deno.json.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './esbuild.ts';
import { installPackages } from '../runtimes/install.ts';

/** Runs commands of Deno in the folder of the project, and ends with the exit code of the first that fails. */
export async function deno(...commands: string[][]): Promise<void> {
  await installPackages('scripts/tools');
  const program = join(root, `scripts/tools/node_modules/@deno/linux-${process.arch}-glibc/deno`);
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  for (const command of commands) {
    const { status, error } = spawnSync(program, command, { cwd: root, env, stdio: 'inherit' });
    if (error) throw error;
    if (status !== 0) process.exitCode ||= status ?? 1;
  }
}
