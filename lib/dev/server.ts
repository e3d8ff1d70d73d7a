// The emulator behind node:http, with what a person and other languages need beside Nango's own API: the page at `/`, the Connect
// page, a page that plays OAuth providers, and routes under `/_emulator/`.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectionCompletion, Emulator, FaultRule } from '../testing/mod.ts';
import type { LogLine } from './functions/runtime.ts';
import { noteRuns, pageState, type PastRun, recordsPage } from './state.ts';
import { createSockets } from './websocket.ts';

/** An emulator that listens. */
export interface RunningServer {
  /** Where it listens, for example `http://127.0.0.1:3003`. */
  readonly url: string;
  /** Tells the pages that are open. */
  tell(event: PageEvent): void;
  /** Stops: answers what it has begun to answer, for a second at most, then closes every connection. */
  close(): Promise<void>;
}

/** What the pages that are open hear. */
export type PageEvent =
  | { type: 'request'; at: number; method: string; path: string; status: number | undefined; ms: number; by: string }
  | { type: 'log'; line: LogLine }
  | { type: 'change' };

/** Where to listen and what to do with what is heard. */
export interface ServeOptions {
  /** Defaults to 0, any free port. */
  port?: number | undefined;
  /** Defaults to `127.0.0.1`. */
  hostname?: string | undefined;
  /** Hears of every answer. */
  onEvent?: ((event: PageEvent) => void) | undefined;
  /** Begins anew, for `/_emulator/reset`. */
  reset?: (() => Promise<Emulator>) | undefined;
  /** The log so far. */
  logs?: readonly LogLine[] | undefined;
}

// What is being answered when the server stops gets this long, in milliseconds.
const longestFarewell = 1000;
// How many requests and deliveries are remembered.
const mostRemembered = 2000;

/** Puts an emulator behind node:http. Its faults become what they stand for: broken, silent and cut-off connections. */
export async function serve(emulator: Emulator, options: ServeOptions = {}): Promise<RunningServer> {
  const { port = 0, hostname = '127.0.0.1' } = options;
  let current = emulator;
  const sockets = createSockets();
  const listeners = new Set<ServerResponse>();
  const runs: PastRun[] = [];
  const tell = (event: PageEvent): void => {
    noteRuns(runs, current);
    for (const listener of listeners) listener.write(`data: ${JSON.stringify(event)}\n\n`);
    options.onEvent?.(event);
  };
  const own: Own = {
    emulator: () => current,
    sockets,
    listeners,
    logs: options.logs ?? [],
    runs,
    tell,
    async reset() {
      if (!options.reset) throw new Refused(501, 'This server cannot begin anew');
      current = await options.reset();
      runs.length = 0;
    },
  };
  const server = createServer((request, response) => {
    void route(own, request, response);
  });
  server.keepAliveTimeout = 61_000;
  server.on('upgrade', (request, socket) => sockets.accept(request, socket));
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, hostname, listening);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${actual}`,
    tell,
    async close() {
      sockets.close();
      for (const listener of listeners) listener.end();
      await stop(server);
    },
  };
}

/** What the server's own routes reach. */
interface Own {
  emulator(): Emulator;
  sockets: ReturnType<typeof createSockets>;
  listeners: Set<ServerResponse>;
  logs: readonly LogLine[];
  runs: PastRun[];
  tell(event: PageEvent): void;
  reset(): Promise<void>;
}

/** Why one of the server's own routes says no. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
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

async function route(own: Own, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [pathname = '/', search = ''] = (request.url ?? '/').split('?');
  const searchParams = new URLSearchParams(search);
  const method = request.method ?? 'GET';
  try {
    if (method === 'GET' && pathname === '/') sendPage(response, 'page.html');
    else if (method === 'GET' && /^\/connect\/?$/.test(pathname)) sendPage(response, 'connect.html');
    else if (method === 'GET' && pathname.startsWith('/oauth/connect/')) sendPage(response, 'oauth.html');
    else if (method === 'POST' && pathname.startsWith('/webhook/')) await takeWebhook(own, request, response, pathname);
    else if (pathname.startsWith('/_emulator/')) {
      refuseForeign(request);
      await ownRoute(own, request, response, pathname.slice('/_emulator/'.length), searchParams);
    } else await answer(own, request, response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else {
      const status = error instanceof Refused ? error.status : 400;
      sendJson(response, status, { error: { message: error instanceof Error ? error.message : String(error) } });
    }
  }
}

function sendPage(response: ServerResponse, name: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(readFileSync(new URL(`./${name}`, import.meta.url)));
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value) ?? 'null');
}

/** Keeps pages of other sites out of the server's own routes. */
function refuseForeign(request: IncomingMessage): void {
  const { origin, host = '', 'sec-fetch-site': site } = request.headers;
  const foreign = origin !== undefined && origin !== `http://${host}`;
  const known = /^(localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]|[^.]+)(:\d+)?$/i.test(host);
  if (foreign || !known || site === 'cross-site') throw new Refused(403, 'Pages of other sites may not ask this');
}

