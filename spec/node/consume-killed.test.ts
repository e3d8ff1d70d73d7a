// consumeRecords in a process that is killed, at every point where it matters: nothing is lost, and the saved cursor is
// never ahead of what was handled.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '../../lib/testing/mod.ts';
import { esbuild, root } from '../../scripts/tools/esbuild.ts';
import { serve } from '../../lib/dev/server.ts';

const total = 400;
const limit = 10;
const target = { providerConfigKey: 'shop', connectionId: 'c-1', model: 'Widget' };

/** Where the process is killed. */
const points = [
  'before a request',
  'after an answer',
  'before handle',
  'inside handle',
  'between handle and store.set',
  'inside store.set',
  'after store.set',
] as const;

/** What the child runs: it keeps its cursor, and a line for each record that it handled, on disk, and kills itself. */
const program = `
import { appendFileSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { consumeRecords, createClient } from './lib/mod.ts';

const [host, apiKey, folder, point, nth] = process.argv.slice(2);
let reached = 0;
const at = (name) => {
  if (name !== point || ++reached < nth) return;
  writeSync(1, name);
  process.kill(process.pid, 'SIGKILL');
};
const store = {
  get: () => { try { return readFileSync(folder + '/cursor', 'utf8'); } catch { return null; } },
  set: async (key, cursor) => {
    at('between handle and store.set');
    writeFileSync(folder + '/cursor.new', cursor);
    await null;
    at('inside store.set');
    renameSync(folder + '/cursor.new', folder + '/cursor');
    at('after store.set');
  },
};
const handle = async ({ added }) => {
  at('before handle');
  for (const half of [added.slice(0, ${limit / 2}), added.slice(${limit / 2})]) {
    appendFileSync(folder + '/handled', half.map(({ id }) => id + '\\n').join(''));
    await null;
    if (half[0] === added[0]) at('inside handle');
  }
};
const send = async (input, init) => {
  at('before a request');
  const response = await fetch(input, init);
  at('after an answer');
  return response;
};
const client = createClient({ apiKey, host, fetch: send });
await consumeRecords(client, { ...${JSON.stringify(target)}, limit: ${limit}, store, handle });
`;

test('nothing is lost, wherever the process is killed', async () => {
  const emulator = createEmulator({
    integrations: [{ unique_key: 'shop', provider: 'unauthenticated' }],
    connections: [{ provider_config_key: 'shop', connection_id: 'c-1' }],
    records: [{ ...target, records: Array.from({ length: total }, (_, index) => ({ id: `w-${index}` })) }],
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

    const { records } = (await (await emulator.fetch(`${emulator.host}/records?model=Widget&limit=10000`, {
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'connection-id': 'c-1', 'provider-config-key': 'shop' },
    })).json()) as { records: { id: string; _nango_metadata: { cursor: string } }[] };
    assert.is(records.length, total);

    /** Counts the records that were handled, which must be the first ones, none left out, and all up to the cursor. */
    const inspect = async (): Promise<number> => {
      const handled = new Set((await read('handled')).split('\n').filter(Boolean));
      assert.equal([...handled], records.slice(0, handled.size).map(({ id }) => id), 'in order, without a gap');
      const cursor = await read('cursor');
      const place = records.findIndex(({ _nango_metadata }) => _nango_metadata.cursor === cursor);
      if (cursor) assert.ok(place >= 0, 'the cursor is whole');
      assert.ok(place < handled.size, `the cursor is at ${place}, and ${handled.size} records were handled`);
      return handled.size;
    };

    /** Runs the child until the nth time that it comes to a point, or to its end. */
    const runUntil = async (point: string, nth: number): Promise<{ said: string; end: unknown[] }> => {
      const args = [script, server.url, emulator.apiKey, folder, point, `${nth}`];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      return { end: await once(child, 'close'), said };
    };

    for (const point of points) {
      for (const nth of [1, 3]) {
        const before = await inspect();
        assert.equal(await runUntil(point, nth), { said: point, end: [null, 'SIGKILL'] }, `${point}, ${nth}`);
        const gained = (await inspect()) - before;
        if (nth > 1) assert.ok(gained >= limit, `it goes on where it was: ${gained} records more`);
      }
    }
    assert.equal(await runUntil('the end', 1), { said: '', end: [0, null] });
    assert.is(await inspect(), total, 'all of them were handled');
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});

test.run();
