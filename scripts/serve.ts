// Puts the emulator behind node:http, so that any client in any language can talk to it. Run by itself it is a Nango to
// play with: `npm run serve -- --port 3003 --seed seed.json`.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createEmulator } from '../lib/testing/mod.ts';
import type { Emulator, EmulatorSeed } from '../lib/testing/mod.ts';

/** An emulator that listens. */
export interface RunningServer {
  /** Where it listens, e.g. `http://127.0.0.1:3003`. */
  readonly url: string;
  /** Stops: answers what it has begun to answer, for a second at most, then closes every connection. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ServeOptions {
  /** Defaults to 0, any free port. */
  port?: number | undefined;
  /** Defaults to `127.0.0.1`. */
  hostname?: string | undefined;
}

// What is being answered when the server stops gets this long, in milliseconds.
const longestFarewell = 1000;

/** Puts an emulator behind node:http. Its faults become what they stand for: broken, silent and cut-off connections. */
export async function serve(emulator: Emulator, options: ServeOptions = {}): Promise<RunningServer> {
  const { port = 0, hostname = '127.0.0.1' } = options;
  const server = createServer((request, response) => {
    void answer(emulator, request, response);
  });
  server.keepAliveTimeout = 61_000;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, hostname, listening);
  });
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://${hostname}:${actual}`, close: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  return new Promise((closed) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, longestFarewell);
    server.close(() => {
      clearTimeout(timer);
      closed();
    });
    server.closeIdleConnections();
  });
}

async function answer(emulator: Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  try {
    const answered = await emulator.answer({
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: headersOf(request),
      body: await bodyOf(request),
      signal: gone.signal,
    });
    response.sendDate = false;
    response.writeHead(answered.status, [...answered.headers].flat());
    if (answered.body) {
      // The headers go out by themselves, as they do where a body is slow to come.
      response.flushHeaders();
      await copy(answered.body, response);
    }
    response.end();
  } catch {
    // A fault broke the connection, or the client is gone; a socket can say neither in any other way.
    if (response.headersSent) response.destroy();
    else request.socket.resetAndDestroy();
  }
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.append(request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '');
  }
  return headers;
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return chunks.length > 0 ? new Uint8Array(Buffer.concat(chunks)) : undefined;
}

async function copy(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    await new Promise<void>((written, failed) => {
      response.write(value, (error) => {
        if (error) failed(error);
        else written();
      });
    });
  }
}

async function readSeed(path: string): Promise<EmulatorSeed> {
  const file = resolve(path);
  if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8')) as EmulatorSeed;
  const module = (await import(pathToFileURL(file).href)) as { seed?: EmulatorSeed };
  if (!module.seed) throw new Error(`${path} does not export a seed`);
  return module.seed;
}

/** A line for each thing that is there. */
function describe({ store }: Emulator): string[] {
  return store.environments.flatMap((environment) => {
    const keys = environment.keys.map(({ secret, scopes }) => `  key ${secret} (${scopes.join(', ')})`);
    const connections = [...environment.connections.values()].map(({ id, connectionId, providerConfigKey }) => {
      const counts = [...environment.records]
        .filter(([key]) => key.startsWith(`${id}\n`))
        .map(([, table]) => `${table.count()} ${table.model}${table.variant === 'base' ? '' : `::${table.variant}`}`);
      return `  connection ${providerConfigKey} / ${connectionId}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`;
    });
    const integrations = [...environment.integrations.keys()].map((key) => `  integration ${key}`);
    const signing = `  webhook signing key ${environment.webhookSigningKey}`;
    return [`environment ${environment.name}`, ...keys, signing, ...integrations, ...connections];
  });
}

const usage = `Usage: npm run serve -- [--port 3003] [--hostname 127.0.0.1] [--seed file]

Serves a Nango in memory. The seed is a JSON file, or a module that exports \`seed\`; without one there is an environment
with one integration and one connection to try.`;

const trial: EmulatorSeed = {
  integrations: [{ provider: 'github', unique_key: 'github' }],
  connections: [{ provider_config_key: 'github', connection_id: 'user-1', tags: { end_user_id: 'user-1' } }],
  records: [
    {
      providerConfigKey: 'github',
      connectionId: 'user-1',
      model: 'Issue',
      records: [
        { id: '1', title: 'First' },
        { id: '2', title: 'Second' },
      ],
    },
  ],
};

/** A port that is free now: the emulator gives out its address, so it has to know before it listens. */
async function freePort(hostname: string): Promise<number> {
  const server = createServer().listen(0, hostname);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3003' },
      hostname: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be a port, not ${values.port}`);
  }
  const seed = values.seed === undefined ? trial : await readSeed(values.seed);
  const { hostname } = values;
  const actual = port === 0 ? await freePort(hostname) : port;
  const emulator = createEmulator({ host: `http://${hostname}:${actual}`, ...seed });
  const running = await serve(emulator, { port: actual, hostname });
  console.log(`host ${running.url}`);
  for (const line of describe(emulator)) console.log(line);
  const quit = (): void => {
    void running.close();
  };
  process.once('SIGINT', quit);
  process.once('SIGTERM', quit);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
