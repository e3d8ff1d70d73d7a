// Records as a stream of NDJSON, for piping through a server. Pages are not parsed: records are cut out of their bytes.

import type { Client } from '../client.ts';
import { decodePage, joinBytes, readPages } from './iterate-records.ts';
import type { IterateRecordsOptions, PageBody } from './iterate-records.ts';
import type { ListRecordsInput } from './records.ts';

/**
 * Streams the records of a model as NDJSON, oldest change first: one record a line, byte for byte as the server sent it.
 * Pages hold 1,000 records unless `limit` says otherwise. Any failure fails the stream; canceling it ends the request.
 *
 * `GET /records`
 *
 * @example
 * ```ts
 * import { createClient, streamRecords } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const input = { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' };
 * export default {
 *   fetch: () => new Response(streamRecords(client, input), { headers: { 'content-type': 'application/x-ndjson' } }),
 * };
 * ```
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export function streamRecords(
  client: Client,
  input: ListRecordsInput,
  options: IterateRecordsOptions = {},
): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  const pages = readPages(client, input, options, splitPage, stop);
  return new ReadableStream(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await pages.next();
          if (done) return controller.close();
          if (value.lines.length) return controller.enqueue(value.lines);
        }
      },
      cancel: (reason) => stop.abort(reason),
    },
    { highWaterMark: 0 },
  );
}

/** The records of a page, each with a newline behind it. */
interface PageLines {
  next_cursor: string | null;
  lines: Uint8Array;
}

/** Gives the lines of a page: cut out of its bytes where it is laid out as the server does, else parsed and written anew. */
async function splitPage(body: PageBody): Promise<PageLines> {
  const lines = cutLines(joinBytes(body));
  if (lines) return lines;
  const { next_cursor, records } = await decodePage(body);
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  return { next_cursor, lines: new TextEncoder().encode(text) };
}

/** Turns the bytes of a page into lines, in place. Gives undefined unless the page is a cursor and then an array of objects. */
function cutLines(bytes: Uint8Array): PageLines | undefined {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const head = layout.exec(decoder.decode(bytes.subarray(0, 4096)));
  const start = head?.[0].length ?? 0;
  // Characters count as bytes only where all are ASCII.
  if (!head || bytes[start - 1] !== BRACKET) return undefined;
  let end = start;
  for (let at = start, depth = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === BRACE || (byte === BRACKET && depth)) depth++;
    else if (byte === BRACKET_END && !depth) {
      // The end of the records, and of the page.
      if (!/^\]\s*}\s*$/.test(decoder.decode(bytes.subarray(at)))) return undefined;
      bytes[end] = NEWLINE;
      return { next_cursor: head[1] ?? null, lines: bytes.subarray(start, end > start ? end + 1 : end) };
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      if (!--depth) end = at + 1;
    } else if (!depth) {
      if (byte === COMMA) bytes[at] = NEWLINE;
      else if (byte > SPACE) return undefined;
    } else if (byte === QUOTE) at = endOfString(bytes, at);
    // White space between tokens may hold newlines, and a line must not.
    if (byte < SPACE) bytes[at] = SPACE;
  }
  return undefined;
}

/** How the server lays out a page. */
const layout = /^\s*{\s*"next_cursor"\s*:\s*(?:null|"([ !#-[\]-~]+)")\s*,\s*"records"\s*:\s*\[/;

/** Gives where the string ends that begins at a quote: at the next quote that has an even number of backslashes before it. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at > 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return bytes.length;
}

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const BRACE = 123;
const BRACE_END = 125;
