// The thread of one function run: loads its code, gives it a `nango` object, runs it, and tells the server how it went.

import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { ActionError, failureOf } from './errors.ts';
import { FunctionNango, type Link } from './nango.ts';
import type { FromThread, LogLevel, Run, ToThread } from './protocol.ts';

/** A function as its code gives it: an object of the package `nango`, or the plain function of older projects. */
type Definition =
  | ((nango: FunctionNango, input: unknown) => unknown)
  | {
    exec(nango: FunctionNango, input: unknown): unknown;
    onWebhook?(nango: FunctionNango, payload: unknown): unknown;
  };

// A function that prints without end must not fill the memory of the server.
const mostLines = 10_000;
const longestLine = 20_000;

const port = parentPort;
if (!port) throw new Error('This file runs in a worker thread');
const run = workerData as Run;
const file = `${run.name}-${run.facts.providerConfigKey}.cjs`;
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
const abort = new AbortController();
let lines = 0;
let calls = 0;

const say = (message: FromThread): void => {
  port.postMessage(message);
};

const link: Link = {
  signal: abort.signal,
  call: (name, ...args) =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve: resolve as (value: unknown) => void, reject });
      say({ type: 'call', id: calls, name, args });
    }),
  log(level, values) {
    lines += 1;
    if (lines > mostLines) return;
    const text = values.map((value) => (typeof value === 'string' ? value : inspect(value, { depth: 6 }))).join(' ');
    say({ type: 'log', level, text: text.slice(0, longestLine) });
  },
};

port.on('message', (message: ToThread) => {
  if (message.type === 'abort') {
    abort.abort();
    return;
  }
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.type === 'given') asked?.resolve(message.value);
  else {
    const { code } = message;
    asked?.reject(
      Object.assign(new Error(message.message), { name: message.name }, code === undefined ? {} : { code }),
    );
  }
});

for (const level of ['debug', 'info', 'warn', 'error', 'log'] as const) {
  console[level] = (...values: unknown[]) => {
    link.log((level === 'log' ? 'info' : level) as LogLevel, values);
  };
}

// What the package `nango` is at run time: the definitions as they are, with their kind.
const definitions = {
  createSync: (definition: object) => ({ type: 'sync', ...definition }),
  createAction: (definition: object) => ({ type: 'action', ...definition }),
  createOnEvent: (definition: object) => ({ type: 'onEvent', ...definition }),
  createFunction: (definition: object) => ({ type: 'function', ...definition }),
  ActionError,
};

/** Gives a package to the code: one of Node's own, or one that is installed where the server runs. */
function requirePackage(name: string): unknown {
  if (name === 'nango' || name.startsWith('nango/') || name === '@nangohq/runner-sdk') return definitions;
  if (isBuiltin(name)) return process.getBuiltinModule(name) as unknown;
  for (const folder of run.folders) {
    const require = createRequire(join(folder, 'package.json'));
    let path: string;
    try {
      path = require.resolve(name);
    } catch {
      continue; // Not installed here.
    }
    return require(path) as unknown;
  }
  throw new Error(`The function needs the package ${name}, which is in none of: ${run.folders.join(', ')}`);
}

function load(): Definition {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const compiled = compileFunction(run.code, ['exports', 'require', 'module', '__filename', '__dirname'], {
    filename: file,
  }) as (...args: unknown[]) => void;
  compiled(module.exports, requirePackage, module, file, '.');
  const { exports } = module;
  const given = exports['default'] ?? exports;
  const handler = exports['onWebhookPayloadReceived'];
  if (run.webhook && typeof handler === 'function') return handler as Definition;
  if (typeof given === 'function') return given as Definition;
  if (typeof given === 'object' && given !== null && 'exec' in given) return given as Definition;
  throw new Error('The code has no default export that is a function of Nango');
}

async function execute(): Promise<unknown> {
  const definition = load();
  const nango = new FunctionNango(run, link);
  if (typeof definition === 'function') return await definition(nango, run.input);
  if (run.webhook) {
    if (!definition.onWebhook) throw new Error('The sync has no onWebhook');
    return await definition.onWebhook(nango, run.input);
  }
  const output = await definition.exec(nango, run.input);
  if (run.type === 'sync' && run.facts.trackDeletes) {
    for (const model of run.facts.models) await nango.deleteRecordsFromPreviousExecutions(model);
  }
  return output;
}

const dropped = (): number => Math.max(0, lines - mostLines);
try {
  const output = await execute();
  say({ type: 'done', json: JSON.stringify(output), dropped: dropped() });
} catch (thrown) {
  say({ type: 'failed', failure: failureOf(thrown, file), dropped: dropped() });
}
