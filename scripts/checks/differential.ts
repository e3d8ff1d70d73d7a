// Compares class Nango with the official client: both make the same calls against one server on this machine, which
// notes what it gets. Requests, and results or errors, have to be the same, apart from what
// scripts/checks/compat/differences.ts lists. Then code that was written for the official client is compiled against both.
//
//   npm run differential -- [--seed 1] [--count 8] [--only listRecords] [--write]
//
// `--write` puts the list of differences into lib/compat/README.md, which has to have it as it is.

import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { isNangoError } from '../../lib/mod.ts';
import * as compat from '../../lib/compat/mod.ts';
import { generated, written } from './compat/cases.ts';
import type { Answer, Case, Client } from './compat/cases.ts';
import { differences, table } from './compat/differences.ts';
import { root } from '../tools/esbuild.ts';
import { installPackages } from '../runtimes/install.ts';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
// The official client warns of a method of its own.
process.noDeprecation = true;
await installPackages('scripts/checks/compat');
const require = createRequire(join(root, 'scripts/checks/compat/package.json'));
type Constructor = new (config: object, options?: object) => Client;
const official = (require('@nangohq/node') as { Nango: Constructor }).Nango;
const ours = compat.Nango as unknown as Constructor;
const { isAxiosError } = require('axios') as { isAxiosError(error: unknown): boolean };

/** A request, in parts that can be compared. */
type Parts = Record<string, unknown>;

/** What a call did. */
interface Outcome {
  requests: Parts[];
  kind: 'result' | 'error';
  parts: Parts;
  error?: unknown;
}

