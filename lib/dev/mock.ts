// Plays providers: from a file or a folder of recorded answers, or by sending requests to the provider itself.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Asker, AskProvider } from './functions/provider-call.ts';

/** An answer that is played. */
export interface Recording {
  /** The method, in upper case. */
  method: string;
  /** The path, with the base URL's own path or without it; `*` stands for anything. */
  path: string;
  /** Parameters that the request must have. */
  query: [name: string, value: string][];
  /** The body that the request must have, where it is told. */
  data: unknown;
  /** The status of the answer. */
  status: number;
  /** The headers of the answer. */
  headers: Record<string, string>;
  /** The body of the answer: text as it is, else JSON. */
  body: unknown;
  /** Whether its parameters and its body must be met. What was recorded for a test is close enough when nothing is closer. */
  strict: boolean;
  /** Where it was read. What was recorded for the function that asks comes first. */
  file: string;
}

type Json = Record<string, unknown>;

/** Makes what plays providers. `how` is `live`, `mock` or a path; problems with files are told in one line. */
export function createProvider(how: string, warn: (line: string) => void): AskProvider {
  if (how === 'live') return (request) => fetch(request);
  const recordings = how === 'mock' ? [] : readRecordings(how);
  if (recordings.length === 0 && how !== 'mock') throw new Error(`${how} holds no recorded answers`);
  return playRecordings(recordings, how, warn);
}

/** Plays recorded answers. Of those that fit, the closest is given; equal ones take turns, and the last one stays. */
export function playRecordings(recordings: Recording[], source: string, warn: (line: string) => void): AskProvider {
  const used = new Set<Recording>();
  return async (request, asker) => {
    const body = await bodyOf(request);
    let closest: Recording[] = [];
    let highest = 0;
    for (const recording of recordings) {
      const score = fit(recording, request, body, asker);
      if (score === undefined || (closest.length > 0 && score < highest)) continue;
      if (score > highest || closest.length === 0) closest = [];
      highest = score;
      closest.push(recording);
    }
    const best = closest.find((recording) => !used.has(recording)) ?? closest.at(-1);
    if (!best) return unmatched(request, body, source, warn);
    used.add(best);
    const { status, headers, body: answer } = best;
    const text = answer === undefined || answer === null && status === 204
      ? null
      : typeof answer === 'string'
      ? answer
      : JSON.stringify(answer);
    const type = typeof answer === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
    const empty = status === 204 || status === 304 || text === null;
    return new Response(empty ? null : text, {
      status,
      headers: { ...(empty ? {} : { 'content-type': type }), ...headers },
    });
  };
}

/** How well a recording fits, or `undefined` for not at all. */
function fit(recording: Recording, request: Request, body: unknown, asker: Asker): number | undefined {
  if (recording.method !== request.method) return undefined;
  const url = new URL(request.url);
  if (!fitsPath(recording.path, url)) return undefined;
  let score = recording.path.includes('*') ? 0 : 1000;
  for (const [key, value] of recording.query) {
    if (url.searchParams.getAll(key).includes(value)) score += 10;
    else if (recording.strict) return undefined;
    else score -= 20;
  }
  if (recording.data !== undefined) {
    const likeness = alike(recording.data, body);
    if (recording.strict && likeness < 1) return undefined;
    score += 100 * likeness;
  }
  // A request with parameters that were not recorded is further off.
  score -= Math.min(9, [...url.searchParams].length - recording.query.length);
  return score + 2000 * nearness(recording.file, asker);
}

/** How near a file is to the function that asks: recorded for it, for its integration, or for anything. */
function nearness(file: string, { function: name, integration }: Asker): number {
  const parts = file.split(/[\\/]/);
  const recordedFor = parts.some((part) => part === name || part.replace(/(\.test)?\.json$/, '') === name);
  return (name !== undefined && recordedFor ? 2 : 0) +
    (integration !== undefined && parts.includes(integration) ? 1 : 0);
}

/** How alike two bodies are, from 0 to 1. White space and the type of numbers do not count: forms and queries change both. */
function alike(recorded: unknown, sent: unknown): number {
  if (normal(recorded) === normal(sent)) return 1;
  if (!isObject(recorded) || !isObject(sent)) return 0;
  const names = Object.keys({ ...recorded, ...sent });
  const same = names.filter((name) => normal(recorded[name]) === normal(sent[name]));
  return names.length === 0 ? 0 : 0.9 * same.length / names.length;
}

function normal(value: unknown): string {
  const text = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(text);
    if (isObject(one)) return Object.fromEntries(Object.entries(one).map(([name, member]) => [name, text(member)]));
    return one === null || one === undefined ? '' : String(one).replace(/\s+/g, ' ').trim();
  };
  return JSON.stringify(sorted(text(value)));
}

