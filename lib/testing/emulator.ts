// The emulator: Nango in memory, as a fetch. This file lets requests in as the server does, step by step, and sends the
// answers; what an operation does is in the files of api/.

import type { Fetch } from '../client.ts';
import {
  type Answer,
  bodyBytes,
  type Bytes,
  crash,
  dashboardPage,
  empty,
  entityTag,
  json,
  notFoundPage,
  Refusal,
  refuse,
} from './answer.ts';
import { authenticate, type Identity, requireScope } from './auth.ts';
import { actionRoutes } from './api/actions.ts';
import { agentRoutes } from './api/agents.ts';
import { authorizeRoutes } from './api/authorize.ts';
import { connectRoutes } from './api/connect.ts';
import { connectionRoutes } from './api/connections.ts';
import { deploymentRoutes } from './api/deployments.ts';
import { environmentRoutes } from './api/environments.ts';
import { functionRoutes } from './api/functions.ts';
import { integrationRoutes } from './api/integrations.ts';
import { providerRoutes } from './api/providers.ts';
import { proxyRoutes } from './api/proxy.ts';
import { recordRoutes } from './api/records.ts';
import { syncRoutes } from './api/syncs.ts';
import { createClock } from './clock.ts';
import { brokenBody, connectionReset, createFaults, type Fault, type FaultRule, pause } from './faults.ts';
import { builtInProviders } from './providers.ts';
import { parseQuery } from './query.ts';
import { createRateLimiter } from './rate-limit.ts';
import type { RecordChanges, RecordInput } from './record-table.ts';
import { type Call, findRoute, MalformedPath, type Route } from './router.ts';
import {
  type ConnectionSeed,
  defaultApiKey,
  defaultWebhookSigningKey,
  type EmulatorSeed,
  plantConnection,
  plantEnvironment,
  type RecordTarget,
  storedKey,
  targetTable,
} from './seed.ts';
import { completeConnection, type ConnectionCompletion } from './sessions.ts';
import { createStore, type Store, type StoredConnection, type StoredEnvironment } from './store.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';
import type { World } from './world.ts';

/** A request as it stands on the wire. */
export interface WireRequest {
  /** The method. */
  method: string;
  /** The path and the query as they were sent, not normalised. */
  target: string;
  /** The headers. */
  headers: Headers;
  /** The body, or `undefined` for none. */
  body?: Bytes | undefined;
  /** Fires when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}

/** A request that the emulator got. */
export interface LoggedRequest {
  /** The operation, or `undefined` for an address that is none. */
  operation: string | undefined;
  /** The method. */
  method: string;
  /** The path as it was sent. */
  path: string;
  /** The query string as it was sent, without its question mark. */
  search: string;
  /** The headers, by their names in lower case. */
  headers: Record<string, string>;
  /** The body: JSON where it is JSON, else text; `undefined` for none. */
  body: unknown;
  /** The status of the answer; `undefined` until it is there, and when a fault left it out. */
  status: number | undefined;
  /** What went wrong in the emulator or in a function of the test, where the answer is a 500 that does not say. */
  error: unknown;
}

/** Nango in memory. Made by {@link createEmulator}. */
export interface Emulator {
  /** Answers requests: give it to `createClient`, or to any other client that takes a fetch. */
  readonly fetch: Fetch;
  /** Answers a request as it stands on the wire. For servers: {@link Emulator.fetch} is what clients need. */
  answer(request: WireRequest): Promise<Response>;
  /** The base URL that the emulator gives out. It answers whatever the host of a request. */
  readonly host: string;
  /** The full-access key of the first environment. */
  readonly apiKey: string;
  /** The webhook signing key of the first environment. It changes when it is rotated. */
  readonly webhookSigningKey: string;
  /** What the emulator knows. */
  readonly store: Store;
  /** The requests so far, the oldest first. */
  readonly requests: LoggedRequest[];
  /** The webhooks. */
  readonly webhooks: Webhooks;
  /** Asks for a fault. */
  fail(rule: FaultRule): Fault;
  /** Takes all faults back. */
  clearFaults(): void;
  /** Adds a connection, or replaces it. Nothing runs and no webhook is sent for it. */
  addConnection(connection: ConnectionSeed, environment?: string): StoredConnection;
  /** Adds or updates records, as a sync does. Those that did not change keep their place. */
  saveRecords(target: RecordTarget, records: Iterable<RecordInput>): RecordChanges;
  /** Marks records as deleted. They stay, with `last_action: 'DELETED'`. */
  deleteRecords(target: RecordTarget, ids: Iterable<string | number>): RecordChanges;
  /** Gives one record as the API would, or `undefined`. */
  getRecord(target: RecordTarget, id: string | number): Record<string, unknown> | undefined;
  /**
   * Finishes a connect session as its end user would in the Connect UI: makes the connection, or authorizes it again,
   * and sends the webhook. The session is used up.
   */
  completeConnection(token: string, completion?: ConnectionCompletion): StoredConnection;
  /** Resolves when nothing runs any more: syncs, asynchronous actions, webhooks. */
  settled(): Promise<void>;
}

const allRoutes = (): readonly Route[] => [
  ...providerRoutes,
  ...functionRoutes,
  ...deploymentRoutes,
  ...integrationRoutes,
  ...connectionRoutes,
  ...recordRoutes,
  ...syncRoutes,
  ...actionRoutes,
  ...connectRoutes,
  ...authorizeRoutes(),
  ...proxyRoutes,
  ...environmentRoutes,
  ...agentRoutes,
];

// 75 MiB, and the piece by which long bodies are sent.
const largestBody = 78_643_200;
const chunkSize = 65_536;

const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit, X-RateLimit-Remaining, ' +
    'X-RateLimit-Reset',
};

