// consumeRecords under a process that is killed at random moments: nothing is lost, and the saved cursor is never ahead.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '../../lib/testing/mod.ts';
import { esbuild, root } from '../../scripts/esbuild.ts';
import { serve } from '../../scripts/serve.ts';

const kills = 100;
const count = 3000;
const target = { providerConfigKey: 'shop', connectionId: 'c-1', model: 'Widget' };

/** What the child runs: it keeps its cursor, and a line for each record that it handled, on disk. */
const program = `
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { consumeRecords, createClient } from './lib/mod.ts';

const [host, apiKey, folder] = process.argv.slice(2);
const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
const store = {
  get: () => { try { return readFileSync(folder + '/cursor', 'utf8'); } catch { return null; } },
  set: async (key, cursor) => {
    await pause();
    writeFileSync(folder + '/cursor.new', cursor);
    renameSync(folder + '/cursor.new', folder + '/cursor');
  },
};
process.stdout.write('ready');
await consumeRecords(createClient({ apiKey, host }), {
  ...${JSON.stringify(target)},
  store,
  limit: 20,
  handle: async ({ added }) => {
    for (const half of [added.slice(0, 10), added.slice(10)]) {
      await pause();
      appendFileSync(folder + '/handled', half.map(({ id, _nango_metadata }) => id + ' ' + _nango_metadata.cursor + '\\n').join(''));
    }
  },
});
`;

test(`nothing is lost in ${kills} kills`, async () => {
  const emulator = createEmulator({
    integrations: [{ unique_key: 'shop', provider: 'unauthenticated' }],
    connections: [{ provider_config_key: 'shop', connection_id: 'c-1' }],
    records: [{ ...target, records: Array.from({ length: count }, (_, index) => ({ id: `w-${index}` })) }],
  });
  const server = await serve(emulator);
  const folder = await mkdtemp(join(tmpdir(), 'consume-'));
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  try {
    const built = await esbuild.build({
      stdin: { contents: program, resolveDir: root },
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
    });
    const script = join(folder, 'child.mjs');
    await writeFile(script, built.outputFiles[0]!.text);

    /** The records in their order, with the place of each cursor. */
    const ordered = (await (await emulator.fetch(`${emulator.host}/records?model=Widget&limit=10000`, {
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'connection-id': 'c-1', 'provider-config-key': 'shop' },
    })).json()) as { records: { id: string; _nango_metadata: { cursor: string } }[] };
    assert.is(ordered.records.length, count);

    /** What is on disk must be a start of the records without a gap, and the cursor inside of it. */
    const inspect = async (): Promise<Set<string>> => {
      const handled = new Set((await read('handled')).split('\n').map((line) => line.split(' ')[0]!));
      const cursor = await read('cursor');
      const place = ordered.records.findIndex(({ _nango_metadata }) => _nango_metadata.cursor === cursor);
      if (cursor) assert.ok(place >= 0, 'the cursor is whole');
      for (const { id } of ordered.records.slice(0, place + 1)) {
        assert.ok(handled.has(id), `${id} is behind the cursor and was not handled`);
      }
      return handled;
    };

    const start = () =>
      spawn(process.execPath, [script, server.url, emulator.apiKey, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let killed = 0;
    let atWork = 0;
    while (killed < kills) {
      const child = start();
      const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
      const before = await read('handled');
      // The start of a process takes longer than some pages do, so the time counts from when it is at work.
      await once(child.stdout, 'data');
      const timer = setTimeout(() => child.kill('SIGKILL'), Math.random() * 150);
      const [code, signal] = await exit;
      clearTimeout(timer);
      await inspect();
      if ((await read('handled')) !== before) atWork++;
      if (signal === 'SIGKILL') killed++;
      else {
        assert.is(code, 0);
        assert.is([...(await inspect())].filter(Boolean).length, count, 'a run that ended has handled everything');
        await Promise.all(['cursor', 'handled'].map((name) => rm(join(folder, name), { force: true })));
      }
    }
    assert.ok(atWork > kills / 4, `${atWork} of the runs were killed at work`);
    assert.equal(await once(start(), 'exit'), [0, null]);
    assert.is([...(await inspect())].filter(Boolean).length, count, 'the union of what was handled is complete');
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});

test.run();
