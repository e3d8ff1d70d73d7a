// Holds the emulator against a real server: replays recorded requests in the order of the recording against an emulator that
// is seeded like the recorded server, and compares the answers.
//
//   npx tsx scripts/replay.ts <folder of transcripts> [--verbose]
//
// A transcript is a JSON array of { name, request, response }. Status, error code, envelope, the keys of the body at every
// depth and all values that are neither random nor times have to agree. Each difference is listed, with its reason where it
// is known.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ActionError, createEmulator, type Emulator, type EmulatorSeed, ProviderError } from '../lib/testing/mod.ts';
import type { ActionFunction, FunctionContext, LoadFunction, ProviderTemplate, SyncContext, SyncFunction } from '../lib/testing/mod.ts';

interface Exchange {
  name: string;
  request: {
    method: string;
    path: string;
    headers: Record<string, string | number>;
    body?: unknown;
    bodyText?: string;
    port?: number;
  };
  response?: {
    status: number;
    headers: Record<string, string>;
    body?: unknown;
    bodyText?: string;
    bodyHead?: string;
    bodyBytes?: number;
  };
}

interface Step extends Exchange {
  file: string;
  response: NonNullable<Exchange['response']>;
  /** When it was answered, in milliseconds since 1970. */
  at: number;
}

/** Time that stands still but for what the recording says, so that what takes time takes the time it took. */
function createVirtualTime(start: number) {
  let now = start;
  let timers: { at: number; fire: () => void }[] = [];
  return {
    now: () => now,
    sleep: (milliseconds: number) =>
      new Promise<void>((fire) => {
        timers.push({ at: now + milliseconds, fire });
      }),
    /** Goes forward and fires what is due, then lets it finish. */
    async advance(to: number) {
      now = Math.max(now, to);
      for (;;) {
        const due = timers.filter(({ at }) => at <= now);
        timers = timers.filter(({ at }) => at > now);
        if (due.length === 0) return;
        for (const { fire } of due) fire();
        await breathe();
      }
    },
    /** Fires everything: a request waits for it. */
    flush() {
      const all = timers;
      timers = [];
      for (const { fire } of all) fire();
    },
  };
}

type VirtualTime = ReturnType<typeof createVirtualTime>;

/** Lets everything run that waits for nothing. */
function breathe(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, 5);
  });
}

// How long the recorded server took to start a function.
const startTime = 700;

/** Makes the recorded functions runnable, with what they use of the server's own interface. */
function loader(time: VirtualTime): LoadFunction {
  return ({ type, code }) => {
    const module: { default?: { exec: (nango: unknown, input?: unknown) => unknown } } = {};
    const timeout = (fire: () => void, milliseconds: number): void => {
      void time.sleep(milliseconds).then(fire);
    };
    new Function('exports', 'setTimeout', code)(module, timeout);
    const exec = module.default?.exec;
    if (!exec) return undefined;
    const common = (io: FunctionContext) => ({
      connectionId: io.connectionId,
      getMetadata: () => Promise.resolve(io.metadata),
      log: () => Promise.resolve(),
      ActionError,
      get: async ({ endpoint }: { endpoint: string }) => ({ data: await (await io.fetch(endpoint)).json() }),
    });
    if (type === 'action') {
      const action: ActionFunction = async (input, io) => {
        await time.sleep(startTime);
        return exec(common(io), input);
      };
      return action;
    }
    const sync: SyncFunction = async (io: SyncContext) => {
      await time.sleep(startTime);
      if (time.now() < recordingStarts) throw new Error('The runner was not ready yet');
      await exec({
        ...common(io),
        variant: io.variant,
        batchSave: async (records: { id: string }[], model: string) => io.save(model, records),
        batchDelete: async (records: { id: string }[], model: string) => io.delete(model, records),
        saveCheckpoint: async (checkpoint: Record<string, string>) => io.saveCheckpoint(checkpoint),
      });
    };
    return sync;
  };
}

// Before this the functions had been deployed once, and had failed on all connections.
const recordingStarts = Date.parse('2026-11-22T17:31:00Z');

