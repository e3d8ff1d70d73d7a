// Requests as they arrive: their raw form, their log entry, and reading their bodies as strictly as the server does.

import { apiError } from './answer.ts';
import type { Bytes } from './answer.ts';

/** A request as it is on the wire. */
export interface WireRequest {
  /** The method. */
  method: string;
  /** The path and the query as they were sent, not normalized. */
  target: string;
  /** The headers. */
  headers: Headers;
  /** The body, or `undefined` for none. */
  body?: Bytes | undefined;
  /** Fires when the caller gives up. */
  signal?: AbortSignal | undefined;
}

/** A request that the emulator received. */
export interface LoggedRequest {
  /** The operation, or `undefined` if the path belongs to none. */
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
  /** The status of the answer; `undefined` until it is sent, and if a fault broke the connection. */
  status: number | undefined;
  /** What was thrown in the emulator or in a function of the test, behind a 500 that does not say. */
  error: unknown;
}

/** A request and what becomes of it. */
export interface Exchange {
  /** The request. */
  readonly request: WireRequest;
  /** The path as it was sent. */
  readonly path: string;
  /** The query string as it was sent, without its question mark. */
  readonly search: string;
  /** The headers of the answer so far; each step of the server adds its own. */
  readonly headers: Record<string, string>;
  /** The log entry. */
  readonly log: LoggedRequest;
}

/** Splits the target of a request and opens its log entry. */
export function openExchange(request: WireRequest): Exchange {
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

/** Reads the bytes of a body. Throws if it exceeds the limit or has an unsupported content encoding. */
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
export function parseJson(bytes: Uint8Array, contentType: string): unknown {
  const text = decode(bytes, contentType);
  const first = /^[\s]*(.)/su.exec(text)?.[1] ?? '';
  if (first !== '' && first !== '{' && first !== '[') {
    throw apiError(400, 'invalid_json', `Unexpected token '${first}', "${text}" is not valid JSON`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw apiError(400, 'invalid_json', error instanceof Error ? error.message : String(error));
  }
}

/** Decodes a body in UTF-8 or UTF-16. The server crashes on other character sets. */
function decode(bytes: Uint8Array, contentType: string): string {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s;"]+)/i.exec(contentType) ?? [];
  const name = charset.toLowerCase();
  if (name === 'utf-8') return new TextDecoder().decode(bytes);
  if (!/^utf-16(le|be)?$/.test(name)) throw new Error(`unsupported charset ${charset}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bigEndian = name === 'utf-16be' || (name === 'utf-16' && bytes.length > 1 && view.getUint16(0) === 0xfeff);
  let text = '';
  for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(view.getUint16(at, !bigEndian));
  return text.replace(/^\ufeff/, '');
}
