// Routes: how an operation says what it is, what it reads of a request, and which request is for it. Paths match as the
// server's framework matches them: in any case, with or without a trailing slash, each segment decoded once.

import type { Context } from '../state/context.ts';
import type { StoredConnectSession, StoredEnvironment, StoredKey } from '../state/store.ts';
import { validationError } from './answer.ts';
import type { Answer, Bytes } from './answer.ts';
import type { AuthKind, Identity } from './auth.ts';
import type { QueryValue } from './query.ts';
import { anything, object, validate } from './schema.ts';
import type { Schema } from './schema.ts';

/** A request whose body has been read, before any of it is validated. */
export interface RawRequest {
  /** The method. */
  readonly method: string;
  /** The path as it was sent. */
  readonly path: string;
  /** The query string as it was sent, without its question mark. */
  readonly search: string;
  /** The headers. */
  readonly headers: Headers;
  /** The segments of the path that the route names, decoded. */
  readonly params: Record<string, string>;
  /** The query. */
  readonly query: Record<string, QueryValue>;
  /** The JSON body, or `undefined` where none was sent. */
  readonly body: unknown;
  /** The bytes of the body, or `undefined` where none was sent. */
  readonly bytes: Bytes | undefined;
}

/** An authenticated request, as an operation without schemas sees it. */
export interface Call {
  /** What every operation can reach. */
  readonly context: Context;
  /** The request as it was sent. */
  readonly request: RawRequest;
  /** The environment of the caller. */
  readonly environment: StoredEnvironment;
  /** The API key, unless a connect session calls. */
  readonly key: StoredKey | undefined;
  /** The connect session, if one calls. */
  readonly session: StoredConnectSession | undefined;
}

/** The validated parts of a request. */
export interface Parts<Query, Params, Headers, Body> {
  /** The query. */
  readonly query: Query;
  /** The parameters of the path. */
  readonly params: Params;
  /** The headers, by their names in lower case. */
  readonly headers: Headers;
  /** The body. */
  readonly body: Body;
}

/** What a route says of itself. The schemas are read in the order in which they are written. */
export interface RouteOptions<Query, Params, Headers, Body> {
  /** The credentials it accepts. Defaults to an environment key. */
  auth?: AuthKind;
  /** Authenticates the caller where it is not the Authorization header that does. */
  authenticate?: (context: Context, query: Record<string, QueryValue>) => Identity;
  /** The caller needs one of these scopes. Defaults to none. */
  scopes?: readonly string[];
  /** Whether bodies of any content type are accepted. Defaults to false. */
  anyContentType?: boolean;
  /** Reads the query. Defaults to refusing any, after everything else has been read. */
  query?: Schema<Query>;
  /** Reads the parameters of the path. */
  params?: Schema<Params>;
  /** Reads the headers. */
  headers?: Schema<Headers>;
  /** Reads the body. */
  body?: Schema<Body>;
  /** Answers a call. Throws an `ApiError` to refuse. */
  handle(call: Call & Parts<Query, Params, Headers, Body>): Answer | Promise<Answer>;
}

/** An operation of the API. */
export interface Route {
  /** The name of the operation. */
  readonly operation: string;
  /** The method, or `*` for any. */
  readonly method: string;
  /** The segments of the path, the last one `*` if any may follow. */
  readonly segments: readonly string[];
  /** The credentials it accepts. */
  readonly auth: AuthKind;
  /** Authenticates the caller where it is not the Authorization header that does. */
  readonly authenticate: ((context: Context, query: Record<string, QueryValue>) => Identity) | undefined;
  /** The caller needs one of these scopes. */
  readonly scopes: readonly string[];
  /** Whether bodies of any content type are accepted. */
  readonly anyContentType: boolean;
  /** Reads the parts of a request, then answers it. */
  handle(call: Call): Answer | Promise<Answer>;
}

/** A query of which nothing is read and nothing is refused. */
export const anyQuery = (): Schema<unknown> => anything();

const errorCodes = {
  query: 'invalid_query_params',
  params: 'invalid_uri_params',
  headers: 'invalid_headers',
  body: 'invalid_body',
} as const;

type Part = keyof typeof errorCodes;

/** Declares an operation: its name, its method and path (`:name` for a parameter), what it reads and what it does. */
export function route<
  Query = Record<string, never>,
  Params = Record<string, string>,
  Headers = undefined,
  Body = undefined,
>(operation: string, line: string, options: RouteOptions<Query, Params, Headers, Body>): Route {
  const [method = '', path = ''] = line.split(' ');
  const named = Object.keys(options).filter((name): name is Part => name in errorCodes);
  const parts = named.includes('query') ? named : [...named, 'query' as const];
  const schemas: { [P in Part]?: Schema<unknown> } = { query: object({}), ...options };
  return {
    operation,
    method,
    segments: path.split('/').slice(1),
    auth: options.auth ?? 'environmentKey',
    authenticate: options.authenticate,
    scopes: options.scopes ?? [],
    anyContentType: options.anyContentType ?? false,
    handle(call) {
      const read: Record<string, unknown> = { params: call.request.params };
      for (const part of parts) {
        const sent = part === 'headers' ? Object.fromEntries(call.request.headers) : call.request[part];
        read[part] = readPart(errorCodes[part], sent, schemas[part] ?? anything());
      }
      return options.handle({ ...call, ...(read as Parts<Query, Params, Headers, Body> & object) });
    },
  };
}

/** The same operation under another method and path. */
export function alias(route: Route, line: string): Route {
  const [method = '', path = ''] = line.split(' ');
  return { ...route, method, segments: path.split('/').slice(1) };
}

/** Reads a part of a request, or throws the error that lists what is wrong with it. */
export function readPart<T>(code: string, sent: unknown, schema: Schema<T>): T {
  const { value, issues } = validate(schema, sent);
  if (issues.length > 0) throw validationError(code, issues);
  return value;
}

/** Thrown for a path with a malformed escape. */
export class MalformedPath extends Error {}

/** Finds the route of a request, and the parameters of its path. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  const segments = path.split('/').slice(1);
  for (const route of routes) {
    const accepted = route.method === '*' || route.method === method || (method === 'HEAD' && route.method === 'GET');
    const params = accepted ? matchPath(route.segments, segments) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(expected: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const open = expected.at(-1) === '*';
  const fixed = open ? expected.slice(0, -1) : expected;
  const slash = !open && segments.length === fixed.length + 1 && segments.at(-1) === '';
  if (open ? segments.length < fixed.length : segments.length !== fixed.length + (slash ? 1 : 0)) return undefined;
  const encoded: [string, string][] = [];
  for (const [index, name] of fixed.entries()) {
    const segment = segments[index] ?? '';
    if (!name.startsWith(':')) {
      if (name.toLowerCase() !== segment.toLowerCase()) return undefined;
    } else if (segment === '') {
      return undefined;
    } else {
      encoded.push([name.slice(1), segment]);
    }
  }
  return Object.fromEntries(encoded.map(([name, segment]) => [name, decodeSegment(segment)]));
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new MalformedPath(segment);
  }
}
