// Runs the code of deployed functions, each run in a worker thread of its own, and answers what the threads ask: requests to
// providers with the connection's credentials, records, checkpoints, Nango's own API.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Emulator } from '../../testing/mod.ts';
import {
  ActionError,
  type FunctionContext,
  FunctionError,
  ProviderError,
  type SyncContext,
} from '../../testing/state/functions.ts';
import type { LoadFunction } from '../../testing/state/context.ts';
import { readCursor, type RecordInput, type RecordTable } from '../../testing/state/records.ts';
import {
  findConnection,
  type StoredConnection,
  type StoredEnvironment,
  type StoredIntegration,
  tableKey,
} from '../../testing/state/store.ts';
import type { CatalogProvider } from '../../testing/state/providers.ts';
import { type AskProvider, providerRequest } from './provider-call.ts';
import type { Calls, Checkpoint, Failure, FromThread, LogLevel, Run, ToThread } from './protocol.ts';

/** A line of the log of a function run. */
export interface LogLine {
  /** When, in milliseconds since 1970. */
  at: number;
  /** The number of the run. */
  run: number;
  /** The name of the function. */
  name: string;
  /** The connection. */
  connectionId: string;
  /** How grave it is. */
  level: LogLevel;
  /** What was logged. */
  text: string;
}

/** How functions are run. */
export interface RuntimeOptions {
  /** Plays the providers. */
  ask: AskProvider;
  /** Whether what a connection lacks of its provider's address is made up, since nobody is really asked. */
  lenient?: boolean | undefined;
  /** Folders in whose `node_modules` the packages of functions are looked for. */
  folders: string[];
  /** How long a function may run, in milliseconds. Defaults to what the server allows: a day for syncs, else 15 minutes. */
  timeout?: number | undefined;
  /** Waits between attempts. Defaults to really waiting. */
  sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  /** Hears that a run has ended, well or not. */
  onEnd?: (() => void) | undefined;
  /** Hears of every line of a log. */
  onLog?: ((line: LogLine) => void) | undefined;
}

/** Runs the code of deployed functions. */
export interface Runtime {
  /** Makes deployed code runnable: for `createEmulator`. */
  load: LoadFunction;
  /** Tells which emulator the functions belong to. Comes before the first run. */
  attach(emulator: Pick<Emulator, 'store' | 'answer'>): void;
  /** Aborts all runs, and ends those that go on a second later. */
  close(): Promise<void>;
}

const day = 86_400_000;
const quarterHour = 900_000;
// The memory of one run, in megabytes, as the server's runners have by default.
const memory = 1024;
// How long an aborted run may take to end.
const lastWords = 1000;

/** Makes a runtime. */
export function createRuntime(options: RuntimeOptions): Runtime {
  let emulator: Pick<Emulator, 'store' | 'answer'> | undefined;
  let runs = 0;
  const running = new Set<{ abort(): void; ended: Promise<unknown> }>();
  const locks = new Map<string, { run: number; until: number }>();
  const checkpoints = new Map<string, Checkpoint>();

  const start = async (
    deployed: { name: string; type: Run['type']; code: string },
    input: unknown,
    io: FunctionContext | SyncContext,
  ): Promise<unknown> => {
    if (!emulator) throw new Error('The runtime is attached to no emulator');
    runs += 1;
    const id = runs;
    const place = placeOf(emulator, io, deployed);
    const webhook = 'webhook' in io && io.webhook !== undefined;
    const run: Run = {
      ...deployed,
      input: webhook ? (io as SyncContext).webhook : input,
      webhook,
      folders: options.folders,
      facts: factsOf(place, io, deployed.name),
    };
    const log = (level: LogLevel, text: string): void => {
      options.onLog?.({ at: Date.now(), run: id, name: deployed.name, connectionId: io.connectionId, level, text });
    };
    const calls = { ...callsOf({ place, io, emulator, options, locks, checkpoints, run: id, name: deployed.name }) };
    const timeout = options.timeout ?? (deployed.type === 'sync' ? day : quarterHour);
    const thread = runThread(run, calls, { timeout, log });
    running.add(thread);
    try {
      return await thread.ended;
    } catch (error) {
      log('error', error instanceof FunctionError ? `${error.code} ${error.message}` : String(error));
      throw error;
    } finally {
      running.delete(thread);
      options.onEnd?.();
      for (const [key, { run: owner }] of locks) if (owner === id) locks.delete(key);
    }
  };

  return {
    load: ({ name, type, code }) => {
      const deployed = { name, type, code };
      if (type === 'sync') return async (io: SyncContext) => void await start(deployed, undefined, io);
      return (input: unknown, io: FunctionContext) => start(deployed, input, io);
    },
    attach(to) {
      emulator = to;
    },
    async close() {
      const threads = [...running];
      for (const thread of threads) thread.abort();
      await Promise.allSettled(threads.map(({ ended }) => ended));
    },
  };
}

