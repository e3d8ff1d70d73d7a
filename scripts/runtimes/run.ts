// Runs a program of another runtime to its end, and reads the report that it prints.

import { spawn } from 'node:child_process';
import { mark } from './specs.ts';
import type { Report } from './walk.ts';

/** What a program left behind. */
export interface Outcome {
  code: number | null;
  output: string;
}

/** How a program is run. */
export interface RunOptions {
  cwd?: string | undefined;
  env?: Record<string, string> | undefined;
  /** How long it may take, in milliseconds. Defaults to 600,000. */
  timeout?: number | undefined;
  /** Ends it early: what it was started for has been done. */
  signal?: AbortSignal | undefined;
}

/** Runs a program, its output with its errors in one. It and all that it started are gone afterwards. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd, env, timeout = 600_000, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const end = (): void => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // All of its processes are gone already.
      }
    };
    const timer = setTimeout(() => {
      output += `\nstopped after ${timeout} ms`;
      end();
    }, timeout);
    signal?.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      end();
      resolve({ code, output });
    });
  });
}

/** Reads the report in the output of a program. A program that gives none, or then fails by itself, has failed. */
export function readReport({ code, output }: Outcome): Report {
  const lines = output.split('\n');
  const line = lines.filter((each) => each.startsWith(mark)).at(-1);
  const tail = lines
    .filter((each) => each !== line)
    .slice(-40)
    .join('\n')
    .trim();
  if (!line) return { passed: 0, failed: 1, skipped: [], failures: [`No report (exit code ${code})\n${tail}`] };
  const report = JSON.parse(line.slice(mark.length)) as Report;
  if (code === 0) return report;
  return { ...report, failed: report.failed + 1, failures: [...report.failures, `Exit code ${code}\n${tail}`] };
}