/** The provider that the recorded server talked to. */
async function provider(request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (url.port === '4999') {
    throw Object.assign(new Error(`connect ECONNREFUSED ${url.host}`), { code: 'ECONNREFUSED' });
  }
  const path = url.pathname;
  const [, code] = /^\/status\/(\d+)/.exec(path) ?? [];
  if (code === '204') return new Response(null, { status: 204, headers: { 'x-upstream': 'yes' } });
  if (code !== undefined) {
    const headers = { 'content-type': 'application/json', 'x-upstream': 'yes', 'retry-after': '1' };
    return new Response(JSON.stringify({ error: `upstream ${code}` }), { status: Number(code), headers });
  }
  const headers = { 'content-type': 'application/json', 'x-request-id': 'up-1', 'x-upstream': 'yes' };
  if (path === '/redirect') return new Response(null, { status: 302, headers: { location: '/echo?redirected=1' } });
  if (path === '/slow') return new Response('{}', { headers: { 'content-type': 'application/json' } });
  if (path.startsWith('/chunked')) {
    return new Response('{"chunked":true}', { headers: { ...headers, 'transfer-encoding': 'chunked' } });
  }
  const body = await request.text();
  const bytes = new TextEncoder().encode(body).length;
  const bodyless = request.method === 'GET' || request.method === 'HEAD' || request.method === 'DELETE';
  const echoed = {
    ...Object.fromEntries(request.headers),
    ...(bodyless && bytes === 0 ? {} : { 'content-length': String(bytes) }),
    'accept-encoding': 'gzip, compress, deflate, br',
    'host': url.host,
    'connection': 'keep-alive',
  };
  const echo = { method: request.method, url: path + url.search, headers: echoed, body, bytes };
  return new Response(JSON.stringify(echo), { headers });
}

const keys: Record<string, string> = {
  '<API-KEY>': '18a92faf-8204-445a-b980-c73f8f0181a6',
  '<API-KEY dev:limited>': '20000000-0000-4000-8000-000000000001',
  '<API-KEY dev:no-proxy>': '20000000-0000-4000-8000-000000000002',
  '<API-KEY prod:Default - Full access>': '20000000-0000-4000-8000-000000000003',
  '<API-KEY account:*>': '20000000-0000-4000-8000-000000000004',
  '<API-KEY account:environments:create>': '20000000-0000-4000-8000-000000000005',
};

/** What the recorded server had before the recording began. */
function recordedSeed(time: VirtualTime, templates: Record<string, ProviderTemplate[]>): EmulatorSeed {
  return {
    version: '0.71.4',
    host: 'http://localhost:3000',
    connectHost: 'http://localhost:3009',
    name: 'dev',
    apiKey: keys['<API-KEY>'],
    keys: [
      {
        secret: keys['<API-KEY dev:limited>'] ?? '',
        displayName: 'limited',
        scopes: [
          'environment:integrations:list', 'environment:integrations:read', 'environment:connections:list',
          'environment:connections:read', 'environment:records:read',
        ],
      },
      {
        secret: keys['<API-KEY dev:no-proxy>'] ?? '',
        displayName: 'no-proxy',
        scopes: ['environment:connections:read', 'environment:records:read'],
      },
    ],
    variables: { MY_VAR: 'my-value', UNICODE: 'héllo ☃' },
    environments: [{ name: 'prod', apiKey: keys['<API-KEY prod:Default - Full access>'] }],
    accountKeys: [
      { secret: keys['<API-KEY account:*>'] ?? '' },
      { secret: keys['<API-KEY account:environments:create>'] ?? '', scopes: ['account:environments:create'] },
    ],
    templates,
    sandbox: false,
    provider,
    loadFunction: loader(time),
    refresh() {
      throw new ProviderError(503, {}, 'The provider could not be reached');
    },
    now: time.now,
  };
}

/** Values of the recording and what stands for them here: ids, tokens, cursors. */
type Substitutions = Map<string, string>;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

