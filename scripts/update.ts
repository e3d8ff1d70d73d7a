// Writes anew what is made of the sources and committed with them: the main entry, sizes, public surface, tables of README.md.
//
//   npm run update

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './tools/esbuild.ts';

// Sizes and surface are those of what the entry exports, and the README shows sizes.
for (const name of ['indexes', 'architecture', 'size', 'surface', 'readme']) {
  const script = join(root, `scripts/checks/${name}.ts`);
  const { status } = spawnSync(join(root, 'node_modules/.bin/tsx'), [script, '--write'], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