const preflightHeaders = {
  'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Activity-Log-Id, Nango-Is-Dry-Run, ' +
    'Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace, Baggage',
  'access-control-max-age': '600',
};

/**
 * Makes a Nango in memory. Without a seed it has one environment, `dev`, with one key and nothing else.
 *
 * @example
 * ```ts
 * const emulator = createEmulator({
 *   integrations: [{ provider: 'github', unique_key: 'github' }],
 *   connections: [{ provider_config_key: 'github', connection_id: 'user-1' }],
 * });
 * emulator.saveRecords({ providerConfigKey: 'github', connectionId: 'user-1', model: 'Issue' }, [{ id: 1 }]);
 * const client = createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch: emulator.fetch });
 * ```
 */
export function createEmulator(seed: EmulatorSeed = {}): Emulator {
  const clock = createClock(seed);
  const store = createStore(new Map(Object.entries({ ...builtInProviders(), ...seed.providers })));
  const faults = createFaults();
  const routes = allRoutes();
  const limiter = seed.rateLimit === false ? undefined : createRateLimiter(seed.rateLimit ?? {});
  const refusals = limiter ?? createRateLimiter({});
  const requests: LoggedRequest[] = [];
  const running = new Set<Promise<void>>();
  const host = (seed.host ?? 'https://nango.test').replace(/\/+$/, '');

  const world: World = {
    host,
    connectHost: (seed.connectHost ?? 'https://connect.nango.test').replace(/\/+$/, ''),
    store,
    clock,
    webhooks: createWebhooks(seed.webhooks ?? {}, store, clock),
    version: seed.version ?? '0.71.10',
    provider: seed.provider,
    loadFunction: seed.loadFunction,
    sandbox: seed.sandbox ?? (() => null),
    refresh: seed.refresh ?? (() => ({ access_token: `test-access-token-${clock.hex(8)}` })),
    sharedApps: new Set(seed.sharedApps),
    templates: seed.templates ?? {},
    background(task) {
      const work: Promise<void> = (async () => {
        // What the answer starts runs after it, as on the server.
        await Promise.resolve();
        await task();
      })().finally(() => running.delete(work));
      running.add(work);
    },
  };

  plantEnvironment(world, {
    apiKey: defaultApiKey,
    webhookSigningKey: defaultWebhookSigningKey,
    ...withoutUndefined(seed),
  });
  for (const environment of seed.environments ?? []) plantEnvironment(world, environment);
  for (const key of seed.accountKeys ?? []) store.accountKeys.push(storedKey(world, key, 'account:*'));

  const environmentNamed = (name: string | undefined): StoredEnvironment => {
    const found = store.environments.find((environment) => name === undefined || environment.name === name);
    if (!found) throw new TypeError(`There is no environment ${String(name)}`);
    return found;
  };

  /** Lets a request in, or refuses it, in the order of the server's own steps. */
  const admit = async (
    request: WireRequest,
    path: string,
    search: string,
    headers: Record<string, string>,
    log: LoggedRequest,
  ): Promise<Answer> => {
    const { method } = request;
    if (method === 'OPTIONS') {
      Object.assign(headers, corsHeaders, preflightHeaders);
      return empty(204);
    }
    const contentType = request.headers.get('content-type');
    const isProxy = /^\/proxy\//i.test(path);
    const bytes = await readBytes(request, seed.bodyLimit ?? largestBody);
    const isJson = contentType !== null && /^application\/json\b/i.test(contentType.trim());
    const body = bytes && bytes.length > 0 && isJson ? parseJson(bytes) : undefined;
    log.body = body ?? (bytes && bytes.length > 0 ? new TextDecoder().decode(bytes) : undefined);
    if (method === 'GET' && path.toLowerCase() === '/health') return json({ result: 'ok' });
    Object.assign(headers, corsHeaders);
    const match = findRoute(routes, method, path);
    if (!match) {
      if (method === 'GET' || method === 'HEAD') return dashboardPage(new Date(0).toUTCString());
      return notFoundPage(method, path);
    }
    const { route, params } = match;
    if (contentType !== null && !isJson && !isProxy && route.anyContentType !== true) {
      throw refuse(415, 'invalid_content_type', 'Content-Type header must be application/json');
    }
    const query = parseQuery(search);
    const identity = identify(route, request, query);
    limiter?.count(identity.session ? 'sessions' : 'account', clock.now(), headers, method, path);
    if (identity.key || route.auth === 'environmentKey') requireScope(identity.key, route.scopes);
    const call: Call = {
      world,
      method,
      path,
      search,
      query,
      params,
      body,
      bytes,
      headers: request.headers,
      ...identity,
    };
    return route.handle(call);
  };

  const identify = (route: Route, request: WireRequest, query: Call['query']): Identity => {
    if (route.authenticate) return route.authenticate(world, query);
    return authenticate(store, route.auth, request.headers.get('authorization'), clock.now());
  };

  /** The answer of the server, whatever happens. */
  const process = async (
    request: WireRequest,
    path: string,
    search: string,
    headers: Record<string, string>,
    log: LoggedRequest,
  ): Promise<Answer> => {
    try {
      return await admit(request, path, search, headers, log);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      if (!(error instanceof MalformedPath)) log.error = error;
      return crash(clock.uuid());
    }
  };

  const planned = (
    rule: FaultRule,
    headers: Record<string, string>,
    method: string,
    path: string,
  ): Answer | undefined => {
    if (rule.rateLimit !== undefined && rule.rateLimit !== false) {
      Object.assign(headers, corsHeaders);
      const retryAfter = rule.rateLimit === true ? 1 : rule.rateLimit;
      const reset = String(Math.ceil(clock.now() / 1000) + retryAfter);
      Object.assign(headers, { 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
      return refusals.refusal(retryAfter, headers, method, path).answer;
    }
    if (rule.html === true) {
      const page = dashboardPage(new Date(0).toUTCString());
      return { ...page, status: rule.status ?? 200, headers: { ...page.headers, ...rule.headers } };
    }
    if (rule.status === undefined) return undefined;
    const text = typeof rule.body === 'string';
    return {
      status: rule.status,
      body: rule.body,
      contentType: rule.body === undefined ? null : text ? 'text/plain; charset=utf-8' : undefined,
      headers: rule.headers,
    };
  };

  const send = async (
    request: WireRequest,
    answer: Answer,
    headers: Record<string, string>,
    rule: FaultRule | undefined,
  ): Promise<Response> => {
    if (answer.response) return answer.response(headers);
    let bytes = bodyBytes(answer);
    let { status } = answer;
    const all = new Headers({ ...headers, date: new Date(clock.now()).toUTCString() });
    if (bytes && answer.contentType !== null) {
      all.set('content-type', answer.contentType ?? 'application/json; charset=utf-8');
    }
    for (const [name, value] of Object.entries(answer.headers ?? {})) all.set(name, value);
    if (bytes) {
      const tag = answer.untagged === true ? '' : await entityTag(bytes);
      if (tag !== '') all.set('etag', tag);
      const known = request.headers.get('if-none-match');
      const reads = request.method === 'GET' || request.method === 'HEAD';
      if (reads && status === 200 && known !== null && (known === '*' || known.split(/\s*,\s*/).includes(tag))) {
        status = 304;
        bytes = null;
        all.delete('content-type');
      } else {
        all.set('content-length', String(bytes.length));
      }
    }
    const init = { status, headers: all };
    if (!bytes || request.method === 'HEAD' || status === 204) return new Response(null, init);
    if (rule?.stall === 'body') return new Response(brokenBody(new Uint8Array(), 'stall', request.signal), init);
    if (rule?.cut !== undefined && rule.cut !== false) {
      const kept = rule.cut === true ? Math.floor(bytes.length / 2) : rule.cut;
      return new Response(brokenBody(bytes.slice(0, kept), 'reset', request.signal), init);
    }
    const streams = request.signal !== undefined || bytes.length > chunkSize;
    return new Response(streams ? inChunks(bytes, request.signal) : bytes, init);
  };

  const answer = async (request: WireRequest): Promise<Response> => {
    const mark = request.target.indexOf('?');
    const path = mark < 0 ? request.target : request.target.slice(0, mark);
    const search = mark < 0 ? '' : request.target.slice(mark + 1);
    const { method, signal } = request;
    const log: LoggedRequest = {
      operation: operationOf(routes, method, path),
      method,
      path,
      search,
      headers: Object.fromEntries(request.headers),
      body: undefined,
      status: undefined,
      error: undefined,
    };
    requests.push(log);
    const rule = faults.take({ operation: log.operation, method, path });
    if (rule?.delay !== undefined) await pause(rule.delay, signal);
    if (rule?.reset === true) throw connectionReset();
    if (rule?.stall === 'headers') await pause(Number.POSITIVE_INFINITY, signal);
    const headers: Record<string, string> = {};
    let result = rule && planned(rule, headers, method, path);
    result ??= await process(request, path, search, headers, log);
    if (rule?.repeatPage === true) result = repeated(result, search);
    if (rule?.reset === 'after') throw connectionReset();
    log.status = result.status;
    return send(request, result, headers, rule);
  };

  return {
    host,
    get apiKey() {
      return store.environments[0]?.keys[0]?.secret ?? '';
    },
    get webhookSigningKey() {
      return store.environments[0]?.webhookSigningKey ?? '';
    },
    store,
    requests,
    webhooks: world.webhooks,
    answer,
    async fetch(input, init) {
      const request = new Request(input, init);
      const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
      throwIfAborted(signal);
      // Firefox has no `body` on requests.
      const bytes = new Uint8Array(await request.arrayBuffer());
      const body = bytes.length > 0 ? bytes : undefined;
      const { pathname, search } = new URL(request.url);
      const target = pathname + search;
      const response = await answer({ method: request.method, target, headers: request.headers, body, signal });
      throwIfAborted(signal);
      if (
        request.redirect === 'error' &&
        response.status >= 300 &&
        response.status < 400 &&
        response.headers.has('location')
      ) {
        throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
      }
      return response;
    },
    fail: (rule) => faults.add(rule),
    clearFaults: () => {
      faults.clear();
    },
    addConnection: (connection, environment) => plantConnection(world, environmentNamed(environment), connection),
    saveRecords: (target, records) => targetTable(world, environmentNamed(target.environment), target).save(records),
    deleteRecords: (target, ids) => targetTable(world, environmentNamed(target.environment), target).delete(ids),
    getRecord: (target, id) => targetTable(world, environmentNamed(target.environment), target).get(id),
    completeConnection: (token, completion) => completeConnection(world, token, completion),
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** The name of the operation that an address stands for. */
function operationOf(routes: readonly Route[], method: string, path: string): string | undefined {
  try {
    return findRoute(routes, method, path)?.route.operation;
  } catch {
    return undefined; // A malformed path is no operation's.
  }
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/** A page whose cursor leads back to it. */
function repeated(answer: Answer, search: string): Answer {
  const page = (typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body) as Record<string, unknown>;
  const { cursor } = parseQuery(search);
  return json({ ...page, next_cursor: cursor ?? page['next_cursor'] }, answer.status);
}

/** Rejects as the platform's fetch does when its signal has fired. */
function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** A body in pieces, which a signal can end like that of the platform's fetch. */
function inChunks(bytes: Bytes, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  let start = 0;
  let stop: () => void;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = () => {
          controller.error(signal?.reason);
        };
        signal?.addEventListener('abort', stop, { once: true });
      },
      pull(controller) {
        controller.enqueue(bytes.subarray(start, start + chunkSize));
        start += chunkSize;
        if (start < bytes.length) return;
        signal?.removeEventListener('abort', stop);
        controller.close();
      },
      cancel() {
        signal?.removeEventListener('abort', stop);
      },
    },
    // Nothing is handed out before it is asked for, so the signal finds all of it.
    { highWaterMark: 0 },
  );
}

async function readBytes(request: WireRequest, limit: number): Promise<Bytes | undefined> {
  const { body } = request;
  if (!body || request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (body.length > limit) throw new Error('request entity too large');
  const encoding = request.headers.get('content-encoding');
  if (encoding === null || encoding === 'identity') return body;
  if (encoding !== 'gzip' && encoding !== 'deflate') throw new Error(`unsupported content encoding ${encoding}`);
  const stream = new Response(body).body?.pipeThrough(new DecompressionStream(encoding));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads a JSON body as strictly as the server: only objects and arrays. */
function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  const first = /^[\s]*(.)/su.exec(text)?.[1] ?? '';
  if (first !== '' && first !== '{' && first !== '[') {
    throw refuse(400, 'invalid_json', `Unexpected token '${first}', "${text}" is not valid JSON`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw refuse(400, 'invalid_json', error instanceof Error ? error.message : String(error));
  }
}
