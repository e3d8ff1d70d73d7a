// Measures: a process for each contestant, rounds in turn, and medians of what a contestant takes of what the first one takes in
// the same round.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { esbuild, root } from '../tools/esbuild.ts';
import type { Round, Task } from './worker.ts';

const folder: string = join(root, 'scripts/bench');
const built = join(folder, 'dist');

/** A program that runs contestants, and the arguments that it wants before a script. */
export interface Runtime {
  name: string;
  command: readonly [string, ...string[]];
}

/** One who takes part in a race: the name in the tables, and what its process is told. */
export interface Entry {
  name: string;
  task: Partial<Task> & Pick<Task, 'contestant'>;
}

/** What is measured side by side. The first entry is what the others are compared with. */
export interface Race {
  title: string;
  /** What all processes are told; `host` is a path on the server. */
  task: Partial<Task> & Pick<Task, 'do'>;
  entries: readonly Entry[];
  /** How many rounds count. */
  rounds: number;
  /** After how many seconds no further round begins. Two rounds are run in any case. */
  seconds: number;
  /** Whether each round has a process of its own that was not warmed up, so that the peak of its memory is that of one round. */
  fresh?: boolean;
}

/** How one did: ratios to the first entry, and medians in milliseconds and megabytes. */
export interface Standing {
  name: string;
  wall: number;
  cpu: number;
  peak: number;
  wallRatio: number;
  cpuRatio: number;
  peakRatio: number;
  rounds: number;
}

/** Compiles the scripts that run in processes of their own into what every runtime takes. */
export async function buildScripts(): Promise<void> {
  await esbuild.build({
    entryPoints: [join(folder, 'worker.ts'), join(folder, 'server.ts')],
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A child process that is talked to in lines. */
class Lines {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<void>;
  #errors = '';

  constructor(command: readonly string[]) {
    const [program, ...args] = command;
    this.#child = spawn(program!, args, {
      cwd: folder,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin!.on('error', () => {});
    this.#child.stderr!.on(
      'data',
      (chunk: Buffer) => (this.#errors += chunk.toString()),
    );
    const lines: Interface = createInterface({ input: this.#child.stdout! });
    this.#lines = lines[Symbol.asyncIterator]();
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.once('error', (error) => {
        this.#errors += error.message;
        resolve();
      });
    });
  }

  async next(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (!done) return value;
    await this.#closed;
    throw new Error(
      this.#errors.trim() || `The process ended with ${this.#child.exitCode}`,
    );
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin!.write(`${line}\n`);
    return this.next();
  }

  async end(): Promise<void> {
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#child.kill(), 2000);
    await this.#closed;
    clearTimeout(timer);
  }
}

/** The server, in a process of its own. */
export interface Server extends AsyncDisposable {
  url: string;
}

export async function startServer(): Promise<Server> {
  const lines = new Lines([process.execPath, join(built, 'server.mjs')]);
  const port = await lines.next();
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => lines.end(),
  };
}

/** Starts a contestant. */
function start(
  runtime: Runtime,
  race: Race,
  entry: Entry,
  server: string,
): Lines {
  const defaults = {
    dist: new URL('dist', pathToFileURL(root)).href,
    count: 1,
    inFlight: 1,
    limit: 1000,
    bytes: 0,
  };
  const task = { ...defaults, ...race.task, ...entry.task };
  const told: Task = { ...task, host: `${server}/${task.host ?? ''}` };
  return new Lines([
    ...runtime.command,
    join(built, 'worker.mjs'),
    JSON.stringify(told),
  ]);
}

/** Runs a race, and gives how all did in the order of its entries. */
export async function run(
  race: Race,
  runtime: Runtime,
  server: string,
): Promise<Standing[]> {
  const { entries, rounds, seconds, fresh = false } = race;
  const figures = entries.map((): Round[] => []);
  const processes = fresh ? [] : entries.map((entry) => start(runtime, race, entry, server));
  const one = async (index: number): Promise<Round> => {
    const process = fresh ? start(runtime, race, entries[index]!, server) : processes[index]!;
    try {
      return JSON.parse(await process.ask('go')) as Round;
    } catch (error) {
      throw new Error(
        `${entries[index]!.name} failed in "${race.title}" on ${runtime.name}`,
        { cause: error },
      );
    } finally {
      if (fresh) await process.end();
    }
  };
  try {
    const begin = performance.now();
    // The shorter a round, the more of them it takes until the code is compiled.
    const warm = fresh ? 0 : race.task.do === 'call' || race.task.do === 'verify' ? 2 : 1;
    for (let round = -warm; round < rounds; round++) {
      if (round >= 2 && performance.now() - begin > seconds * 1000) break;
      // Each begins as often as the others, for what comes after a long one may be slower.
      for (let turn = 0; turn < entries.length; turn++) {
        const index = (turn + round + warm * entries.length) % entries.length;
        const figure = await one(index);
        if (round >= 0) figures[index]!.push(figure);
      }
    }
  } finally {
    await Promise.all(processes.map((process) => process.end()));
  }
  const [base] = figures as [Round[]];
  return entries.map(({ name }, index) => {
    const own = figures[index]!;
    const of = (key: 'wall' | 'cpu' | 'peak'): number => median(own.map((round) => round[key]));
    const ratio = (key: 'wall' | 'cpu' | 'peak'): number => median(own.map((round, at) => round[key] / base[at]![key]));
    return {
      name,
      wall: of('wall'),
      cpu: of('cpu'),
      peak: of('peak'),
      wallRatio: ratio('wall'),
      cpuRatio: ratio('cpu'),
      peakRatio: ratio('peak'),
      rounds: own.length,
    };
  });
}

/** Gives what each entry of a race says after one round, and fails with the first that does. */
export async function outcomes(
  race: Race,
  runtime: Runtime,
  server: string,
): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const entry of race.entries) {
    const process = start(runtime, race, entry, server);
    try {
      results.push((JSON.parse(await process.ask('go')) as Round).result);
    } catch (error) {
      results.push(error);
    } finally {
      await process.end();
    }
  }
  return results;
}

/** Measures how long programs take to start, import something and end, in milliseconds over a bare process. */
export function runImports(
  runtime: Runtime,
  imports: readonly { name: string; from: string }[],
  rounds: number,
  seconds: number,
): { name: string; ms: number }[] {
  const programs = [{ name: 'a bare process', code: '' }];
  for (const { name, from } of imports) {
    programs.push({ name, code: `import '${from}';` });
  }
  const times = programs.map(({ code }, index): number[] => {
    writeFileSync(join(built, `import-${index}.mjs`), code);
    return [];
  });
  const begin = performance.now();
  // The first round fills the caches of the disk, and of Deno.
  for (let round = -1; round < rounds; round++) {
    if (round >= 2 && performance.now() - begin > seconds * 1000) break;
    for (const [index, { name }] of programs.entries()) {
      const [program, ...args] = [
        ...runtime.command,
        join(built, `import-${index}.mjs`),
      ] as [string, ...string[]];
      const start = performance.now();
      const { status, stderr } = spawnSync(program, args, {
        cwd: folder,
        encoding: 'utf8',
      });
      const time = performance.now() - start;
      if (status !== 0) {
        throw new Error(
          `The import of ${name} failed on ${runtime.name}\n${stderr}`,
        );
      }
      if (round >= 0) times[index]!.push(time);
    }
  }
  const bare = times[0]!;
  return programs.map(({ name }, index) => ({
    name,
    ms: median(times[index]!.map((time, at) => time - bare[at]!)),
  }));
}
