// Checks the examples of stores: each is short, type-checks, and is run by two consumers at once, of which those that have
// the key are killed at random moments. Nothing may be lost, and nothing doubled where the store promises that.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, conclude, expect } from '../../tools/counts.ts';
import { esbuild, root } from '../../tools/esbuild.ts';
import { installPackages } from '../../runtimes/install.ts';
import { run } from '../../runtimes/run.ts';
import { startPostgres, startRedis } from './engines.ts';
import { recordCount, startSource } from './source.ts';
import type { Source } from './source.ts';

const here = join(root, 'scripts/examples/stores');
const runtimes = join(root, 'scripts/runtimes/node_modules');
const kills = 4;

/** How the consumers of a store are run, killed and asked. */
interface Consumers {
  /** Lets one consume to the end; resolves with false where it was killed. */
  run(): Promise<boolean>;
  kill(consumer: string): void;
  /**
   * Stops one for as long as another needs to take over and to end. Only where a lease has a time to live, and not for Deno
   * KV: on one machine it is SQLite, whose lock a stopped process keeps.
   */
  pause?(consumer: string): void;
  resume?(consumer: string): void;
  rows(): Promise<string>;
}

/** What a run showed. */
interface Row {
  name: string;
  promise: 'once' | 'at least once';
  killed: number;
  read: number;
  doubled: number;
  lost: number;
}

async function scenario(
  name: string,
  promise: Row['promise'],
  source: Source,
  consumers: Consumers,
): Promise<Row> {
  let holder: string | undefined;
  let served = 0;
  let fuse = 2 + Math.floor(Math.random() * 4);
  let killed = 0;
  let paused: string | undefined;
  const gone = new Set<string>();
  const rivals: string[] = [];
  source.pages = 0;
  source.onPage = (consumer) => {
    if (consumer !== holder) {
      if (gone.has(consumer)) return;
      if (consumer && holder !== undefined && !gone.has(holder)) {
        rivals.push(`${consumer} beside ${holder}`);
      }
      holder = consumer;
      served = 0;
    }
    if (++served !== fuse || killed === kills) return;
    fuse = 2 + Math.floor(Math.random() * 4);
    served = 0;
    killed++;
    gone.add(consumer);
    if (consumers.pause && killed === 2) consumers.pause(paused = consumer);
    else setTimeout(() => consumers.kill(consumer), Math.random() * 10);
  };
  source.onEnd = (consumer) => {
    gone.add(consumer);
    if (paused) consumers.resume?.(paused);
  };
  // A consumer that was killed is replaced, as a queue does.
  const forever = async (): Promise<void> => {
    for (let attempt = 0; !(await consumers.run()); attempt++) {
      if (attempt > 500) throw new Error('no consumer reaches the end');
      await sleep(20);
    }
  };
  await Promise.all([forever(), forever()]);
  const rows = (await consumers.rows()).trim().split('\n');
  const distinct = new Set(rows);
  const lost = [...source.expected].filter((row) => !distinct.has(row)).length;
  const doubled = rows.length - distinct.size;
  const row: Row = { name, promise, killed, read: rows.length, doubled, lost };
  expect(killed >= 2, `${killed} were killed`);
  expect(rivals.length === 0, `two at once: ${rivals.join(', ')}`);
  expect(
    lost === 0 && distinct.size === recordCount,
    `${lost} of ${recordCount} records were lost`,
  );
  expect(promise !== 'once' || doubled === 0, `${doubled} records came twice`);
  // A page and the one asked for ahead, for each that was killed.
  expect(
    doubled <= killed * 200,
    `${doubled} records came twice, more than ${killed} kills explain`,
  );
  const bound = recordCount / 100 + 3 * killed + 8;
  expect(
    source.pages <= bound,
    `${source.pages} pages were asked for: one reader needs ${bound} at most`,
  );
  return row;
}

