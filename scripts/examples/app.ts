// What the checks of the examples share: starting an app as a process of its own, and waiting for what it says.

import { spawn } from 'node:child_process';

/** An app that runs. */
export interface RunningApp {
  /** Where it listens. */
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /** Ends it and all that it started. */
  stop(): Promise<void>;
}

/** Starts a program, and waits until it prints `listening on http://…`. */
export function startApp(
  command: string,
  args: readonly string[],
  { env, cwd, timeout = 60_000 }: {
    env?: Record<string, string>;
    cwd?: string;
    timeout?: number;
  } = {},
): Promise<RunningApp> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
    await ended;
  };
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new Error(`${command} ${why}\n${output}`));
      void stop();
    };
    const timer = setTimeout(
      fail,
      timeout,
      `did not listen within ${timeout} ms`,
    );
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /listening on (http:\/\/\S+)/i.exec(output)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve({ url, output: () => output, stop });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`ended with ${code}`));
  });
}

/** Waits until something holds, for ten seconds at most. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not happen within ten seconds`);
}
