// `nango-fetch dev`: a Nango on this machine. Reads the options, puts the emulator together with what runs functions, plays providers
// and keeps data, and prints a line for what happens.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createEmulator, type Emulator, type EmulatorSeed } from '../testing/mod.ts';
import { createClock } from '../testing/state/clock.ts';
import { readCatalogue } from './catalogue.ts';
import { dataFile, type DeployedCode, loadData, saveData } from './data.ts';
import { createRuntime, type LogLine } from './functions/runtime.ts';
import { createProvider } from './mock.ts';
import type { AskProvider } from './functions/provider-call.ts';
import { readSeed } from './seed.ts';
import { type PageEvent, serve } from './server.ts';

const usage = `Usage: nango-fetch dev [options]

A Nango on your machine: its API, deployed functions that run, webhooks, a Connect page, and a page to look at it all.

  --port <number>       Where to listen. Defaults to 3003; 0 is any free port.
  --hostname <name>     Defaults to 127.0.0.1.
  --seed <file>         What there is at first: a JSON file, or a module that exports \`seed\`.
  --webhooks <url>      Where webhooks go.
  --data <folder>       Keep what is there across restarts, in nango.json of this folder.
  --provider <how>      Who answers for providers: mock (nobody), live (they do), or a file or folder of recorded answers.
  --project <folder>    Where the packages of your functions are installed. Defaults to this folder and nango-integrations.
  --function-timeout <seconds>  How long a function may run. Defaults to Nango's own limits.
  --quiet               Print no line for requests, webhooks and logs.
  --help                Print this.`;

const trial: EmulatorSeed = {
  integrations: [{ provider: 'github', unique_key: 'github' }],
  connections: [{ provider_config_key: 'github', connection_id: 'user-1', tags: { end_user_id: 'user-1' } }],
};

// How often it is looked whether a sync is due, in milliseconds.
const scheduleTick = 1000;
// How long after a change data is written, in milliseconds, so that many changes are one write.
const writeDelay = 500;
const mostLogs = 2000;
// How long runs may take to end once the server is told to, in milliseconds.
const lastRuns = 2000;

const color = (code: number, text: string): string =>
  process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? `\x1b[${code}m${text}\x1b[0m` : text;
const time = (at: number): string => color(2, new Date(at).toTimeString().slice(0, 8));
const outcome = (status: number | undefined): string =>
  color(status === undefined || status >= 500 ? 31 : status >= 400 ? 33 : 32, String(status ?? 'broken'));

/** The options of the command. */
interface Options {
  port: number;
  hostname: string;
  seed: string | undefined;
  webhooks: string | undefined;
  data: string | undefined;
  provider: string | undefined;
  project: string | undefined;
  functionTimeout: number | undefined;
  quiet: boolean;
}