/** Consumers that are processes of a program. */
function processes(
  source: Source,
  command: readonly string[],
  folder: string,
  lease: boolean,
  engine = '',
): Consumers {
  const [file, ...args] = command as [string, ...string[]];
  const start = (mode: string): ChildProcess =>
    spawn(file, [...args, mode, source.host, source.apiKey, folder, engine], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1', DENO_NO_UPDATE_CHECK: '1' },
    });
  const signal = (consumer: string, name: NodeJS.Signals): void => void process.kill(Number(consumer), name);
  return {
    run: async () => {
      const child = start('consume');
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      const [code, by] = (await once(child, 'exit')) as [
        number | null,
        string | null,
      ];
      clearTimeout(timer);
      if (code) throw new Error(`a consumer ended with ${code}`);
      return by === null;
    },
    kill: (consumer) => signal(consumer, 'SIGKILL'),
    ...(lease && {
      pause: (consumer: string) => signal(consumer, 'SIGSTOP'),
      resume: (consumer: string) => signal(consumer, 'SIGCONT'),
    }),
    rows: async () => {
      const child = start('rows');
      let text = '';
      child.stdout!.on('data', (chunk) => (text += chunk));
      await once(child, 'close');
      return text;
    },
  };
}

await installPackages('scripts/examples/stores');
// The examples see the types that users get.
const { code, output } = await run(join(root, 'node_modules/.bin/tsx'), [join(root, 'scripts/build.ts')], {
  cwd: root,
});
if (code !== 0) throw new Error(output);
await installPackages('scripts/runtimes');
const folder = await mkdtemp(join(tmpdir(), 'stores-'));
// PostgreSQL runs as a user of its own, and has to reach its folder.
await chmod(folder, 0o711);
const built = join(here, 'node_modules/.run');
const build = (name: string, external: string[]): Promise<unknown> =>
  esbuild.build({
    entryPoints: [join(here, 'run', `${name}.ts`)],
    outfile: join(built, `${name}.mjs`),
    alias: { 'nango-fetch': join(root, 'lib/mod.ts') },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    external,
  });

const only = process.argv.slice(2);
const wanted = (name: string): boolean => only.length === 0 || only.some((each) => name.includes(each));

