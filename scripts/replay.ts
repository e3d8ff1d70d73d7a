// Holds the emulator against a real server: replays recorded requests in the order of the recording against an emulator
// that is seeded like the recorded server, and compares the answers.
//
//   npx tsx scripts/replay.ts <folder of transcripts> [--verbose]
//
// A transcript is a JSON array of { name, request, response }. Status, error code, envelope, the keys of the body at
// every depth and all values that are neither random nor times have to agree. Each difference is listed, with its reason
// where it is known.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ActionError, createEmulator, ProviderError } from '../lib/testing/mod.ts';
import type { Emulator, EmulatorSeed } from '../lib/testing/mod.ts';
import type {
  ActionFunction,
  FunctionContext,
  LoadFunction,
  ProviderTemplate,
  SyncContext,
  SyncFunction,
} from '../lib/testing/mod.ts';

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
      for (;;) {
        const next = timers.filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0];
        now = Math.max(now, next?.at ?? to);
        if (!next) return;
        timers = timers.filter((timer) => timer !== next);
        next.fire();
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

let pending = 0;

/** Counts the digests and signatures that are being computed in other threads. */
function countCrypto(): void {
  const { subtle } = crypto;
  for (const name of ['digest', 'sign', 'importKey'] as const) {
    const compute = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>;
    const counted = (...args: unknown[]): Promise<unknown> => {
      pending++;
      return compute(...args).finally(() => pending--);
    };
    Object.defineProperty(subtle, name, { value: counted });
  }
}

/** Lets everything run that waits for nothing but other threads. */
async function breathe(): Promise<void> {
  for (let quiet = 0; quiet < 20; quiet = pending === 0 ? quiet + 1 : 0) {
    await new Promise((done) => {
      setImmediate(done);
    });
  }
}

