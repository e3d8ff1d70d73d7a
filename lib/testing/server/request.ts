// Requests as they stand on the wire, what is noted of them, and reading their bodies as strictly as the server does.

import { type Bytes, refuse } from './answer.ts';

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

/** A request on its way through the emulator. */
export interface Incoming {
  /** The request. */
  readonly request: WireRequest;
  /** The path as it was sent. */
  readonly path: string;
  /** The query string as it was sent, without its question mark. */
  readonly search: string;
  /** The headers of the answer so far: each step of the server adds its own. */
  readonly headers: Record<string, string>;
  /** What is noted of it. */
  readonly log: LoggedRequest;
}

/** Takes a request up. */
export function takeUp(request: WireRequest): Incoming {
  const mark = request.target.indexOf('?');
  const path = mark < 0 ? request.target : request.target.slice(0, mark);
  const search = mark < 0 ? '' : request.target.slice(mark + 1);
  const log: LoggedRequest = {
    operation: undefined,
    method: request.method,
    path,
    search,
    headers: Object.fromEntries(request.headers),
    body: undefined,
    status: undefined,
    error: undefined,
  };
  return { request, path, search, headers: {}, log };
}

/** Reads the bytes of a body. Throws for more than the limit, and for an encoding that cannot be undone. */
export async function readBytes(request: WireRequest, limit: number): Promise<Bytes | undefined> {
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
export function parseJson(bytes: Uint8Array): unknown {
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