let requests: Parts[] = [];
let answer: Case['answer'];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const count = requests.push(partsOf(request, Buffer.concat(chunks))) - 1;
    respond(response, (typeof answer === 'function' ? answer(request.url!, count) : answer) ?? { body: { ok: true } });
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function respond(
  response: ServerResponse,
  { status = 200, headers, body = { ok: true }, text = JSON.stringify(body), cut }: Answer,
): void {
  if (cut === 'before') {
    response.socket!.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  if (cut === 'within') {
    response.write(text.slice(0, 3));
    setTimeout(() => response.socket!.destroy(), 50);
    return;
  }
  response.end(text);
}

/** Headers that belong to the connection or to the platform, not to the call. */
const meaningless =
  /^(accept(-\w+)?|connection|content-length|date|host|keep-alive|sec-fetch-mode|transfer-encoding|user-agent)$/;

/** Takes a request apart: what is only spelled in another way is the same. */
function partsOf(request: IncomingMessage, bytes: Buffer): Parts {
  const [path, query] = request.url!.split(/\?(.*)/s) as [string, string?];
  let body = bytes.toString('latin1');
  const segments = path.split('/').map((segment) => decode(segment).replaceAll('/', '(an encoded slash)'));
  const parts: Parts = { method: request.method, path: segments.join('/') };
  // The order of parameters means nothing but where they are repeated.
  const pairs = (query ?? '')
    .split('&')
    .filter(Boolean)
    .map((pair) => decode(pair.replaceAll('+', ' ')));
  parts['query'] = pairs.sort((a, b) => a.split('=')[0]!.localeCompare(b.split('=')[0]!));
  for (const [name, value] of Object.entries(request.headers)) {
    if (meaningless.test(name)) continue;
    const boundary = /; *boundary=(.*)$/.exec(`${value}`);
    // Forms differ in boundaries, and in what they say of their parts beside the names.
    if (boundary) {
      body = body
        .replaceAll(boundary[1]!, '')
        .replace(/^content-type: .*\r\n/gim, '')
        .replace(/[\r\n-]+/g, '\n');
    }
    const plain = `${value}`.replace(/; *boundary=.*$/, '').replace(/; *charset=utf-8$/i, '');
    parts[name === 'content-type' && !bytes.length ? `header ${name} without a body` : `header ${name}`] = plain;
  }
  // JSON may be spelled in several ways, as far as it is an object.
  try {
    parts['body'] = /^[{[]/.test(body) ? JSON.parse(bytes.toString()) : body;
  } catch {
    parts['body'] = body;
  }
  return parts;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return `${text} (cannot be decoded)`;
  }
}

/** Makes a call with one of the clients. */
async function run(Nango: Constructor, { call, answer: wanted, fast }: Case): Promise<Outcome> {
  requests = [];
  answer = wanted;
  const { setTimeout: slow } = globalThis;
  const { now } = Date;
  if (fast) {
    const start = now();
    Date.now = () => start + (now() - start) * 1000;
    globalThis.setTimeout = ((handler: () => void, delay = 0, ...args: []) =>
      slow(handler, delay / 1000, ...args)) as typeof setTimeout;
  }
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>(
      (_, reject) => (timer = slow(() => reject(new Error('The call does not end')), 20_000)),
    );
    const value = await Promise.race([call(new Nango({ apiKey: 'api-key', host }), host, Nango), late]);
    return { requests, kind: 'result', parts: await resultParts(value) };
  } catch (error) {
    return { requests, kind: 'error', parts: await errorParts(error), error };
  } finally {
    clearTimeout(timer);
    globalThis.setTimeout = slow;
    Date.now = now;
  }
}

/** Takes a result apart. */
async function resultParts(value: any): Promise<Parts> {
  if (!value || typeof value !== 'object' || !('statusText' in value)) return { result: value };
  return {
    'result.status': value.status,
    'result.statusText': value.statusText,
    'result.headers': plain(value.headers),
    'result.data': await read(value.data),
  };
}

/** Takes an error apart. What is no error of a call has its words alone. */
async function errorParts(error: any): Promise<Parts> {
  if (!isAxiosError(error)) return { 'error.message': error.message };
  const { message, code, status, response } = error as any;
  return {
    'error.message': message,
    'error.code': code,
    'error.status': status,
    'error.response': Boolean(response),
    ...(response && {
      'error.response.status': response.status,
      'error.statusText': response.statusText,
      'error.headers': plain(response.headers),
      'error.data': await read(response.data),
    }),
  };
}

function plain(headers: object): Parts {
  return Object.fromEntries(Object.entries({ ...headers }).filter(([name]) => !meaningless.test(name)));
}

/** Reads the body of an answer, and says what it is. */
async function read(data: any): Promise<unknown> {
  if (Buffer.isBuffer(data)) return `a buffer of ${data.toString('hex')}`;
  if (data instanceof Blob) return `a blob of ${await data.text()}`;
  if (typeof data?.pipe !== 'function') return data;
  const chunks: Buffer[] = [];
  for await (const chunk of data) chunks.push(Buffer.from(chunk));
  return `a stream of ${Buffer.concat(chunks)}`;
}

/** A part in which the outcomes differ. */
interface Diff {
  part: string;
  official: unknown;
  here: unknown;
}

function compareParts(a: Parts, b: Parts): Diff[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const diffs = [...names].map((part) => ({ part, official: a[part], here: b[part] }));
  return diffs.filter(({ official, here }) => !isDeepStrictEqual(official, here));
}

function compare(a: Outcome, b: Outcome): Diff[] {
  // Where one sends more, the rest has nothing to be compared with, and the number says so.
  const both = Math.min(a.requests.length, b.requests.length);
  return [
    ...compareParts({ requests: a.requests.length }, { requests: b.requests.length }),
    ...a.requests.slice(0, both).flatMap((request, index) => compareParts(request, b.requests[index]!)),
    ...(a.kind === b.kind ? compareParts(a.parts, b.parts) : [{ part: 'outcome', official: a.parts, here: b.parts }]),
  ];
}

let equal = 0;
let listed = 0;
let unexpected = 0;
const shown: Record<string, number> = {};
const cases = [...written, ...generated(Number(options.seed), Number(options.count))].filter(({ name }) =>
  name.includes(options.only)
);

for (const each of cases) {
  const there = await run(official, each);
  const here = await run(ours, each);
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { part, official: a, here: b } of compare(there, here)) {
    const id = Object.keys(differences).find((name) => differences[name]!.everywhere?.(part, a, b)) ??
      [...(each.differs ?? []), ...(each.may ?? [])].find((name) => differences[name]!.parts?.test(part));
    if (id) seen.add(id);
    else problems.push(`${part}: ${show(a)} there, ${show(b)} here`);
  }
  for (const id of each.differs ?? []) if (!seen.has(id)) problems.push(`does not show the difference "${id}"`);
  const { message } = (here.error ?? {}) as Error;
  if (
    each.refused &&
    !(here.error instanceof TypeError && !here.requests.length && each.refused.some((name) => message.includes(name)))
  ) {
    problems.push(`should have been refused, for ${each.refused.join(' or ')}: ${message ?? 'it was not'}`);
  }
  if (isAxiosError(here.error) && !isNangoError(here.error)) problems.push('the error is no NangoError');
  if (/api-key/.test(JSON.stringify(here.error) ?? '')) problems.push('the error holds the key');
  for (const id of seen) shown[id] = (shown[id] ?? 0) + 1;
  if (problems.length) {
    unexpected++;
    console.log(`FAIL ${each.name}\n${problems.map((text) => `     ${text}`).join('\n')}`);
  } else if (seen.size) listed++;
  else equal++;
}
server.closeAllConnections();
server.close();

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 300);
}