// How long the recorded server took to start a function.
const startTime = 900;

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
  const sent = await request.arrayBuffer();
  const body = new TextDecoder().decode(sent);
  const bytes = sent.byteLength;
  const bodyless = request.method === 'GET' || request.method === 'HEAD' || request.method === 'DELETE';
  const echoed = {
    ...Object.fromEntries(request.headers),
    ...(bodyless && bytes === 0 ? {} : { 'content-length': String(bytes) }),
    'accept-encoding': 'gzip, compress, deflate, br',
    host: url.host,
    connection: 'keep-alive',
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
          'environment:integrations:list',
          'environment:integrations:read',
          'environment:connections:list',
          'environment:connections:read',
          'environment:records:read',
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
    sleep: time.sleep,
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

/** What of a long body was kept and is worth learning: its cursor. */
function headOf(text: string | undefined): unknown {
  return parse(`${/^\{"next_cursor":"[^"]+"/.exec(text ?? '')?.[0] ?? '{'}}`);
}

/** Environments and keys have numbers, which later requests name. */
function learnNumber({ request, response }: Step, ours: unknown, known: Substitutions): void {
  const id = (answer: unknown): number | undefined => (answer as { data?: { id?: number } } | null)?.data?.id;
  const there = id(response.body);
  const here = id(ours);
  if (there === undefined || here === undefined) return;
  if (request.path === '/environment/api-keys') known.set(`"key_id":${there}`, `"key_id":${here}`);
  if (request.path === '/environments') known.set(`"environment_id":${there}`, `"environment_id":${here}`);
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
      .replaceAll(/-{4,}[\w-]+/g, '<boundary>');
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
    if (response.bodyHead.startsWith('{"next_cursor":null') !== text.startsWith('{"next_cursor":null')) {
      found.push('next_cursor');
    }
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

/** Text as header fields carry it: its UTF-8 bytes, each as a character. */
function asBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

function requestOf(
  step: Step,
  known: Substitutions,
): { target: string; headers: Headers; body: Uint8Array<ArrayBuffer> | undefined } {
  const { request } = step;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    let text = String(value);
    for (const [placeholder, key] of Object.entries(keys)) text = text.replaceAll(placeholder, key);
    headers.append(name, asBytes(substitute(text, known)));
  }
  const size = /^<(\d+) bytes>$/.exec(request.bodyText ?? '')?.[1];
  const large = size ??
    (typeof request.body === 'string' && request.body.startsWith('<') ? request.headers['Content-Length'] : undefined);
  let text: string | undefined;
  if (large !== undefined) {
    const frame = '{"provider_config_key":"unauth","connection_id":"nope","metadata":{"x":""}}';
    text = frame.replace('""', `"${'y'.repeat(Number(large) - frame.length)}"`);
  } else if (request.bodyText !== undefined && request.bodyText !== '') text = request.bodyText;
  else if (request.body !== undefined && request.body !== null) text = substitute(JSON.stringify(request.body), known);
  // A transcript shows bytes that are no text as replacement characters.
  const binary = text?.includes('\uFFFD') === true;
  const body = text === undefined
    ? undefined
    : binary
    ? Uint8Array.from(text, (unit) => unit.charCodeAt(0))
    : new TextEncoder().encode(text);
  return { target: substitute(request.path, known), headers, body };
}

/** Why an answer differs and is right to. By file and name. */
const reasons: [RegExp, string][] = [
  [/^10.*invalid JSON body/, 'the words are those of the JavaScript engine, and versions of it differ'],
  [/^11.*list providers search$/, 'descriptions of fields are in the words of this project'],
  [/^14.*raw slash/, 'the recorded server had no dashboard page yet, which later answered such paths with 200'],
  [/^17.*pruned record by id/, 'which records come first among equals is up to the UUIDs, which are random'],
  [/^21b.*multipart/, 'the boundary is random, and of another length'],
  [/^03.*confirmation/, 'an earlier deployment of the recorded server had one more action'],
];

type Send = (method: string, path: string, body?: unknown) => Promise<unknown>;

/**
 * What requests did on the recorded server that are not among the transcripts. Each makes a state that the request
 * named relies on, and changes nothing where it is there already.
 */
const repairs: [RegExp, (send: Send, emulator: Emulator, step: Step, known: Substitutions) => Promise<void> | void][] =
  [
    [
      /^14.* delete again$/,
      async (send) => void (await send('DELETE', '/connections/del-1?provider_config_key=unauth')),
    ],
    [
      /^15.* patch single/,
      async (send) => {
        const metadata = { a: 1, b: { c: 1 } };
        await send('POST', '/connections/metadata', {
          provider_config_key: 'unauth',
          connection_id: 'org/team 1',
          metadata,
        });
      },
    ],
    [/^16.*environments duplicate/, async (send) => void (await send('POST', '/environments', { name: 'staging' }))],
    [/^16.*environments\/:id again/, (_send, { store }) => void store.environments.splice(2, 1)],
    [
      /^19.* async slow pending$/,
      async (send, _emulator, _step, known) => queue(send, known, 'slow', 'ea74c4ad-af4f-46d2-81c6-cadba6c6248e'),
    ],
    [
      /^19b.* async ActionError poll 0$/,
      async (send, _emulator, _step, known) => queue(send, known, 'fail-throw', '156b933f-aea7-4725-84e5-f55fe5b69626'),
    ],
    [/^22b.* get standalone/, (_send, emulator) => addStandalone(emulator)],
    [/^22c/, (_send, emulator, step) => addJob(emulator, step)],
    [
      /^10.*no authorization header/,
      async (send) => {
        const credentials = { type: 'OAUTH2', client_id: 'cid-2', client_secret: 'cs-2', scopes: 'repo' };
        await send('PATCH', '/integrations/github', { credentials });
      },
    ],
    [
      /^12.* patch display_name$/,
      async (send) =>
        void (await send('POST', '/integrations', { provider: 'unauthenticated', unique_key: 'tmp-int' })),
    ],
    [
      /^26.*final status/,
      async (send) => {
        await send('POST', '/sync/start', {
          provider_config_key: 'unauth',
          connection_id: 'conn-1',
          syncs: ['widgets'],
        });
      },
    ],
    [
      /^27.*after function deletion/,
      (_send, { store }) => {
        for (const environment of store.environments) {
          environment.functions = environment.functions.filter(({ name }) => name !== 'slow-sync');
        }
      },
    ],
  ];

/** Queues an action whose request is not among the transcripts, so that asking for its result finds it. */
async function queue(send: Send, known: Substitutions, name: string, recorded: string): Promise<void> {
  if (known.has(recorded)) return;
  const { id } = (await send('POST', '/action/trigger', { action_name: name, input: {} })) as { id: string };
  known.set(recorded, id);
}

function addStandalone({ store }: Emulator): void {
  const [environment] = store.environments;
  const like = environment?.functions.find(({ type }) => type === 'action');
  if (!environment || !like || environment.functions.some(({ name }) => name === 'temp-fn')) return;
  environment.functions.push({
    ...like,
    id: 28,
    name: 'temp-fn',
    description: 'd',
    input: undefined,
    returns: [],
    jsonSchema: { definitions: {} },
    source: 'standalone',
  });
}

/** The recorded server had these put into its database by hand. */
function addJob({ store }: Emulator, { request, response }: Step): void {
  const [id] = request.path.match(uuid) ?? [];
  const [environment] = store.environments;
  if (id === undefined || !environment) return;
  const { id: _id, ...state } = response.body as Record<string, unknown>;
  environment.jobs.set(id, { id, kind: request.path.includes('dryruns') ? 'dryrun' : 'deployment', state });
}

/** Does what requests did that are not among the transcripts, where a request depends on it. */
async function repair(emulator: Emulator, step: Step, known: Substitutions): Promise<void> {
  const account = step.file.startsWith('16');
  const send: Send = async (method, path, body) => {
    const response = await emulator.fetch(emulator.host + path, {
      method,
      headers: {
        authorization: `Bearer ${account ? keys['<API-KEY account:*>'] : emulator.apiKey}`,
        'content-type': 'application/json',
        'connection-id': 'conn-1',
        'provider-config-key': 'unauth',
        'x-async': 'true',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  };
  for (const [pattern, mend] of repairs) {
    if (pattern.test(`${step.file} ${step.name}`)) await mend(send, emulator, step, known);
  }
  const text = `${step.request.path} ${JSON.stringify(step.request.headers)} ${
    JSON.stringify(step.request.body ?? '')
  }`;
  const [environment] = emulator.store.environments;
  for (const [token] of text.matchAll(/nango_connect_session_[0-9a-f]{64}/g)) {
    if (known.has(token) || !environment) continue;
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

/** Makes up for calls that are not among the transcripts, but used up the limit of the recorded server. */
async function exhaust(emulator: Emulator, step: Step, { sent }: { sent: number }): Promise<number> {
  const [, number] = /^rate limit request (\d+)$/.exec(step.name) ?? [];
  const wanted = number === undefined ? (step.name.startsWith('rate limited') ? 12 : 0) : Number(number);
  let count = sent;
  for (; count < wanted; count += 1) {
    await emulator.fetch(`${emulator.host}/environment-variables`, {
      headers: { authorization: `Bearer ${emulator.apiKey}` },
    });
  }
  return count + (step.name.startsWith('rate limit') ? 1 : 0);
}

/** Reads the transcripts: what was asked and answered, in order, and the webhooks that the server sent by itself. */
async function readTranscripts(folder: string): Promise<{ steps: Step[]; webhooks: unknown[] }> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const steps: Step[] = [];
  const webhooks: unknown[] = [];
  for (const file of files) {
    const exchanges = JSON.parse(await readFile(join(folder, file), 'utf8')) as Exchange[];
    for (const exchange of exchanges) {
      const { response } = exchange;
      if (!response) {
        webhooks.push(exchange.request.body);
        continue;
      }
      const at = Date.parse(response.headers['date'] ?? '') || (steps.at(-1)?.at ?? 0);
      steps.push({ ...exchange, response, file, at });
    }
  }
  // Files were recorded one after the other, not in the order of their names.
  const begins = new Map<string, number>();
  for (const { file, at } of steps) if (!begins.has(file)) begins.set(file, at);
  steps.sort(
    (a, b) => (begins.get(a.file) ?? 0) - (begins.get(b.file) ?? 0) || (a.file < b.file ? -1 : a.file > b.file ? 1 : 0),
  );
  return { steps, webhooks };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { verbose: { type: 'boolean', default: false } },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('Usage: npx tsx scripts/replay.ts <folder of transcripts> [--verbose]');
  countCrypto();
  const { steps, webhooks } = await readTranscripts(folder);
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

  let sent = 0;
  for (const step of steps) {
    if (step.at > recordingStarts && time.now() < recordingStarts) await deployFirst(steps, emulator, time);
    await time.advance(step.at);
    const target = step.request.port === undefined ? emulator : small;
    if (target === small) sent = await exhaust(small, step, { sent });
    else await repair(emulator, step, known);
    const { target: path, headers, body } = requestOf(step, known);
    const answering = target.answer({ method: step.request.method, target: path, headers, body });
    let answered = false;
    const note = (): void => {
      answered = true;
    };
    answering.then(note, note);
    // Only a request that waits for time to pass moves it on.
    for (await breathe(); !answered; await breathe()) time.flush();
    const response = await answering;
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const found = compare(step, response.status, type, text);
    learn(step.response.body ?? headOf(step.response.bodyHead), parse(text), known);
    learnNumber(step, parse(text), known);
    const expected = headerNames(Object.keys(step.response.headers));
    const actual = headerNames(response.headers.keys());
    const differing = [
      ...expected.filter((name) => !actual.includes(name)).map((name) => `-${name}`),
      ...actual.filter((name) => !expected.includes(name)).map((name) => `+${name}`),
    ];
    results.push({ step, found, headers: differing });
  }

  report(results, values.verbose);
  reportWebhooks(webhooks, emulator);
}

/**
 * The functions had been deployed before the recorded deployment, by one that is not among the transcripts, and had
 * failed.
 */
async function deployFirst(steps: Step[], emulator: Emulator, time: VirtualTime): Promise<void> {
  const deployment = steps.find(({ request }) => request.path === '/sync/deploy');
  if (!deployment) return;
  const { flowConfigs, ...rest } = deployment.request.body as { flowConfigs: { syncName: string }[] };
  const body = JSON.stringify({ ...rest, flowConfigs: flowConfigs.filter(({ syncName }) => syncName !== 'dup') });
  const headers = { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' };
  await time.advance(recordingStarts - 40_000);
  await emulator.fetch(`${emulator.host}/sync/deploy`, { method: 'POST', headers, body });
  await time.advance(recordingStarts - 30_000);
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
    console.log(
      `${share} %  ${same.length}/${ofFile.length}  ${file}  (headers ${sameHeaders.length}/${ofFile.length})`,
    );
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

/** Which of the recorded webhooks were sent here too, each counted once. */
function reportWebhooks(recorded: unknown[], emulator: Emulator): void {
  const sent = emulator.webhooks.deliveries.map(({ event }) => JSON.stringify(general(event)));
  const missing = recorded.filter((event) => {
    const index = sent.indexOf(JSON.stringify(general(event)));
    if (index >= 0) sent.splice(index, 1);
    return index < 0;
  });
  console.log(`\n${recorded.length - missing.length} of ${recorded.length} recorded webhooks were sent here too`);
  for (const event of missing) console.log(`    not sent here: ${brief(event)}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