function substitute(text: string, known: Substitutions): string {
  let result = text;
  for (const [recorded, ours] of known) {
    if (result.includes(recorded)) result = result.replaceAll(recorded, ours);
    const encoded = encodeURIComponent(recorded);
    if (encoded !== recorded && result.includes(encoded)) result = result.replaceAll(encoded, encodeURIComponent(ours));
  }
  return result;
}

/** Learns which random values stand for each other from two answers. */
function learn(recorded: unknown, ours: unknown, known: Substitutions): void {
  if (typeof recorded === 'string' && typeof ours === 'string') {
    if (recorded !== ours && isRandom(recorded) && isRandom(ours) && !known.has(recorded)) known.set(recorded, ours);
    return;
  }
  if (typeof recorded === 'number' && typeof ours === 'number') return;
  if (typeof recorded !== 'object' || typeof ours !== 'object' || recorded === null || ours === null) return;
  for (const [key, value] of Object.entries(recorded)) learn(value, (ours as Record<string, unknown>)[key], known);
}

function isRandom(text: string): boolean {
  return (
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text) ||
    /^nango_connect_session_[0-9a-f]{64}$/.test(text) ||
    /^MjAy[\w+/]+=*$/.test(text)
  );
}

/** Puts a word for everything that is random or a time, so that the rest can be compared. */
function general(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    return value
      .replaceAll(uuid, '<uuid>')
      .replaceAll(/nango_connect_session_[0-9a-f]{64}/g, '<session>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?/g, '<time>')
      .replaceAll(/^\d{13}_\w{8}$/g, '<log>')
      .replaceAll(/^MjAy[\w+/]+=*$/g, '<cursor>')
      .replaceAll(/-{10,}\w+/g, '<boundary>');
  }
  if (typeof value === 'number') return key === 'id' ? '<number>' : value;
  if (Array.isArray(value)) {
    if (key === 'stacktrace') return value.slice(0, 1);
    const list = value.map((item: unknown) => general(item));
    // The order of records with one time, and of syncs, is the database's whim.
    return key === 'syncs' ? list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, general(member, name)]),
  );
}

interface Page {
  next_cursor: string | null;
  records: { id: string; _nango_metadata: Record<string, unknown> }[];
}

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && Array.isArray((value as Page).records);
}

/** Pages of records hold whatever the UUIDs of the server put there: compared by id where they hold the same ones. */
function comparePages(recorded: Page, ours: Page): string[] {
  const found: string[] = [];
  if (Object.keys(recorded).join() !== Object.keys(ours).join()) found.push('order of the members');
  if ((recorded.next_cursor === null) !== (ours.next_cursor === null)) found.push('next_cursor');
  if (recorded.records.length !== ours.records.length) {
    found.push(`records: ${recorded.records.length} there, ${ours.records.length} here`);
  }
  const byId = new Map(ours.records.map((record) => [record.id, record]));
  for (const [index, record] of recorded.records.entries()) {
    const same = byId.get(record.id);
    if (same) found.push(...difference(general(record), general(same), record.id));
    else {
      const { cursor, ...metadata } = ours.records[index]?._nango_metadata ?? {};
      const { cursor: expected, ...recordedMetadata } = record._nango_metadata;
      if (typeof cursor !== typeof expected) found.push('cursor');
      found.push(...difference(general(recordedMetadata), general(metadata), '_nango_metadata'));
    }
  }
  return found.slice(0, 5);
}