type Handler = (
  own: Own,
  input: Record<string, unknown>,
  query: URLSearchParams,
) => unknown;

const ownRoutes: Record<string, Handler> = {
  'GET state': ({ emulator, runs }) => ({ ...pageState(emulator()), runs }),
  'GET records': ({ emulator }, _input, query) => recordsPage(emulator(), query),
  'GET logs': ({ logs }) => logs.slice(-500),
  'GET secrets': ({ emulator }) => ({ apiKey: emulator().apiKey, webhookSigningKey: emulator().webhookSigningKey }),
  'GET requests': ({ emulator }) => emulator().requests,
  'GET deliveries': ({ emulator }) => emulator().webhooks.deliveries,
  'POST fail': ({ emulator }, input) => {
    emulator().fail(input as FaultRule);
    return { success: true };
  },
  'POST clearFaults': ({ emulator }) => {
    emulator().clearFaults();
    return { success: true };
  },
  'POST completeConnection': ({ emulator, tell }, { token, ...completion }) => {
    const made = emulator().completeConnection(String(token), completion as ConnectionCompletion);
    tell({ type: 'change' });
    return { connectionId: made.connectionId, providerConfigKey: made.providerConfigKey };
  },
  'POST settled': async ({ emulator }) => {
    await emulator().settled();
    return { success: true };
  },
  'POST reset': async ({ reset, tell }) => {
    await reset();
    tell({ type: 'change' });
    return { success: true };
  },
  'POST oauth': authorize,
  'POST resend': async ({ emulator, tell }, { index }) => {
    const delivery = emulator().webhooks.deliveries[Number(index)];
    if (!delivery) throw new Refused(404, 'There is no such webhook');
    await emulator().webhooks.send(delivery.event);
    tell({ type: 'change' });
    return { success: true };
  },
  'POST sync': commandSync,
};

/** What the page that plays the provider sends: the end user has allowed the access, or not. */
function authorize({ emulator, sockets, tell }: Own, input: Record<string, unknown>): unknown {
  const { token, integration, socket, allow, params } = input as {
    token?: string;
    integration?: string;
    socket?: string;
    allow?: boolean;
    params?: Record<string, unknown>;
  };
  if (token === undefined || token === '') {
    throw new Refused(400, 'The page has no connect_session_token. Make a session with POST /connect/sessions.');
  }
  if (allow !== true) {
    const [error_type, error_desc] = ['access_denied', 'The end user refused the access'];
    const message = {
      message_type: 'error',
      provider_config_key: integration,
      connection_id: '',
      error_type,
      error_desc,
    };
    if (socket !== undefined) sockets.send(socket, message);
    return { error: { type: error_type, message: error_desc } };
  }
  const made = emulator().completeConnection(token, { integrationId: integration, connectionConfig: params });
  const { connectionId, providerConfigKey } = made;
  tell({ type: 'change' });
  if (socket !== undefined) {
    sockets.send(socket, {
      message_type: 'success',
      provider_config_key: providerConfigKey,
      connection_id: connectionId,
      is_pending: false,
    });
  }
  return { connectionId, providerConfigKey, isPending: false };
}

