// Which operation a request is for. Paths match as the server's framework matches them: in any case, with or without a
// slash at the end, segment by segment, each decoded once.

import { type Answer, type Bytes, refuseIssues } from './answer.ts';
import type { AuthKind, Identity } from './auth.ts';
import type { QueryValue } from './query.ts';
import type { ConnectSession, StoredEnvironment, StoredKey } from '../state/store.ts';
import { object, type Read, type Schema, validate } from './schema.ts';
import type { World } from '../state/context.ts';

/** A request that has been let in. */
export interface Call {
  /** What every operation can reach. */
  readonly world: World;
  /** The method. */
  readonly method: string;
  /** The path as it was sent. */
  readonly path: string;
  /** The query string as it was sent, without its question mark. */
  readonly search: string;
  /** The headers. */
  readonly headers: Headers;
  /** The segments of the path that the route names. */
  readonly params: Record<string, string>;
  /** The query. */
  readonly query: Record<string, QueryValue>;
  /** The JSON body, or `undefined` where none was sent. */
  readonly body: unknown;
  /** The bytes of the body, or `undefined` where none was sent. */
  readonly bytes: Bytes | undefined;
  /** The environment of whoever asks. */
  readonly environment: StoredEnvironment;
  /** The API key, unless a session asks. */
  readonly key: StoredKey | undefined;
  /** The connect session, where one asks. */
  readonly session: ConnectSession | undefined;
}

/** An operation of the API. */
export interface Route {
  /** The name of the operation. */
  readonly operation: string;
  /** The method, or `*` for any. */
  readonly method: string;
  /** The path, with `:name` for a segment and `*` at the end for all the rest. */
  readonly path: string;
  /** What it accepts as proof of identity. */
  readonly auth: AuthKind;
  /** One of these scopes is needed. */
  readonly scopes: readonly string[];
  /** Finds out who asks where it is not the Authorization header that says so. */
  authenticate?(world: World, query: Record<string, QueryValue>): Identity;
  /** True where bodies of any content type are taken. */
  readonly anyContentType?: boolean;
  /** Answers a call that has been let in. Refuses by throwing. */
  handle(call: Call): Answer | Promise<Answer>;
}

/** Reads the query of a call, or refuses. */
export function readQuery<T>(call: Call, schema: Schema<T>): T {
  return readPart('invalid_query_params', call.query, schema);
}

/** Reads the path of a call, or refuses. */
export function readParams<T>(call: Call, schema: Schema<T>): T {
  return readPart('invalid_uri_params', call.params, schema);
}

/** Reads the body of a call, or refuses. */
export function readBody<T>(call: Call, schema: Schema<T>): T {
  return readPart('invalid_body', call.body, schema);
}

/** Reads some headers of a call, by their names in lower case, or refuses. */
export function readHeaders<S extends Record<string, Schema<unknown>>>(
  call: Call,
  shape: S,
): { [K in keyof S]: Read<S[K]> } {
  const given = Object.keys(shape).flatMap((name) => {
    const value = call.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return readPart('invalid_headers', Object.fromEntries(given), object(shape));
}

function readPart<T>(code: string, part: unknown, schema: Schema<T>): T {
  const { value, issues } = validate(schema, part);
  if (issues.length > 0) throw refuseIssues(code, issues);
  return value;
}

/** Thrown for a path with a malformed escape. */
export class MalformedPath extends Error {}

/** Finds the route of a request and the segments that it names. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  const wanted = method === 'HEAD' ? ['HEAD', 'GET'] : [method];
  for (const route of routes) {
    if (route.method !== '*' && !wanted.includes(route.method)) continue;
    const params = matchPath(route.path, path);
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/').slice(1);
  const given = path.split('/').slice(1);
  const open = expected.at(-1) === '*';
  if (open) expected.pop();
  else if (given.length > 1 && given.at(-1) === '') given.pop();
  if (open ? given.length < expected.length : given.length !== expected.length) return undefined;
  const named: [string, string][] = [];
  for (const [index, segment] of expected.entries()) {
    const text = given[index] ?? '';
    if (segment.startsWith(':')) {
      if (text === '') return undefined;
      named.push([segment.slice(1), text]);
    } else if (segment.toLowerCase() !== text.toLowerCase()) {
      return undefined;
    }
  }
  const params: Record<string, string> = {};
  for (const [name, text] of named) {
    try {
      params[name] = decodeURIComponent(text);
    } catch {
      throw new MalformedPath(path);
    }
  }
  return params;
}
