// Writes anew what is made of the sources and committed with them: sizes, public surface, tables of README.md.
//
//   npm run update

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './esbuild.ts';

// The README shows sizes, so it comes after them.
for (const name of ['size', 'surface', 'readme']) {
  const script = join(root, `scripts/${name}.ts`);
  const { status } = spawnSync(join(root, 'node_modules/.bin/tsx'), [script, '--write'], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
