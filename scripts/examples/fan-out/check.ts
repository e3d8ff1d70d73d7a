// Checks the example of many workers: 1,000 connections of 200 records each change at once, their webhooks come in, four
// workers share the jobs, and two of them are killed on the way. Nothing may be lost.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Miniflare } from 'miniflare';
import postgres from 'postgres';
import { createEmulator } from '../../../lib/testing/mod.ts';
import { check, conclude, expect } from '../../tools/counts.ts';
import { esbuild, root } from '../../tools/esbuild.ts';
import { startPostgres, startRedis } from '../stores/engines.ts';

const connections = 1000;
const perConnection = 200;
const here = join(root, 'scripts/examples/fan-out');

const ids = Array.from({ length: connections }, (_, index) => `c-${index}`);
const emulator = createEmulator({
  integrations: [{ unique_key: 'shop', provider: 'unauthenticated' }],
  connections: ids.map((id) => ({ provider_config_key: 'shop', connection_id: id })),
});
const targetOf = (connectionId: string) => ({ providerConfigKey: 'shop', connectionId, model: 'Widget' });
const expected = new Set<string>();
for (const id of ids) {
  const records = Array.from(
    { length: perConnection },
    (_, index) => ({ id: `${id}-${index}`, text: 'x'.repeat(100) }),
  );
  emulator.saveRecords(targetOf(id), records);
  for (const record of records) {
    const saved = emulator.getRecord(targetOf(id), record.id) as { _nango_metadata: { cursor: string } };
    expected.add(`${record.id} ${saved._nango_metadata.cursor}`);
  }
}

let requests = 0;
// What answers waits for it, so that who is killed is killed at work.
let onRequest: (connectionId: string) => unknown = () => {};
const source = createServer(async (request, response) => {
  requests++;
  await onRequest(String(request.headers['connection-id']));
  const answer = await emulator.fetch(emulator.host + request.url, {
    headers: request.headers as Record<string, string>,
  });
  response.writeHead(answer.status, [...answer.headers].flat());
  response.end(await answer.text());
});
await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;