function readOptions(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '3003' },
      hostname: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string' },
      webhooks: { type: 'string' },
      data: { type: 'string' },
      provider: { type: 'string' },
      project: { type: 'string' },
      'function-timeout': { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [command = 'dev', ...more] = positionals;
  if (command !== 'dev' || more.length > 0) {
    throw new Error(`Unknown command ${positionals.join(' ')}; there is only dev`);
  }
  const port = Number(values.port);
  if (values.port.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be a number from 0 to 65535, not ${values.port}`);
  }
  const { webhooks } = values;
  if (webhooks !== undefined && !/^https?:\/\//.test(webhooks)) {
    throw new Error(`--webhooks must be a URL, not ${webhooks}`);
  }
  const seconds = values['function-timeout'] === undefined ? undefined : Number(values['function-timeout']);
  if (seconds !== undefined && !(seconds > 0)) throw new Error('--function-timeout must be a number of seconds');
  return {
    port,
    hostname: values.hostname,
    seed: values.seed,
    webhooks,
    data: values.data,
    provider: values.provider,
    project: values.project,
    functionTimeout: seconds === undefined ? undefined : seconds * 1000,
    quiet: values.quiet,
  };
}

/** A port that is free now: the emulator gives out its address, so it has to know before it listens. */
async function freePort(hostname: string): Promise<number> {
  const server = createServer().listen(0, hostname);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(options: Options): Promise<void> {
  const { hostname, quiet } = options;
  const print = (line: string): void => {
    if (!quiet) console.log(line);
  };
  const seed = options.seed === undefined ? trial : await readSeed(options.seed);
  const port = options.port === 0 ? await freePort(hostname) : options.port;
  const host = `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;

  const logs: LogLine[] = [];
  const codes = new Map<string, DeployedCode>();
  let tell = (_event: PageEvent): void => undefined;
  const { provider = 'mock' } = options;
  const warn = (line: string): void => print(`${time(Date.now())} ${color(33, line)}`);
  // A module may play the providers itself.
  const played = options.provider === undefined ? seed.provider : undefined;
  const ask: AskProvider = played ? async (request) => await played(request) : createProvider(provider, warn);
  const folder = process.cwd();
  const changed = (): void => tell({ type: 'change' });
  const runtime = createRuntime({
    ask: async (request, context) => {
      const began = performance.now();
      const response = await ask(request, context);
      const { pathname } = new URL(request.url);
      const ms = Math.round(performance.now() - began);
      const { method } = request;
      tell({
        type: 'request',
        at: Date.now(),
        method,
        path: pathname,
        status: response.status,
        ms,
        by: context.function ?? '',
      });
      return response;
    },
    folders: options.project === undefined ? [folder, join(folder, 'nango-integrations')] : [resolve(options.project)],
    lenient: provider !== 'live',
    timeout: options.functionTimeout,
    sleep: provider === 'live' ? undefined : () => Promise.resolve(),
    // What a run leaves behind is there a moment after it.
    onEnd: () => setTimeout(changed, 20),
    onLog(line) {
      logs.push(line);
      if (logs.length > mostLogs) logs.shift();
      tell({ type: 'log', line });
    },
  });

  const create = (): Emulator => {
    const emulator = createEmulator({
      ...seed,
      providers: { ...readCatalogue(), ...seed.providers },
      host,
      connectHost: `${host}/connect`,
      webhooks: {
        ...seed.webhooks,
        ...(options.webhooks !== undefined && { to: options.webhooks }),
        fetch: (url, init) => sendWebhook(String(url), init as RequestInit),
      },
      // Real servers send most answers in chunks, which is when the proxy passes all headers on.
      provider: async (request) => chunked(await ask(request, {})),
      sleep: seed.sleep ?? ((milliseconds) => new Promise((woken) => setTimeout(woken, milliseconds))),
      loadFunction(deployed) {
        codes.set(`${deployed.integration}\n${deployed.type}\n${deployed.name}`, deployed);
        return runtime.load(deployed);
      },
    });
    runtime.attach(emulator);
    return emulator;
  };
  const sendWebhook = async (url: string, init: RequestInit): Promise<Response> => {
    const event = JSON.parse(String(init.body)) as { type?: string; operation?: string; model?: string };
    const what = [event.type, event.operation ?? event.model].filter(Boolean).join(' ');
    try {
      const response = await fetch(url, init);
      print(`${time(Date.now())} ${color(35, 'webhook')} ${what} → ${url} ${outcome(response.status)}`);
      return response;
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      print(`${time(Date.now())} ${color(35, 'webhook')} ${what} → ${url} ${color(31, cause?.message ?? message)}`);
      throw error;
    } finally {
      tell({ type: 'change' });
    }
  };

  let emulator = create();
  const file = options.data === undefined ? undefined : dataFile(options.data);
  if (file !== undefined) {
    for (const code of await loadData(file, emulator.store, createClock({})) ?? []) {
      codes.set(`${code.integration}\n${code.type}\n${code.name}`, code);
    }
    attachCode(emulator, codes, runtime.load);
  }

  let writing: Promise<void> | undefined;
  let due: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    clearTimeout(due);
    due = undefined;
    if (file === undefined) return;
    await writing;
    writing = saveData(file, emulator.store, codes.values());
    await writing.catch((error: unknown) => {
      console.error(`The data could not be written: ${(error as Error).message}`);
    });
  };

  const running = await serve(emulator, {
    port,
    hostname,
    logs,
    onEvent(event) {
      if (event.type === 'change' && file !== undefined) due ??= setTimeout(() => void write(), writeDelay);
      if (event.type === 'request') {
        const by = event.by === 'client' ? '' : color(36, ` by ${event.by}`);
        print(
          `${time(event.at)} ${event.method} ${event.path} ${outcome(event.status)} ${color(2, `${event.ms} ms`)}${by}`,
        );
      }
      if (event.type === 'log') {
        const { at, name, connectionId, level, text } = event.line;
        const shade = { debug: 2, info: 36, warn: 33, error: 31 }[level];
        print(`${time(at)} ${color(shade, level)} ${name} (${connectionId}) ${text}`);
      }
    },
    reset() {
      emulator = create();
      return Promise.resolve(emulator);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is in use. Choose another one with --port, or any with --port 0.`);
  });
  tell = (event) => running.tell(event);
  const schedule = setInterval(() => {
    if (emulator.runDueSyncs() > 0) void emulator.settled().then(() => running.tell({ type: 'change' }));
  }, scheduleTick);

  console.log(`host                ${running.url}
key                 ${emulator.apiKey}
webhook signing key ${emulator.webhookSigningKey}
page                ${running.url}/
webhooks            ${options.webhooks ?? 'kept, sent nowhere (--webhooks <url>)'}
providers           ${
    played ? 'the seed answers' : provider === 'mock' ? 'nobody answers (--provider <file>|live)' : provider
  }
data                ${file ?? 'in memory (--data <folder>)'}`);

  let quitting = false;
  const quit = (): void => {
    if (quitting) process.exit(130);
    quitting = true;
    clearInterval(schedule);
    void (async () => {
      // What runs may end by itself; then it is aborted.
      await Promise.race([emulator.settled(), new Promise((over) => setTimeout(over, lastRuns))]);
      await runtime.close();
      await running.close();
      await write();
      // Webhooks that wait for their next attempt are not waited for.
      process.exit(0);
    })();
  };
  process.on('SIGINT', quit);
  process.on('SIGTERM', quit);
}

function chunked(response: Response): Response {
  const headers = new Headers(response.headers);
  if (response.body) headers.set('transfer-encoding', 'chunked');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Makes kept functions runnable. */
function attachCode(
  { store }: Emulator,
  codes: Map<string, DeployedCode>,
  load: ReturnType<typeof createRuntime>['load'],
): void {
  for (const { functions } of store.environments) {
    for (const definition of functions) {
      const code = codes.get(`${definition.integration}\n${definition.type}\n${definition.name}`);
      if (!code) continue;
      const run = load(code);
      if (definition.type === 'sync') definition.sync = run as typeof definition.sync;
      else definition.action = run as typeof definition.action;
    }
  }
}

/** Runs the command. */
export async function main(args: string[]): Promise<void> {
  try {
    const options = readOptions(args);
    if (options) await start(options);
    else console.log(usage);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

const [, script] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(realpathSync(script)).href) {
  await main(process.argv.slice(2));
}