for (
  const file of (await readdir(here)).filter((name) => name.endsWith('.ts'))
) {
  if (['check.ts', 'engines.ts', 'source.ts'].includes(file)) continue;
  const lines = (await readFile(join(here, file), 'utf8')).trimEnd().split('\n').length;
  await check(
    `${file} has at most 40 lines`,
    () => expect(lines <= 40, `it has ${lines}`),
  );
}
for (
  const project of [
    'tsconfig.json',
    'tsconfig.workers.json',
    'tsconfig.bun.json',
  ]
) {
  await check(`${project} type-checks`, () => {
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), [
      '-p',
      join(here, project),
    ], { encoding: 'utf8' });
    expect(status === 0, stdout);
  });
}
const deno = join(runtimes, `@deno/linux-${process.arch}-glibc/deno`);
const node = join(runtimes, `node-24-${process.arch}/bin/node`);
const bun = join(
  runtimes,
  `@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`,
);
const importMap = `data:application/json,${
  encodeURIComponent(
    JSON.stringify({ imports: { 'nango-fetch': `file://${root}lib/mod.ts` } }),
  )
}`;
await check('deno check', () => {
  const args = [
    'check',
    '--no-lock',
    '--config',
    join(root, 'deno.json'),
    '--unstable-kv',
    '--import-map',
    importMap,
    join(here, 'deno-kv.ts'),
  ];
  const { status, stderr } = spawnSync(deno, args, {
    encoding: 'utf8',
    env: { ...process.env, DENO_DIR: join(folder, 'deno') },
  });
  expect(status === 0, stderr);
});

const table: Row[] = [];
const skipped: string[] = [];
const schema = 'create table cursors (key text primary key, cursor text not null);' +
  'create table changes (number bigserial primary key, record jsonb not null)';
const redis = wanted('redis') ? await startRedis(folder) : undefined;
const postgres = wanted('postgres') ? await startPostgres(join(folder, 'postgres'), schema) : undefined;
try {
  const local: [
    name: string,
    promise: Row['promise'],
    command: string[],
    lease: boolean,
    engine?: string | undefined,
  ][] = [
    ['file', 'at least once', [node], false],
    ['redis', 'at least once', [node], true, redis?.socket],
    ['postgres', 'once', [node], false, postgres?.socket],
    ['sqlite-node', 'once', [node], false],
    ['sqlite-bun', 'once', [bun], false],
    ['deno-kv', 'once', [
      deno,
      'run',
      '--quiet',
      '--allow-all',
      '--unstable-kv',
      '--no-lock',
      '--no-config',
    ], false],
  ];
  for (const [name, promise, command, lease, engine] of local) {
    if (!wanted(name)) continue;
    if (/redis|postgres/.test(name) && !engine) {
      skipped.push(
        `${name}: its server is not here, and only root can install it`,
      );
      continue;
    }
    await build(name, ['node:*', 'bun:*', 'redis', 'postgres']);
    await check(name, async () => {
      const own = join(folder, name);
      await mkdir(own, { recursive: true });
      const source = await startSource(2);
      try {
        const program = [...command, join(built, `${name}.mjs`)];
        table.push(
          await scenario(
            name,
            promise,
            source,
            processes(source, program, own, lease, engine),
          ),
        );
      } finally {
        source.close();
      }
    });
  }
  if (['workers-kv', 'd1', 'durable-object'].some(wanted)) {
    await build('workers', ['cloudflare:*']);
    const { Miniflare, kCurrentWorker } = await import('miniflare');
    const source = await startSource(2);
    const miniflare = new Miniflare({
      modules: true,
      scriptPath: join(built, 'workers.mjs'),
      compatibilityDate: '2026-04-01',
      bindings: { NANGO_API_KEY: source.apiKey, NANGO_HOST: source.host },
      kvNamespaces: ['CURSORS'],
      d1Databases: ['DB'],
      serviceBindings: { ROWS: { name: kCurrentWorker, entrypoint: 'Rows' } },
      durableObjects: {
        KV: { className: 'KvObject', useSQLite: true },
        OBJECT: { className: 'StorageObject', useSQLite: true },
        D1: { className: 'D1Object', useSQLite: true },
      },
    });
    const database = await miniflare.getD1Database('DB');
    await database.exec(
      "create table consumers (key text primary key, cursor text not null default '', owner text, until integer)",
    );
    for (const name of ['changes', 'rows']) {
      await database.exec(`create table ${name} (record text not null)`);
    }
    const call = async (path: string): Promise<string> => {
      const response = await miniflare.dispatchFetch(`http://worker/${path}`);
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    };
    let started = 0;
    for (
      const [name, store, promise] of [['workers-kv', 'kv', 'at least once'], [
        'd1',
        'd1',
        'once',
      ], ['durable-object', 'object', 'once']] as const
    ) {
      if (!wanted(name)) continue;
      await check(name, async () => {
        table.push(
          await scenario(name, promise, source, {
            // An object that is killed fails whoever called it; who finds the key taken asks again.
            run: () =>
              call(`${store}/consume/${'AB'[started++ % 2]}`).then(
                (text) => text === 'true',
                () => false,
              ),
            kill: (consumer) =>
              void call(`${store}/kill/${consumer.split('/')[0] || 'one'}`)
                .catch(() => {}),
            rows: () => call(`${store}/rows`),
          }),
        );
      });
    }
    await miniflare.dispose();
    source.close();
  }
} finally {
  await redis?.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log('\nstore           promises        killed  read   doubled  lost');
for (const { name, promise, killed, read, doubled, lost } of table) {
  console.log(
    `${name.padEnd(16)}${promise.padEnd(16)}${`${killed}`.padEnd(8)}${`${read}`.padEnd(7)}${
      `${doubled}`.padEnd(9)
    }${lost}`,
  );
}
for (const each of skipped) console.log(`skipped ${each}`);
conclude();