/** Where two values differ, in words. */
function difference(recorded: unknown, ours: unknown, path = ''): string[] {
  if (typeof recorded !== 'object' || recorded === null || typeof ours !== 'object' || ours === null) {
    if (recorded === ours) return [];
    return [`${path || 'body'}: ${brief(recorded)} there, ${brief(ours)} here`];
  }
  const names = new Set([...Object.keys(recorded), ...Object.keys(ours)]);
  return [...names].flatMap((name) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(ours, name)) return [`${at}: missing here`];
    if (!Object.hasOwn(recorded, name)) return [`${at}: not there`];
    return difference((recorded as Record<string, unknown>)[name], (ours as Record<string, unknown>)[name], at);
  });
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function compare(step: Step, status: number, type: string, text: string): string[] {
  const { response } = step;
  const found: string[] = [];
  if (response.status !== status) found.push(`status: ${response.status} there, ${status} here`);
  const recordedType = response.headers['content-type']?.split(';')[0] ?? '';
  if (recordedType !== type && text !== '') found.push(`content type: ${recordedType} there, ${type} here`);
  const ours = parse(text);
  if (response.body !== undefined && response.body !== null) {
    if (isPage(response.body) && isPage(ours)) found.push(...comparePages(response.body, ours));
    else found.push(...difference(general(response.body), general(ours)));
  } else if (response.bodyHead !== undefined) {
    // Only the beginning of a long body was kept.
    const start = (body: string): string => body.slice(0, body.indexOf(':') + 1);
    if (start(response.bodyHead) !== start(text)) found.push('the beginning of the body');
    if (response.bodyHead.startsWith('{"next_cursor":null') !== text.startsWith('{"next_cursor":null')) found.push('next_cursor');
  } else if (recordedType !== 'text/html' && (response.bodyText ?? '') === '' && ours !== null && text !== '') {
    found.push(`body: nothing there, ${brief(text)} here`);
  }
  return found;
}

/** The names of the headers that the server itself decides on. */
function headerNames(names: Iterable<string>): string[] {
  const transport = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'];
  return [...names].filter((name) => !transport.includes(name)).sort();
}

function requestOf(step: Step, known: Substitutions): { target: string; headers: Headers; body: Uint8Array<ArrayBuffer> | undefined } {
  const { request } = step;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    let text = String(value);
    for (const [placeholder, key] of Object.entries(keys)) text = text.replaceAll(placeholder, key);
    headers.append(name, substitute(text, known));
  }
  const size = /^<(\d+) bytes>$/.exec(request.bodyText ?? '')?.[1];
  const large = size ?? (typeof request.body === 'string' && request.body.startsWith('<') ? request.headers['Content-Length'] : undefined);
  let text: string | undefined;
  if (large !== undefined) {
    const frame = '{"provider_config_key":"unauth","connection_id":"nope","metadata":{"x":""}}';
    text = frame.replace('""', `"${'y'.repeat(Number(large) - frame.length)}"`);
  } else if (request.bodyText !== undefined && request.bodyText !== '') text = request.bodyText;
  else if (request.body !== undefined && request.body !== null) text = substitute(JSON.stringify(request.body), known);
  const body = text === undefined ? undefined : new TextEncoder().encode(text);
  return { target: substitute(request.path, known), headers, body };
}

/** Why an answer differs and is right to. By the name of the exchange. */
const reasons: [RegExp, string][] = [];

/** Does what requests did that are not among the transcripts, where a request depends on it. */
function repair(emulator: Emulator, step: Step, known: Substitutions): void {
  const text = `${step.request.path} ${JSON.stringify(step.request.headers)} ${JSON.stringify(step.request.body ?? '')}`;
  const [environment] = emulator.store.environments;
  if (!environment) return;
  for (const [token] of text.matchAll(/nango_connect_session_[0-9a-f]{64}/g)) {
    if (known.has(token)) continue;
    known.set(token, token);
    environment.sessions.set(token, {
      token,
      expiresAt: step.at + 1_800_000,
      endUser: null,
      tags: { end_user_id: 'flow-user', end_user_email: 'flow@example.com' },
      allowedIntegrations: null,
      defaults: null,
      overrides: null,
      webhookUrlOverride: null,
      reconnects: null,
    });
  }
}

