// Runs the specs of the last release against the code as it is now: what they say was promised to its users.
//
//   npm run old-specs [-- v0.1.0]

import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../tools/esbuild.ts';
import { run } from '../runtimes/run.ts';
import { withFolder } from '../runtimes/specs.ts';

const head = await run('git', ['tag', '--points-at', 'HEAD'], { cwd: root });
const tags = await run('git', ['tag', '--list', 'v*', '--sort=-v:refname', '--merged', 'HEAD'], { cwd: root });
// At a release, the last one is the one before.
const isHere = new Set(head.output.trim().split('\n'));
const tag = process.argv[2] ??
  tags.output
    .trim()
    .split('\n')
    .filter((name) => name !== '' && !isHere.has(name))[0];

if (tag === undefined) console.log('There is no release before this one.');
else {
  await withFolder(async (folder) => {
    const archive = join(folder, 'old.tar');
    const old = join(folder, 'old');
    await mkdir(old);
    const steps = [
      ['git', 'archive', '--output', archive, tag],
      ['tar', '-xf', archive, '-C', old],
    ] as const;
    for (const [command, ...args] of steps) {
      const { code, output } = await run(command, args, { cwd: root });
      if (code !== 0) throw new Error(output);
    }
    await rm(join(old, 'lib'), { recursive: true });
    await cp(join(root, 'lib'), join(old, 'lib'), { recursive: true });
    await symlink(join(root, 'node_modules'), join(old, 'node_modules'));
    const tests = await run(process.execPath, ['--import', import.meta.resolve('tsx'), 'scripts/test.ts'], {
      cwd: old,
    });
    console.log(tests.output.trim());
    console.log(`These were the specs of ${tag}, run against the code as it is now.`);
    if (tests.code !== 0) process.exitCode = 1;
  });
}
