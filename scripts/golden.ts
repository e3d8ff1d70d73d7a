// Holds the operations against a real server: every recorded answer is given to the operation that it belongs to.
//
//   npx tsx scripts/golden.ts <folder of transcripts> [--verbose]
//
// A transcript is a JSON array of { name, request, response }. The result type of the operation has to accept the body
// of a success, and the operation has to give it unchanged; the error of a failure has to carry what the answer says.
// Which operation an answer belongs to follows from the method and the path. How each one is called is taken from the
// rows of the specs, so whoever adds an operation with its row has it checked here.

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { createClient, createSessionClient, NangoApiError, NangoParseError, proxy } from '../lib/mod.ts';
import type { Client, SessionClient } from '../lib/mod.ts';
import { send } from '../lib/core/send.ts';
import type { Row } from '../spec/support/row.ts';

interface Exchange {
  name: string;
  request: { method: string; path: string; headers: Record<string, string> };
  response: {
    status: number;
    headers: Record<string, string>;
    body?: unknown;
    /** What is not JSON. */
    bodyText?: string;
    /** The beginning of a body that was too large to be kept. */
    bodyHead?: string;
  };
}

/** An operation, with the rows that call it: `triggerAction` and `triggerActionAsync` share one. */
interface Operation {
  /** The method and path template, as errors tell it. */
  name: string;
  matches: RegExp;
  rows: Row[];
}

type AnyClient = Client & SessionClient;

const root = resolve(import.meta.dirname, '..');
const apiKey = '3f2b8c14-7d56-4e0a-9b1f-6c8a2d4e5f70';
const token = `nango_connect_session_${'0a'.repeat(32)}`;
// Every canned answer is there at once, so what takes this long waits for something that never comes.
const patience = 5000;

/** Creates a client whose every request gets one answer. */
function canned(response: () => Response, session = false): AnyClient {
  const fetch = async (): Promise<Response> => response();
  return (session ? createSessionClient({ token, fetch }) : createClient({ apiKey, fetch })) as AnyClient;
}

/** Makes the answer that was recorded. */
function recorded({ response: { status, headers, body, bodyText = '' } }: Exchange): Response {
  const text = body === undefined ? bodyText : JSON.stringify(body);
  return new Response([204, 205, 304].includes(status) ? null : text, { status, headers });
}