async function readSteps(folder: string): Promise<Step[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const steps: Step[] = [];
  for (const file of files) {
    const exchanges = JSON.parse(await readFile(join(folder, file), 'utf8')) as Exchange[];
    for (const exchange of exchanges) {
      const { response } = exchange;
      if (!response) continue; // What the server sent by itself: its webhooks.
      const at = Date.parse(response.headers['date'] ?? '');
      steps.push({ ...exchange, response, file, at });
    }
  }
  // Files were recorded one after the other, not in the order of their names.
  const begins = new Map<string, number>();
  for (const { file, at } of steps) if (!begins.has(file)) begins.set(file, at);
  return steps.sort((a, b) => (begins.get(a.file) ?? 0) - (begins.get(b.file) ?? 0) || (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { verbose: { type: 'boolean', default: false } } });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('Usage: npx tsx scripts/replay.ts <folder of transcripts> [--verbose]');
  const steps = await readSteps(folder);
  const time = createVirtualTime((steps[0]?.at ?? Date.now()) - 1000);
  const templates: Record<string, ProviderTemplate[]> = {};
  for (const { request, response } of steps) {
    const [, name] = /^\/providers\/([\w-]+)\/templates$/.exec(request.path) ?? [];
    const { data } = (response.body ?? {}) as { data?: ProviderTemplate[] };
    if (name !== undefined && data && data.length > 0) templates[name] = data;
  }
  const emulator = createEmulator(recordedSeed(time, templates));
  const small = createEmulator({ ...recordedSeed(time, templates), rateLimit: { limit: 12 }, bodyLimit: 10 * 1024 });
  const known: Substitutions = new Map();
  const results: { step: Step; found: string[]; headers: string[] }[] = [];

  for (const step of steps) {
    await time.advance(step.at);
    const target = step.request.port === undefined ? emulator : small;
    await before(step, emulator, time);
    repair(emulator, step, known);
    const { target: path, headers, body } = requestOf(step, known);
    const answering = target.answer({ method: step.request.method, target: path, headers, body });
    const timer = setInterval(() => {
      time.flush();
    }, 10);
    const response = await answering;
    clearInterval(timer);
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const found = compare(step, response.status, type, text);
    learn(step.response.body, parse(text), known);
    const expected = headerNames(Object.keys(step.response.headers));
    const actual = headerNames(response.headers.keys());
    const differing = [
      ...expected.filter((name) => !actual.includes(name)).map((name) => `-${name}`),
      ...actual.filter((name) => !expected.includes(name)).map((name) => `+${name}`),
    ];
    results.push({ step, found, headers: differing });
  }

  report(results, values.verbose);
}

/** The functions had been deployed before the recorded deployment, by one that is not among the transcripts. */
async function before(step: Step, emulator: Emulator, time: VirtualTime): Promise<void> {
  if (step.request.path !== '/sync/deploy/confirmation') return;
  const { flowConfigs } = step.request.body as { flowConfigs: { syncName: string }[] };
  const body = JSON.stringify({ flowConfigs: flowConfigs.filter(({ syncName }) => syncName !== 'dup') });
  const headers = { 'authorization': `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' };
  const deployed = emulator.fetch(`${emulator.host}/sync/deploy`, { method: 'POST', headers, body });
  await deployed;
  await breathe();
  time.flush();
  await emulator.settled();
}

function report(results: { step: Step; found: string[]; headers: string[] }[], verbose: boolean): void {
  const files = [...new Set(results.map(({ step }) => step.file))].sort();
  let agreed = 0;
  for (const file of files) {
    const ofFile = results.filter(({ step }) => step.file === file);
    const same = ofFile.filter(({ found }) => found.length === 0);
    const sameHeaders = ofFile.filter(({ headers }) => headers.length === 0);
    agreed += same.length;
    const share = ((100 * same.length) / ofFile.length).toFixed(1).padStart(5);
    console.log(`${share} %  ${same.length}/${ofFile.length}  ${file}  (headers ${sameHeaders.length}/${ofFile.length})`);
  }
  console.log(`\n${((100 * agreed) / results.length).toFixed(1)} % of ${results.length} answers agree\n`);
  for (const { step, found, headers } of results) {
    if (found.length === 0 && (!verbose || headers.length === 0)) continue;
    console.log(`${step.file}  ${step.name}  (${step.request.method} ${step.request.path})`);
    for (const line of found.slice(0, 6)) console.log(`    ${line}`);
    if (headers.length > 0 && verbose) console.log(`    headers: ${headers.join(' ')}`);
    const reason = reasons.find(([pattern]) => pattern.test(`${step.file} ${step.name}`))?.[1];
    if (found.length > 0) console.log(`    reason: ${reason ?? 'not known'}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