async function commandSync({ emulator, tell }: Own, input: Record<string, unknown>): Promise<unknown> {
  const found =
    emulator().store.environments.flatMap((environment) =>
      environment.syncs.filter(({ id }) => id === input['id']).map((sync) => ({ environment, sync }))
    )[0];
  if (!found) throw new Refused(404, 'There is no such sync');
  const { sync, environment } = found;
  const { connectionId: connection_id, providerConfigKey: provider_config_key } = sync.connection;
  const target = { connection_id, provider_config_key };
  const syncs = [{ name: sync.name, variant: sync.variant }];
  const commands: Record<string, [method: string, path: string, body: object]> = {
    run: ['POST', '/sync/trigger', { ...target, syncs }],
    start: ['POST', '/sync/start', { ...target, syncs }],
    pause: ['POST', '/sync/pause', { ...target, syncs }],
    frequency: ['PUT', '/sync/update-connection-frequency', {
      ...target,
      sync_name: sync.name,
      sync_variant: sync.variant,
      frequency: input['frequency'] === '' ? null : input['frequency'],
    }],
  };
  const command = commands[String(input['do'])];
  if (!command) throw new Refused(400, `do must be one of ${Object.keys(commands).join(', ')}`);
  const [method, target_, body] = command;
  const response = await emulator().answer({
    method,
    target: target_,
    headers: new Headers({
      authorization: `Bearer ${environment.keys[0]?.secret ?? ''}`,
      'content-type': 'application/json',
    }),
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
  const answered: unknown = await response.json();
  tell({ type: 'change' });
  if (!response.ok) throw new Refused(response.status, JSON.stringify(answered));
  return answered;
}

async function ownRoute(
  own: Own,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  query: URLSearchParams,
): Promise<void> {
  if (request.method === 'GET' && name === 'events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    own.listeners.add(response);
    response.once('close', () => own.listeners.delete(response));
    return;
  }
  const handler = ownRoutes[`${request.method} ${name}`];
  if (!handler) throw new Refused(404, `There is no ${request.method} /_emulator/${name}`);
  const bytes = await bodyOf(request);
  const input = bytes ? JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> : {};
  sendJson(response, 200, await handler(own, input, query));
}

/** A webhook of a provider, at the address that integrations give out. */
async function takeWebhook(own: Own, request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const [, , uuid = '', key = ''] = path.split('/').map(decodeURIComponent);
  const environment = own.emulator().store.environments.find((one) => one.uuid === uuid || one.name === uuid);
  if (!environment?.integrations.has(key)) throw new Refused(404, `There is no integration ${key}`);
  const text = new TextDecoder().decode(await bodyOf(request));
  let payload: unknown = text;
  try {
    payload = JSON.parse(text);
  } catch {
    payload = text; // Forms and XML are passed on as they are.
  }
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const runs = await own.emulator().receiveWebhook({
    providerConfigKey: key,
    connectionId: query.get('connection_id') ?? undefined,
    environment: environment.name,
    payload,
  });
  own.tell({ type: 'change' });
  sendJson(response, 200, { runs });
}

async function answer(own: Own, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const began = performance.now();
  const emulator = own.emulator();
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  let status: number | undefined;
  try {
    const answered = await emulator.answer({
      method,
      target,
      headers: headersOf(request),
      body: await bodyOf(request),
      signal: gone.signal,
    });
    status = answered.status;
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
  trim(emulator.requests);
  trim(emulator.webhooks.deliveries);
  const ms = Math.round((performance.now() - began) * 10) / 10;
  own.tell({ type: 'request', at: Date.now(), method, path: hideTokens(target), status, ms, by: 'client' });
  if (method !== 'GET') own.tell({ type: 'change' });
}

/** Tokens of sessions go in addresses; they are no line's business. */
function hideTokens(target: string): string {
  return target.replace(/(token=)[^&]*/g, '$1…');
}

function trim(list: unknown[]): void {
  if (list.length > mostRemembered) list.splice(0, list.length - mostRemembered);
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
