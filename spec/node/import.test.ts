// Importing touches nothing that is expensive to load. On Node, the classes of fetch alone take 20 ms.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const classes = ['Request', 'Response', 'Headers', 'FormData', 'fetch', 'WebSocket', 'EventSource'];

for (const entry of ['mod.ts', 'webhooks/mod.ts']) {
  test(`lib/${entry} touches no class of fetch when it is imported`, () => {
    const script = `
      for (const name of ${JSON.stringify(classes)}) {
        Object.defineProperty(globalThis, name, { get() { throw new Error('touched ' + name); } });
      }
      await import(${JSON.stringify(new URL(`../../lib/${entry}`, import.meta.url).href)});
      console.log('imported');
    `;
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    assert.is(status, 0, stderr);
    assert.is(stdout.trim(), 'imported');
  });
}

test.run();