// A difference that no call shows should not be on the list.
const gone = options.only ? [] : Object.keys(differences).filter((id) => !differences[id]!.unseen && !shown[id]);
for (const id of gone) console.log(`FAIL no call shows the difference "${id}"`);

/** Axios is there for this check only, so what names its types cannot stand in a file that is always compiled. */
const axiosUsage = `
import type { AxiosResponse } from 'axios';
export const answer = (): Promise<AxiosResponse<number>> => nango.get<number>({ endpoint: '/e' });
export const set = async (): Promise<AxiosResponse<MetadataChangeResponse>> => nango.setMetadata('github', 'c-1', {});
export const gone = (): Promise<AxiosResponse<void>> => nango.deleteConnection('github', 'c-1');
`;

/** Compiles code that was written for the official client, with the official client or with this one in its place. */
async function compiles(name: string, from: string, to: string): Promise<boolean> {
  // The folder is one that nothing else looks into, and that finds the packages.
  const folder = join(root, 'scripts/checks/compat/node_modules/.usage');
  await mkdir(folder, { recursive: true });
  const source = await readFile(join(root, 'scripts/checks/compat/usage.ts'), 'utf8');
  const file = join(folder, `${name}.ts`);
  await writeFile(file, source.replaceAll(`'${from}'`, `'${to}'`) + axiosUsage);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const flags = '--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node';
  const paths = ['--typeRoots', join(root, 'node_modules/@types'), '--allowImportingTsExtensions', file];
  try {
    execFileSync(process.execPath, [tsc, ...flags.split(' '), ...paths], { encoding: 'utf8', cwd: root });
    return true;
  } catch (error) {
    console.log(
      `FAIL code for the official client does not compile with ${to}\n${(error as { stdout: string }).stdout}`,
    );
    return false;
  }
}

const own = '../../../lib/compat/mod.ts';
const others: boolean[] = [];
if (!options.only) {
  others.push(await compiles('official', own, '@nangohq/node'));
  others.push(await compiles('compat', own, '../../../../../lib/compat/mod.ts'));
  others.push(await checkList());
}

/** Compares the list in lib/compat/README.md with the one of this check, or writes it. */
async function checkList(): Promise<boolean> {
  const page = await readFile(join(root, 'lib/compat/README.md'), 'utf8');
  const place = /(?<=<!-- differences -->\n)[^]*(?=<!-- \/differences -->)/;
  const wanted = `\n${table()}\n\n`;
  if (options.write) {
    await writeFile(
      join(root, 'lib/compat/README.md'),
      page.replace(place, () => wanted),
    );
  } else if (place.exec(page)?.[0] !== wanted) {
    console.log('FAIL lib/compat/README.md does not have the list: --write puts it there');
  } else return true;
  return options.write && place.test(page);
}

for (const [id, count] of Object.entries(shown).sort(([, a], [, b]) => b - a)) console.log(`${count}`.padStart(5), id);
console.log(`${cases.length} calls: ${equal} equal, ${listed} with listed differences, ${unexpected} unexpected`);
const failed = unexpected + gone.length + others.filter((ok) => !ok).length;
console.log(`${equal + listed + others.filter(Boolean).length} passed, ${failed} failed`);
if (failed || !equal) process.exitCode = 1;