function fitsPath(path: string, url: URL): boolean {
  const wanted = path.replace(/^\/+/, '').replace(/\/+$/, '');
  const full = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  const asked = url.pathname.replace(/^\/+/, '').replace(/\/+$/, '');
  if (wanted.includes('*')) {
    const pattern = wanted.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*');
    return new RegExp(`^(.*/)?${pattern}$`).test(asked);
  }
  const same = (text: string) => text === wanted || text.endsWith(`/${wanted}`) || (wanted === '' && text === '');
  return full === path.replace(/\/+$/, '') || same(asked) || same(decoded(asked));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.clone().text();
  if (text === '') return undefined;
  if (request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}

function unmatched(request: Request, body: unknown, source: string, warn: (line: string) => void): Response {
  const { pathname, searchParams } = new URL(request.url);
  const query = searchParams.size > 0 ? { query: Object.fromEntries(searchParams) } : {};
  const add = { method: request.method, path: pathname, ...query, status: 200, headers: {}, body: {} };
  const where = source === 'mock' ? 'a file for --provider' : source;
  const message = `No recorded answer fits ${request.method} ${pathname}. Add this to ${where}: ${JSON.stringify(add)}`;
  warn(message);
  return Response.json({ error: { code: 'no_recorded_answer', message, add, sent: body } }, { status: 501 });
}

/** Reads the recorded answers of a file, or of all JSON files of a folder. */
export function readRecordings(path: string): Recording[] {
  const root = resolve(path);
  let files: string[];
  try {
    files = statSync(root).isDirectory()
      ? readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json') && !name.includes('node_modules'))
        .map((name) => join(root, name))
        .sort()
      : [root];
  } catch {
    throw new Error(`--provider names no file or folder: ${path}`);
  }
  return files.flatMap((file) => {
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new Error(`${file} is no JSON: ${(error as Error).message}`);
    }
    const found = recordingsOf(content, file);
    if (found.length === 0 && files.length === 1) throw new Error(`${file} holds no recorded answers`);
    return found;
  });
}

/** The recorded answers of one file: a list of our own shape, or a recording of the official command line of either kind. */
export function recordingsOf(content: unknown, file: string): Recording[] {
  if (Array.isArray(content)) return content.flatMap((one) => (isRecorded(one) ? [ours(one, file)] : []));
  if (!isObject(content)) return [];
  if (isObject(content['api'])) return unified(content['api'], file);
  if (typeof content['endpoint'] === 'string') return [legacy(content, file)];
  return isRecorded(content) ? [ours(content, file)] : [];
}

function isRecorded(value: unknown): value is Json {
  return isObject(value) && typeof value['path'] === 'string';
}

function ours(one: Json, file: string): Recording {
  return made(
    String(one['path']),
    one['method'],
    one['query'],
    one['data'],
    one['status'],
    one['headers'],
    one['body'],
    file,
    true,
  );
}

/** One answer a file, as older projects record them. */
function legacy(one: Json, file: string): Recording {
  const identity = isObject(one['requestIdentity']) ? one['requestIdentity'] : {};
  const { endpoint, method, status, headers, response } = one;
  return made(String(endpoint), method, identity['params'], identity['data'], status, headers, response, file);
}

/** All answers of a function in one file, by method and path. */
function unified(api: Json, file: string): Recording[] {
  return Object.entries(api).flatMap(([method, paths]) =>
    Object.entries(isObject(paths) ? paths : {}).flatMap(([path, answers]) =>
      (Array.isArray(answers) ? answers : [answers]).filter(isObject).map((answer) => {
        const request = isObject(answer['request']) ? answer['request'] : {};
        const { status, headers, response } = answer;
        return made(path, method, request['params'], request['data'], status, headers, response, file);
      })
    )
  );
}

function made(
  address: string,
  method: unknown,
  query: unknown,
  data: unknown,
  status: unknown,
  headers: unknown,
  body: unknown,
  file: string,
  strict = false,
): Recording {
  const [path = '', search = ''] = address.split('?');
  const pairs: [string, unknown][] = Array.isArray(query)
    ? (query as [string, unknown][])
    : isObject(query)
    ? Object.entries(query)
    : [...new URLSearchParams(typeof query === 'string' ? query : '')];
  return {
    method: String(method ?? 'GET').toUpperCase(),
    path,
    query: [...new URLSearchParams(search), ...pairs.filter(([, value]) => value !== undefined && value !== null)].map((
      [name, value],
    ) => [name, Array.isArray(value) ? String(value[0]) : String(value)]),
    data,
    status: Number(status ?? 200),
    headers: Object.fromEntries(
      Object.entries(isObject(headers) ? headers : {})
        .filter(([name]) => !/^(content-length|content-encoding|transfer-encoding|connection)$/i.test(name))
        .map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    body,
    strict,
    file,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