/** Runs a thread: what it asks is answered, and the promise settles as its function does. */
function runThread(
  run: Run,
  calls: { [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => unknown },
  { timeout, log }: { timeout: number; log: (level: LogLevel, text: string) => void },
): { abort(): void; ended: Promise<unknown> } {
  const worker = startWorker({
    workerData: run,
    resourceLimits: { maxOldGenerationSizeMb: memory },
    // What a function writes to its standard output would run through the server's.
    stdout: true,
    stderr: true,
    env: {},
  });
  const say = (message: ToThread): void => {
    worker.postMessage(message);
  };
  let abort = (): void => undefined;
  const ended = new Promise<unknown>((resolve, reject) => {
    const end = (error?: Error): void => {
      clearTimeout(timer);
      if (error) reject(error);
      void worker.terminate();
    };
    const expire = (): void => {
      end(new FunctionError('function_runtime_timed_out', `The function ran longer than ${timeout / 1000} s`));
    };
    let timer = setTimeout(expire, timeout);
    abort = () => {
      say({ type: 'abort' });
      clearTimeout(timer);
      timer = setTimeout(() => {
        end(new FunctionError('script_aborted', 'The function was aborted'));
      }, lastWords);
    };
    worker.on('message', (message: FromThread) => {
      switch (message.type) {
        case 'log':
          log(message.level, message.text);
          return;
        case 'call':
          void answer(message, calls, say);
          return;
        case 'done':
        case 'failed':
          if (message.dropped > 0) log('warn', `${message.dropped} more lines were logged and are not kept`);
          if (message.type === 'failed') end(errorOf(message.failure));
          else {
            resolve(message.json === undefined ? undefined : JSON.parse(message.json) as unknown);
            end();
          }
      }
    });
    worker.once('error', (error: Error & { code?: string }) => {
      const memoryRanOut = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      end(memoryRanOut ? new FunctionError('function_runtime_out_of_memory', error.message) : error);
    });
    worker.once('exit', (code) => {
      end(new Error(`The function ended its own process with code ${code}`));
    });
  });
  return { abort: () => abort(), ended };
}

/** Starts the thread's program: the built one, or in a clone its source, bundled once. */
function startWorker(options: WorkerOptions): Worker {
  const program = import.meta.url.endsWith('.ts') ? bundledThread() : new URL('./thread.js', import.meta.url);
  return new Worker(program, options);
}

let bundled: URL | undefined;

// A worker of Node 20 has no loader for TypeScript; one that brings its own takes ten times as long to start.
function bundledThread(): URL {
  if (bundled) return bundled;
  const esbuild = createRequire(import.meta.resolve('tsx'))('esbuild') as {
    buildSync(options: object): { outputFiles: { text: string }[] };
  };
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL('./thread.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
  });
  bundled = new URL(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
  return bundled;
}

async function answer(
  { id, name, args }: Extract<FromThread, { type: 'call' }>,
  calls: { [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => unknown },
  say: (message: ToThread) => void,
): Promise<void> {
  try {
    const call = calls[name] as (...args: unknown[]) => unknown;
    say({ type: 'given', id, value: await call(...args) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const cause = error.cause as { code?: unknown; message?: string } | undefined;
    const code = (error as { code?: unknown }).code ?? cause?.code;
    const message = cause?.code === undefined ? error.message : cause.message ?? error.message;
    say({ type: 'refused', id, name: error.name, message, code: typeof code === 'string' ? code : undefined });
  }
}

function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case 'action':
      return new ActionError(failure.payload);
    case 'provider':
      return new ProviderError(failure.status, failure.headers, failure.body);
    case 'code':
      return new FunctionError(failure.code, failure.message, failure.payload);
    default:
      return Object.assign(new Error(failure.message), { name: failure.name, stack: failure.stack });
  }
}

/** What a run belongs to. */
interface Place {
  environment: StoredEnvironment;
  integration: StoredIntegration;
  connection: StoredConnection;
  provider: CatalogProvider | undefined;
  models: string[];
  trackDeletes: boolean;
}

function placeOf(
  { store }: Pick<Emulator, 'store'>,
  io: FunctionContext,
  deployed: { name: string; type: string },
): Place {
  const environment = store.environments.find(({ name }) => name === io.environment);
  const integration = environment?.integrations.get(io.providerConfigKey);
  const connection = environment && findConnection(environment, io.providerConfigKey, io.connectionId);
  if (!environment || !integration || !connection) throw new Error(`The connection ${io.connectionId} is gone`);
  const definition = environment.functions.find(
    ({ name, type, integration: key }) =>
      name === deployed.name && type === deployed.type && key === integration.uniqueKey,
  );
  return {
    environment,
    integration,
    connection,
    provider: store.providers.get(integration.provider),
    models: definition?.returns ?? [],
    trackDeletes: definition?.trackDeletes ?? false,
  };
}

function factsOf(place: Place, io: FunctionContext | SyncContext, name: string): Run['facts'] {
  const { environment, integration, connection, provider, models, trackDeletes } = place;
  const sync = 'variant' in io ? io : undefined;
  return {
    connectionId: connection.connectionId,
    nangoConnectionId: connection.id,
    providerConfigKey: integration.uniqueKey,
    provider: integration.provider,
    paginate: provider?.proxy?.['paginate'] as Record<string, unknown> | undefined,
    retryCodes: provider?.proxy?.retry?.error_code,
    environmentName: environment.name,
    environmentId: environment.id,
    variant: sync?.variant ?? 'base',
    lastSyncDate: sync?.lastSyncDate?.getTime(),
    models: sync ? models : [name],
    trackDeletes,
    integrationConfig: { ...integration.integrationConfig, custom: integration.custom },
  };
}

/** What {@link callsOf} needs. */
interface CallContext {
  place: Place;
  io: FunctionContext | SyncContext;
  emulator: Pick<Emulator, 'store' | 'answer'>;
  options: RuntimeOptions;
  locks: Map<string, { run: number; until: number }>;
  checkpoints: Map<string, Checkpoint>;
  run: number;
  name: string;
}

const pageSize = 100;

function callsOf(
  { place, io, emulator, options, locks, checkpoints, run, name }: CallContext,
): { [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => unknown } {
  const { environment, connection } = place;
  const variant = 'variant' in io ? io.variant : 'base';
  const sleep = options.sleep ?? ((milliseconds) => new Promise((woken) => setTimeout(woken, milliseconds)));
  /** What this run has saved, by model: everything, and since deletes are tracked. */
  const saved = new Map<string, Set<string>>();
  const tracked = new Map<string, Set<string>>();
  /** Since when, in database time, changes of others win, by model. */
  const merging = new Map<string, string>();

  const syncIo = (): SyncContext => {
    if ('save' in io) return io;
    throw new Error('Only syncs have records');
  };
  const table = (model: string): RecordTable | undefined =>
    environment.records.get(tableKey(connection, model, variant));
  const note = (model: string, records: readonly RecordInput[]): void => {
    for (const seen of [setOf(saved, model), tracked.get(model)]) {
      for (const { id } of records) seen?.add(String(id));
    }
  };
  /** The records that a batch may write: all, unless another run's later changes are to be kept. */
  const writable = (model: string, records: RecordInput[]): RecordInput[] => {
    const since = merging.get(model);
    if (since === undefined) return records;
    return records.filter(({ id }) => {
      const known = table(model)?.get(id)?.['_nango_metadata'] as { last_modified_at: string } | undefined;
      return !known || Date.parse(known.last_modified_at) <= Date.parse(since) || setOf(saved, model).has(String(id));
    });
  };
  const alive = (model: string): string[] =>
    table(model)?.select({ limit: Number.POSITIVE_INFINITY, actions: new Set(['ADDED', 'UPDATED']) }).records
      .map((text) => (JSON.parse(text) as { id: string }).id) ?? [];
  const deleteOthers = (model: string, seen: ReadonlySet<string>): string[] => {
    const gone = alive(model).filter((id) => !seen.has(id));
    syncIo().delete(model, gone);
    return gone;
  };
  const api: (...args: Parameters<Calls['api']>) => Promise<ReturnType<Calls['api']>> = async (
    method,
    path,
    body,
    more,
  ) => {
    const headers = new Headers({ ...more, authorization: `Bearer ${environment.keys[0]?.secret ?? ''}` });
    headers.set('x-nango-fetch-run', String(run));
    if (body !== undefined) headers.set('content-type', 'application/json');
    const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
    const response = await emulator.answer({ method, target: path, headers, body: bytes });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: json ? JSON.parse(text) as unknown : text };
  };
  const checkpointKey = `${connection.id}\n${name}`;

  return {
    api,
    async provider(call) {
      const key = encodeURIComponent(call.connectionId);
      const target = findConnection(environment, call.providerConfigKey, call.connectionId);
      const expires = Date.parse(String(target?.credentials['expires_at'] ?? ''));
      // Reading a connection refreshes its credentials.
      if (expires - Date.now() < quarterHour) {
        await api(
          'GET',
          `/connections/${key}?provider_config_key=${encodeURIComponent(call.providerConfigKey)}`,
          undefined,
          {},
        );
      }
      const request = providerRequest(emulator.store, environment, call, options.lenient ?? false);
      const response = await options.ask(request, { function: name, integration: place.integration.uniqueKey });
      return {
        status: response.status,
        statusText: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: new Uint8Array(await response.arrayBuffer()),
        url: request.url,
      };
    },
    save(model, json) {
      const records = writable(model, JSON.parse(json) as RecordInput[]);
      note(model, records);
      syncIo().save(model, records);
    },
    update(model, json) {
      const records = writable(model, JSON.parse(json) as RecordInput[]);
      note(model, records);
      const whole = records.map((record) => merged(table(model)?.get(record.id), record) as RecordInput);
      syncIo().update(model, whole);
    },
    delete(model, json) {
      const records = writable(model, JSON.parse(json) as RecordInput[]);
      syncIo().delete(model, records);
    },
    records: (model, ids) => {
      syncIo();
      return table(model)?.select({ limit: ids.length, ids: new Set(ids) }).records ?? [];
    },
    page: (model, cursor) => {
      syncIo();
      const records = table(model);
      const after = cursor === undefined ? undefined : readCursor(cursor);
      return records?.select({ limit: pageSize, after }) ?? { next: null, records: [] };
    },
    merge(model, strategy) {
      if (strategy === 'override') merging.delete(model);
      else merging.set(model, new Date().toISOString());
    },
    trackStart(model) {
      syncIo();
      tracked.set(model, new Set());
    },
    trackEnd(model) {
      const seen = tracked.get(model);
      tracked.delete(model);
      return seen && deleteOthers(model, seen);
    },
    deleteUnsaved: (model) => deleteOthers(model, setOf(saved, model)),
    checkpoint: () => ('save' in io ? io.checkpoint : checkpoints.get(checkpointKey) ?? null),
    saveCheckpoint(checkpoint) {
      if ('save' in io) io.saveCheckpoint(checkpoint);
      else if (checkpoint) checkpoints.set(checkpointKey, checkpoint);
      else checkpoints.delete(checkpointKey);
    },
    variables: () => environment.variables,
    lock(key, milliseconds) {
      const held = locks.get(key);
      if (held && held.until > Date.now()) return false;
      locks.set(key, { run, until: Date.now() + milliseconds });
      return true;
    },
    unlock(key) {
      if (key !== undefined) return locks.get(key)?.run === run && locks.delete(key);
      for (const [held, { run: owner }] of locks) if (owner === run) locks.delete(held);
      return true;
    },
    wait: (milliseconds) => sleep(milliseconds),
  };
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  let set = sets.get(key);
  if (!set) sets.set(key, set = new Set());
  return set;
}

/** A record with the members of an update. Objects are merged member by member, lists are replaced. */
function merged(before: unknown, after: unknown): unknown {
  if (!isPlainObject(before) || !isPlainObject(after)) return after;
  const { _nango_metadata: _, ...members } = before;
  for (const [name, value] of Object.entries(after)) members[name] = merged(members[name], value);
  return members;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