/** What a call came to. */
type Outcome = { result: unknown } | { error: unknown };

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it in ${patience} ms`)), patience);
  });
  try {
    return { result: await Promise.race([call, late]) };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** Reads the rows of the specs, and asks each operation for its name: its errors tell. */
async function loadOperations(): Promise<Operation[]> {
  const folder = join(root, 'spec/api');
  const operations = new Map<string, Operation>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.rows.ts')).sort()) {
    const { rows } = (await import(pathToFileURL(join(folder, file)).href)) as { rows: Row[] };
    for (const row of rows) {
      const client = canned(() => Response.json({ error: { code: 'unknown_account' } }, { status: 401 }), row.session);
      const outcome = await outcomeOf(row.call(client));
      const error = 'error' in outcome ? outcome.error : undefined;
      if (!(error instanceof NangoApiError)) throw new Error(`${row.name} does not fail as the server does: ${error}`);
      const name = error.operation;
      const operation = operations.get(name) ?? { name, matches: matcher(name), rows: [] };
      operation.rows.push(row);
      operations.set(name, operation);
    }
  }
  // What has fewer members is meant where two match: PATCH /connections/metadata is no connection.
  const members = ({ name }: Operation): number => name.split('{').length;
  return [...operations.values()].sort((a, b) => members(a) - members(b));
}

/** Matches the method and the path of an operation. The proxy takes any of both. */
function matcher(operation: string): RegExp {
  if (operation.includes(' /proxy/')) return /^[A-Z]+ \/proxy(\/|$)/;
  const pattern = operation.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')).join('[^/]+');
  return new RegExp(`^${pattern}$`);
}

/** Picks the rows whose functions an exchange is about. */
function rowsFor({ request, response }: Exchange, { rows }: Operation): Row[] {
  // Others give a part of the answer, or ask until it is there: getMetadata is a getConnection.
  const gives = (row: Row): boolean => !('result' in row) || row.answer.status === 204;
  const whole = rows.filter((row) => gives(row) && !row.name.startsWith('waitFor'));
  // Two functions of one route are told apart by what the server answers, and by the headers that they send.
  const best = (candidates: Row[], score: (row: Row) => number): Row[] => {
    const highest = Math.max(...candidates.map(score));
    return candidates.filter((row) => score(row) === highest);
  };
  const sent = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
  const alike = best(whole.length > 0 ? whole : rows, (row) => +(row.answer.status === response.status));
  return best(alike, (row) => Object.keys(row.request.headers ?? {}).filter((name) => sent.has(name)).length);
}

/** Tells what is wrong with the error of a failure, if anything is. */
function wrongError(outcome: Outcome, { response }: Exchange, operation: string): string | undefined {
  if ('result' in outcome) return `it gave ${JSON.stringify(outcome.result)} instead of an error`;
  const { error } = outcome;
  if (!(error instanceof NangoApiError)) return `it threw ${error}`;
  const { status, headers } = response;
  const body = response.body ?? response.bodyText ?? '';
  const outer = isObject(body) ? body : {};
  const envelope = isObject(outer['error']) ? outer['error'] : outer;
  const retryAfter = headers['retry-after'];
  const expected = {
    operation,
    status,
    // JSON-RPC has numbers for codes, which are not the server's own.
    reason: typeof envelope['code'] === 'string' ? envelope['code'] : undefined,
    errors: envelope['errors'] ?? [],
    payload: envelope['payload'],
    retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
    body,
    origin: 'nango',
  };
  for (const [name, value] of Object.entries(expected)) {
    const given = error[name as keyof typeof expected];
    if (!isDeepStrictEqual(given, value)) return `${name} is ${JSON.stringify(given)}, not ${JSON.stringify(value)}`;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (error.headers.get(name) !== value) return `the header ${name} is ${error.headers.get(name)}, not ${value}`;
  }
  const shown = `${error.stack} ${JSON.stringify(error)}`;
  if (shown.includes(apiKey) || shown.includes(token)) return 'it tells the key';
  return undefined;
}

/** Tells what is wrong with the response of a proxied request, if anything is. */
async function wrongProxied(outcome: Outcome, exchange: Exchange, operation: string): Promise<string | undefined> {
  const { status, body, bodyText = '' } = exchange.response;
  // Nango's own refusals have an envelope with a code, or the code of a socket; the recorded provider's have neither.
  const refused = status >= 400 && isObject(body) &&
    typeof (isObject(body['error']) ? body['error'] : body)['code'] === 'string';
  if (refused) return wrongError(outcome, exchange, operation);
  if ('error' in outcome) return `it threw ${outcome.error} for an answer of the provider`;
  const response = outcome.result;
  if (!(response instanceof Response)) return 'it gave no response';
  if (response.status !== status) return `the status is ${response.status}, not ${status}`;
  const text = await response.text();
  const expected = body === undefined ? bodyText : JSON.stringify(body);
  return text === expected || (status === 204 && text === '') ? undefined : `the body is ${text.slice(0, 200)}`;
}

function isExchange(value: Partial<Exchange>): value is Exchange {
  return value.request?.path !== undefined && value.response !== undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A body that a result type has to accept. */
interface TypeCheck {
  title: string;
  function: string;
  json: string;
}

/** What the compiler says of a check. */
interface TypeReport {
  /** Why a body is not accepted, by the index of the check. */
  errors: Map<number, string>;
  /** Members that the server sends and the type does not have. */
  unlisted: Map<string, number>;
  /** Errors of the library itself, which make the rest worth little. */
  broken: string[];
}

/** Has the compiler check bodies: one line for each in two files, so that the line of an error tells the check. */
async function checkTypes(checks: TypeCheck[]): Promise<TypeReport> {
  const folder = await mkdtemp(join(tmpdir(), 'nango-golden-'));
  const source = JSON.stringify(join(root, 'lib/mod.ts'));
  const resultOf = (name: string): string => `Awaited<ReturnType<typeof api.${name}>>`;
  // A body is inferred as a type of its own, so members that the result type does not have are no error here. A result
  // type that is `any` would accept everything, and fails for want of an argument.
  const accepting = [
    `import type * as api from ${source};`,
    'type RefuseAny<Result> = 0 extends 1 & Result ? [never] : [];',
    'declare function accepts<Result>(...any: RefuseAny<Result>): <Body extends Result>(body: Body) => void;',
    ...checks.map((check) => `accepts<${resultOf(check.function)}>()(${check.json});`),
  ];
  const exact = [
    `import type * as api from ${source};`,
    'export {};',
    '',
    ...checks.map((check) => `(${check.json}) satisfies ${resultOf(check.function)};`),
  ];
  const offset = 4;
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { types: [], noEmit: true, declaration: false, isolatedDeclarations: false },
    include: [],
    files: ['accepting.ts', 'exact.ts'],
  };
  try {
    await writeFile(join(folder, 'accepting.ts'), `${accepting.join('\n')}\n`);
    await writeFile(join(folder, 'exact.ts'), `${exact.join('\n')}\n`);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const output = await compile(folder);
    const report: TypeReport = { errors: new Map(), unlisted: new Map(), broken: [] };
    for (const message of output.split(/\n(?=\S)/)) {
      const [, file = '', line, text = ''] = /^(.*?)\((\d+),\d+\): error (.*)/s.exec(message) ?? [];
      if (file === '') {
        if (/error/.test(message)) report.broken.push(message);
        continue;
      }
      const index = Number(line) - offset;
      if (file.endsWith('accepting.ts') && index >= 0) {
        report.errors.set(index, report.errors.get(index) ?? text);
      } else if (file.endsWith('exact.ts') && index >= 0) {
        const member = /'([^']*)' does not exist in type '([^']*)'/.exec(text);
        const key = `${checks[index]?.function}: ${member ? `${member[1]} in ${member[2]}` : text}`;
        report.unlisted.set(key, (report.unlisted.get(key) ?? 0) + 1);
      } else {
        report.broken.push(message);
      }
    }
    return report;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs the compiler of this project, and gives what it says. */
function compile(folder: string): Promise<string> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise((done, fail) => {
    execFile(
      process.execPath,
      [compiler, '-p', folder, '--pretty', 'false'],
      { maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') fail(error);
        else done(stdout.trim() + stderr.trim());
      },
    );
  });
}

/** What an exchange shows: nothing, and why; whether something is wrong; or a body that is still to be compiled. */
type Verdict = { skipped: string } | { wrong: string | undefined } | { function: string; json: string };

/** Gives the answer of an exchange to the operation that it belongs to. */
async function judge(exchange: Exchange, operations: Operation[]): Promise<Verdict[]> {
  const { request, response } = exchange;
  const line = `${request.method} ${request.path.split('?')[0]}`;
  const operation = operations.find(({ matches }) => matches.test(line));
  const answer = (): Response => recorded(exchange);
  const rows = operation ? rowsFor(exchange, operation) : [];
  if (response.bodyHead !== undefined) return [{ skipped: 'a body that was too large to be kept' }];

  if (operation?.name.includes(' /proxy/')) {
    const { method } = request;
    const endpoint = request.path.slice('/proxy'.length);
    const input = { providerConfigKey: 'github', connectionId: 'c-1', method, endpoint };
    const outcome = await outcomeOf(proxy(canned(answer), input));
    return [{ wrong: await wrongProxied(outcome, exchange, `${method} /proxy/{endpoint}`) }];
  }
  if (response.status >= 300) {
    // Where no operation leads there, the core of all of them is asked.
    if (!operation) return [{ wrong: wrongError(await outcomeOf(send(canned(answer), line)), exchange, line) }];
    const outcomes = rows.map((row) => outcomeOf(row.call(canned(answer, row.session))));
    return (await Promise.all(outcomes)).map((outcome) => ({ wrong: wrongError(outcome, exchange, operation.name) }));
  }
  if (response.headers['content-type']?.startsWith('text/html')) {
    const outcome = await outcomeOf(send(canned(answer), line));
    const refused = 'error' in outcome && outcome.error instanceof NangoParseError;
    return [{ wrong: refused ? undefined : 'a page instead of JSON has to be a NangoParseError' }];
  }
  if (!operation) return [{ skipped: 'no operation sends this' }];
  const verdicts = rows.map(async (row): Promise<Verdict> => {
    const outcome = await outcomeOf(row.call(canned(answer, row.session)));
    if ('error' in outcome) return { wrong: `${row.name} threw ${outcome.error}` };
    if (!isDeepStrictEqual(outcome.result, response.body)) return { wrong: `${row.name} changes the answer` };
    if (response.status === 204) return { wrong: undefined };
    return { function: row.name, json: JSON.stringify(response.body) };
  });
  return Promise.all(verdicts);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { verbose: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('Usage: npx tsx scripts/golden.ts <folder of transcripts> [--verbose]');

  const operations = await loadOperations();
  const failures: string[] = [];
  const skipped = new Map<string, string[]>();
  const checks: TypeCheck[] = [];
  let passed = 0;
  const note = (title: string, wrong: string | undefined): void => {
    if (wrong === undefined) passed++;
    else failures.push(`${title}\n    ${wrong}`);
  };
  const skip = (reason: string, title: string): void => {
    skipped.set(reason, [...(skipped.get(reason) ?? []), title]);
  };

  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()) {
    for (const exchange of JSON.parse(await readFile(join(folder, file), 'utf8')) as Partial<Exchange>[]) {
      if (!isExchange(exchange)) {
        skip('nothing that an operation sends: a webhook', `${file}: ${exchange.name}`);
        continue;
      }
      const { name, request, response } = exchange;
      const title = `${file}: ${name} (${request.method} ${request.path.slice(0, 100)}, ${response.status})`;
      for (const verdict of await judge(exchange, operations)) {
        if ('skipped' in verdict) skip(verdict.skipped, title);
        else if ('wrong' in verdict) note(title, verdict.wrong);
        else checks.push({ title, ...verdict });
      }
    }
  }

  const { errors, unlisted, broken } = await checkTypes(checks);
  checks.forEach((check, index) => {
    const error = errors.get(index);
    note(check.title, error && `the result of ${check.function} does not accept it: ${error}`);
  });
  for (const message of broken) failures.push(`the library does not compile\n    ${message}`);

  console.log(`${operations.length} operations, ${checks.length} bodies checked against result types`);
  for (const [reason, titles] of skipped) {
    console.log(`left out ${titles.length}: ${reason}`);
    if (values.verbose) { for (const title of titles) console.log(`    ${title}`); }
  }
  if (unlisted.size > 0) {
    console.log('sent by the server and not in the types (for information):');
    for (const [member, count] of [...unlisted].sort()) console.log(`    ${member} (${count})`);
  }
  for (const failure of failures) console.log(`FAILED ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  if (failures.length > 0 || passed === 0) process.exitCode = 1;
}

await main();
