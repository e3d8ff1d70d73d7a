// The databases that the examples run on: each started for the check alone, on a socket in its own folder.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A database that runs. */
export interface Engine {
  /** Its socket. */
  socket: string;
  /** Ends it. */
  stop(): Promise<void>;
}

const asRoot = process.getuid?.() === 0;

/** Finds a program, and installs it from Debian where it is missing and root runs this. */
function program(name: string, debian: string): string | undefined {
  const find = (): string | undefined => {
    const versions = '/usr/lib/postgresql';
    const folders = existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : [];
    return [...folders, ...(process.env['PATH'] ?? '').split(':')].map((
      folder,
    ) => join(folder, name)).find(existsSync);
  };
  if (!find() && asRoot) {
    for (
      const args of [['update'], [
        'install',
        '-y',
        '--no-install-recommends',
        debian,
      ]]
    ) {
      spawnSync('apt-get', args, {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeout: 300_000,
      });
    }
  }
  return find();
}

async function running(child: ChildProcess, socket: string): Promise<Engine> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let attempt = 0; !existsSync(socket); attempt++) {
    if (child.exitCode !== null || attempt > 600) {
      throw new Error(`${child.spawnfile} did not start`);
    }
    await sleep(50);
  }
  return {
    socket,
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Starts Redis, which keeps nothing on disk; gives nothing where there is none. */
export async function startRedis(folder: string): Promise<Engine | undefined> {
  const server = program('redis-server', 'redis-server');
  if (!server) return undefined;
  const socket = join(folder, 'redis.sock');
  const args = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--save',
    '',
    '--dir',
    folder,
    '--maxmemory-policy',
    'noeviction',
  ];
  return running(spawn(server, args, { stdio: 'ignore' }), socket);
}

/** Starts PostgreSQL; gives nothing where there is none. */
export async function startPostgres(
  folder: string,
  schema: string,
): Promise<Engine | undefined> {
  const initdb = program('initdb', 'postgresql');
  const server = program('postgres', 'postgresql');
  const psql = program('psql', 'postgresql');
  if (!initdb || !server || !psql) return undefined;
  await mkdir(folder, { mode: 0o711 });
  const data = join(folder, 'data');
  // It refuses to be root's.
  const ids = asRoot ? ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'postgres']).stdout)) : [];
  const [uid, gid] = ids;
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  const options = uid === undefined ? {} : { uid, gid: gid! };
  const made = spawnSync(initdb, [
    '-D',
    data,
    '-U',
    'nango',
    '--auth',
    'trust',
    '--no-sync',
  ], { ...options, cwd: folder });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const settings = [
    '-c',
    'listen_addresses=',
    '-c',
    'fsync=off',
    '-c',
    'max_connections=60',
  ];
  const child = spawn(server, ['-D', data, '-k', folder, ...settings], {
    ...options,
    cwd: folder,
    stdio: 'ignore',
  });
  const engine = await running(child, join(folder, '.s.PGSQL.5432'));
  for (let attempt = 0;; attempt++) {
    const { status, stderr } = spawnSync(psql, [
      '-h',
      folder,
      '-U',
      'nango',
      'postgres',
      '-c',
      schema,
    ]);
    if (status === 0) return engine;
    if (attempt > 100) throw new Error(`psql: ${stderr}`);
    await sleep(50);
  }
}
