// Measures time as ratios within one run: rounds interleaved, medians. Compares with the floor, which is what a program without
// this library would do: a bare process, a raw fetch, a bare crypto.subtle.verify. Needs `npm run build` for the import.
//
//   npm run bench

import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, getConnection, iterateRecordPages } from '../lib/mod.ts';
import { verifyWebhook } from '../lib/webhooks/mod.ts';
import { root } from './esbuild.ts';

const size = 1000;
const pages = 50;

/** Answers from memory, in a process of its own, so that it costs the clients nothing. */
async function serve(): Promise<void> {
  const connection = JSON.stringify({
    id: 1,
    connection_id: 'c-1',
    provider_config_key: 'github',
    metadata: { a: 'x'.repeat(500) },
  });
  const bodies = Array.from({ length: pages }, (_, page) =>
    JSON.stringify({
      next_cursor: page < pages - 1 ? `${page + 1}` : null,
      records: Array.from({ length: size }, (_, index) => ({
        id: `w-${page}-${index}`,
        name: `Widget ${index}`,
        nested: { deep: { x: index }, tags: ['a', 'b'] },
        _nango_metadata: { last_action: 'ADDED', deleted_at: null, pruned_at: null, cursor: `${page}` },
      })),
    }));
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    response.setHeader('content-type', 'application/json');
    response.end(url.pathname === '/records' ? bodies[Number(url.searchParams.get('cursor') ?? 0)] : connection);
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
}

async function startServer(): Promise<[ChildProcess, string]> {
  const child = fork(import.meta.filename, ['--server'], { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(child, 'message')) as [number];
  return [child, `http://127.0.0.1:${port}`];
}

/** Runs the contestants in turn, and gives the median of each. */
async function compare(rounds: number, ...contestants: (() => Promise<number>)[]): Promise<number[]> {
  const figures = contestants.map((): number[] => []);
  // The first round warms up.
  for (let round = -1; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const figure = await contestant();
      if (round >= 0) figures[index]!.push(figure);
    }
  }
  return figures.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
}

/** Gives the milliseconds that a run takes, of the clock or of the processor. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
async function cpu(run: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function report(name: string, figure: string): void {
  console.log(`${name.padEnd(64)} ${figure}`);
}

if (process.argv.includes('--server')) await serve();
else await bench();

async function bench(): Promise<void> {
  const start = (code: string) => () =>
    time(async () => {
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: root,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
    });
  const [bare, imported] = (await compare(20, start('0'), start(`import './dist/mod.js'`))) as [number, number];
  report('import of the built main entry, over a bare process', `${(imported - bare).toFixed(1)} ms`);

  const [child, host] = await startServer();
  const client = createClient({ apiKey: 'key', host });
  const headers = { authorization: 'Bearer key' };

  const calls = 500;
  const raw = async (): Promise<void> => {
    for (let i = 0; i < calls; i++) {
      await (await fetch(`${host}/connections/c-1?provider_config_key=github`, { headers })).json();
    }
  };
  const ours = async (): Promise<void> => {
    for (let i = 0; i < calls; i++) await getConnection(client, { providerConfigKey: 'github', connectionId: 'c-1' });
  };
  const [rawCpu, oursCpu] = (await compare(15, () => cpu(raw), () => cpu(ours))) as [number, number];
  report('one small call, CPU against raw fetch and json()', (oursCpu / rawCpu).toFixed(3));

  const loop = async (): Promise<void> => {
    for (let cursor: string | null = '0'; cursor !== null;) {
      const answer: Response = await fetch(`${host}/records?model=W&limit=${size}&cursor=${cursor}`, { headers });
      ({ next_cursor: cursor } = (await answer.json()) as { next_cursor: string | null });
    }
  };
  const read = async (): Promise<void> => {
    for await (
      const { records } of iterateRecordPages(client, { providerConfigKey: 'g', connectionId: 'c', model: 'Ww' })
    ) {
      if (!records.length) throw new Error('an empty page');
    }
  };
  const [loopTime, readTime] = (await compare(9, () => time(loop), () => time(read))) as [number, number];
  report(
    `${(pages * size).toLocaleString('en')} records by pages, against a sequential fetch loop`,
    (readTime / loopTime).toFixed(3),
  );
  child.kill();

  const body = new TextEncoder().encode(JSON.stringify({ type: 'sync', text: 'x'.repeat(1000) }));
  const key = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode('key'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  );
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, body));
  const signature = Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const [bareVerify, verify] = (await compare(
    15,
    () =>
      time(async () => {
        for (let i = 0; i < 1000; i++) if (!(await crypto.subtle.verify('HMAC', key, mac, body))) throw new Error();
      }),
    () =>
      time(async () => {
        for (let i = 0; i < 1000; i++) if (!(await verifyWebhook(body, signature, 'key'))) throw new Error();
      }),
  )) as [number, number];
  report('a webhook verified, against crypto.subtle.verify', (verify / bareVerify).toFixed(3));
  console.log(`Node ${process.versions.node}`);
}