/** Sends a webhook for each connection, some at a time. */
async function sendWebhooks(
  send: (init: { method: string; body: string; headers: Record<string, string> }) => Promise<{ status: number }>,
): Promise<void> {
  const waiting = [...ids];
  const one = async (): Promise<void> => {
    for (let id = waiting.pop(); id; id = waiting.pop()) {
      const { body, headers } = await emulator.webhooks.sign(emulator.webhooks.syncEvent(targetOf(id)));
      const { status } = await send({ method: 'POST', body, headers });
      expect(status === 200, `a webhook was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 10 }, one));
}

interface Row {
  where: string;
  killed: number;
  read: number;
  doubled: number;
  lost: number;
  seconds: number;
}
const table: Row[] = [];

function judge(where: string, once: boolean, killed: number, rows: readonly string[], start: number): void {
  const distinct = new Set(rows);
  const lost = [...expected].filter((row) => !distinct.has(row)).length;
  const doubled = rows.length - distinct.size;
  table.push({ where, killed, read: rows.length, doubled, lost, seconds: (performance.now() - start) / 1000 });
  expect(killed === 2, `${killed} were killed`);
  expect(lost === 0, `${lost} records were lost`);
  expect(!once || doubled === 0, `${doubled} records came twice`);
  // Eight jobs at a time, a page each.
  expect(doubled <= killed * 8 * perConnection, `${doubled} records came twice, more than the kills explain`);
}

const folder = await mkdtemp(join(tmpdir(), 'fan-out-'));
await chmod(folder, 0o711);
const built = join(here, 'node_modules/.run');
const alias = { 'nango-fetch/webhooks': join(root, 'lib/webhooks/mod.ts'), 'nango-fetch': join(root, 'lib/mod.ts') };
for (const entry of ['receive', 'run/redis', 'run/postgres', 'run/cloudflare']) {
  await esbuild.build({
    entryPoints: [join(here, `${entry}.ts`)],
    outfile: join(built, `${entry.replace('/', '-')}.mjs`),
    alias,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    external: ['node:*', 'cloudflare:*', 'bullmq', 'redis', 'postgres'],
  });
}
for (const project of ['tsconfig.json', 'tsconfig.workers.json']) {
  await check(`${project} type-checks`, () => {
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(here, project)], {
      encoding: 'utf8',
    });
    expect(status === 0, stdout);
  });
}

/** Starts a program, and waits for its first line. */
async function start(name: string, env: Record<string, string>, children: Set<ChildProcess>): Promise<string> {
  const child = spawn(process.execPath, [join(built, `${name}.mjs`)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    child.stdout.on('data', (chunk) => resolve(String(chunk)));
  });
}

const redis = await startRedis(folder);
const database = await startPostgres(
  join(folder, 'postgres'),
  'create table cursors (key text primary key, cursor text not null);' +
    'create table changes (number bigserial primary key, record jsonb not null)',
);
const children = new Set<ChildProcess>();
try {
  for (const store of ['redis', 'postgres'] as const) {
    if (!redis || (store === 'postgres' && !database)) {
      console.log(`skipped BullMQ, cursors in ${store}: its server is not here, and only root can install it`);
      continue;
    }
    await check(`BullMQ, cursors in ${store}`, async () => {
      const begin = performance.now();
      const rows = join(folder, `rows-${store}`);
      await mkdir(rows);
      const env = {
        REDIS: redis.socket,
        POSTGRES: database?.socket ?? '',
        ROWS: rows,
        NANGO_API_KEY: emulator.apiKey,
        NANGO_HOST: host,
        WEBHOOK_SIGNING_KEY: emulator.webhookSigningKey,
      };
      const queue = new Queue('records', { connection: { path: redis.socket } });
      await queue.obliterate({ force: true });
      const url = /http:\S+/.exec(await start('receive', env, children))![0];
      const receiver = [...children];
      await Promise.all([1, 2, 3, 4].map(() => start(`run-${store}`, env, children)));
      let killed = 0;
      const first = requests;
      onRequest = () => {
        // A third of the way, and two.
        if (killed < 2 && requests - first > ((killed + 1) * connections) / 3) {
          killed++;
          [...children].find((child) => !receiver.includes(child))!.kill('SIGKILL');
        }
      };
      await sendWebhooks((init) => fetch(url, init));
      for (let attempt = 0;; attempt++) {
        const { completed = 0, failed = 0, ...others } = await queue.getJobCounts(
          'completed',
          'failed',
          'active',
          'waiting',
          'delayed',
        );
        expect(failed === 0, `${failed} jobs failed`);
        if (completed === connections) break;
        expect(attempt < 500, `${completed} jobs are done: ${JSON.stringify(others)}`);
        await sleep(100);
      }
      for (const child of children) child.kill();
      await queue.close();
      let read: string[] = [];
      if (store === 'redis') {
        for (const file of await readdir(rows)) {
          read = read.concat((await readFile(join(rows, file), 'utf8')).trim().split('\n'));
        }
      } else {
        const sql = postgres({ path: database!.socket, user: 'nango', database: 'postgres' });
        read =
          (await sql`select record ->> 'id' || ' ' || (record -> '_nango_metadata' ->> 'cursor') as row from changes`)
            .map((each) => String(each['row']));
        await sql.end();
      }
      judge(`BullMQ, cursors in ${store}`, store === 'postgres', killed, read, begin);
    });
  }
  await check('Cloudflare Queues, cursors in Durable Objects', async () => {
    const begin = performance.now();
    const miniflare = new Miniflare({
      modules: true,
      scriptPath: join(built, 'run-cloudflare.mjs'),
      compatibilityDate: '2026-04-01',
      bindings: { NANGO_API_KEY: emulator.apiKey, NANGO_HOST: host, WEBHOOK_SIGNING_KEY: emulator.webhookSigningKey },
      durableObjects: { CONSUMER: { className: 'Consumer', useSQLite: true } },
      queueProducers: { QUEUE: 'records' },
      queueConsumers: { records: { maxBatchSize: 10, maxBatchTimeout: 1, maxRetries: 100 } },
    });
    const call = async (action: string, id: string): Promise<string> => {
      const name = encodeURIComponent(JSON.stringify(['shop', id, 'Widget']));
      const response = await miniflare.dispatchFetch(`http://worker/${action}/${name}`);
      return response.text();
    };
    let killed = 0;
    const first = requests;
    const done = new Set<string>();
    onRequest = async (id) => {
      done.add(id);
      if (killed < 2 && requests - first > ((killed + 1) * connections) / 3) {
        killed++;
        // The object fails whoever calls it.
        await call('kill', id).catch(() => {});
      }
    };
    await sendWebhooks((init) => miniflare.dispatchFetch('http://worker/', init));
    for (let attempt = 0; done.size < connections; attempt++) {
      expect(attempt < 600, `${done.size} connections were read`);
      await sleep(100);
    }
    let read: string[] = [];
    for (let attempt = 0; attempt < 100; attempt++) {
      read = [];
      for (let index = 0; index < connections; index += 50) {
        const texts = await Promise.all(ids.slice(index, index + 50).map((id) => call('rows', id)));
        read = read.concat(texts.flatMap((text) => text.split('\n')).filter((row) => expected.has(row)));
      }
      if (read.length >= expected.size) break;
      await sleep(200);
    }
    await miniflare.dispose();
    judge('Cloudflare Queues, Durable Objects', true, killed, read, begin);
  });
} finally {
  for (const child of children) child.kill('SIGKILL');
  await redis?.stop();
  await database?.stop();
  source.close();
  source.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${connections} connections, ${expected.size} records\n`);
console.log('where                               killed  read    doubled  lost  seconds');
for (const { where, killed, read, doubled, lost, seconds } of table) {
  console.log(
    `${where.padEnd(36)}${`${killed}`.padEnd(8)}${`${read}`.padEnd(8)}${`${doubled}`.padEnd(9)}${`${lost}`.padEnd(6)}${
      seconds.toFixed(1)
    }`,
  );
}
conclude();
