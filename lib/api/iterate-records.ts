// Reading all records of a model, page by page or one by one. The next page is requested as soon as its cursor is known,
// and stays bytes until its turn.

import type { Client } from '../client.ts';
import type { IntegrationName, ModelName, RecordOf } from '../core/functions.ts';
import { NangoError } from '../errors.ts';
import { object } from '../core/guards.ts';
import { expect, networkError, readerOf, readJson, send } from '../core/send.ts';
import type { Call } from '../core/send.ts';
import type { FetchResponse, RequestOptions } from '../core/types.ts';
import { pageParts } from './records.ts';
import type { ListRecordsInput, ListRecordsResult, NangoRecord } from './records.ts';

const operation = 'GET /records';

/** What {@link iterateRecordPages} and {@link iterateRecords} take after their input. */
export interface IterateRecordsOptions extends RequestOptions {
  /** Requests the next page while this one is read and handled. Defaults to true. */
  prefetch?: boolean | undefined;
}

/**
 * Iterates over the pages of the records of a model, oldest change first, until there are no more. Pages hold 1,000
 * records unless `limit` says otherwise. One page at most is requested ahead, and leaving the loop ends that request.
 *
 * `GET /records`
 *
 * @throws NangoError with the code `repeated_cursor` where the server sends a cursor again, which would never end.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export function iterateRecordPages<
  T extends object = {},
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
  M extends ModelName<F, K> = ModelName<F, K>,
>(
  client: Client<F>,
  input: ListRecordsInput<K, M>,
  options?: IterateRecordsOptions,
): AsyncGenerator<ListRecordsResult<T & RecordOf<F, K, M>>, void, undefined> {
  return readPages(client, input, options, (body) => decodePage<T & RecordOf<F, K, M>>(body));
}

/**
 * Iterates over the records of a model, oldest change first, until there are no more.
 *
 * `GET /records`
 *
 * @throws NangoError with the code `repeated_cursor` where the server sends a cursor again, which would never end.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export async function* iterateRecords<
  T extends object = {},
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
  M extends ModelName<F, K> = ModelName<F, K>,
>(
  client: Client<F>,
  input: ListRecordsInput<K, M>,
  options?: IterateRecordsOptions,
): AsyncGenerator<NangoRecord<T & RecordOf<F, K, M>>, void, undefined> {
  for await (const { records } of iterateRecordPages<T, F, K, M>(client, input, options)) {
    for (const record of records) {
      yield record;
      if (options?.signal?.aborted) break;
    }
  }
}

/**
 * The body of a page, read but not decoded.
 *
 * @internal
 */
export interface PageBody {
  response: FetchResponse;
  call: Call;
  /** The pieces, as they came. */
  chunks: Uint8Array[];
}

/**
 * Follows the cursors of the pages, and gives each page as `decode` makes it of its body. `stop` ends it at any point.
 *
 * @internal
 */
export async function* readPages<P extends { next_cursor: string | null }>(
  client: Client<unknown>,
  input: ListRecordsInput,
  options: IterateRecordsOptions | undefined = {},
  decode: (body: PageBody) => P | Promise<P>,
  stop: AbortController = new AbortController(),
): AsyncGenerator<P, void, undefined> {
  const { signal, prefetch = true, ...others } = object(options, 'options');
  const wanted = { ...object(input, 'input'), limit: input.limit ?? 1000 };
  const abort = (): void => stop.abort(signal!.reason);

  const load = (cursor: string | undefined): LoadingPage => {
    let announce: (cursor: string) => void;
    const next = new Promise<string>((resolve) => (announce = resolve));
    const parts = pageParts({ ...wanted, cursor });
    const body = send(
      client,
      operation,
      parts,
      { ...others, signal: stop.signal },
      (response, call) => readBody(response, call, announce),
    );
    // A page that nobody waits for anymore fails silently; whoever waits for it gets the error.
    body.catch(() => {});
    return { body, next };
  };

  try {
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    const seen = new Set([wanted.cursor]);
    for (let current = load(wanted.cursor);;) {
      let ahead: LoadingPage | undefined;
      const follow = (cursor: string | null): void => {
        if (prefetch && cursor !== null && !seen.has(cursor)) ahead ??= load(cursor);
      };
      void current.next.then(follow);
      const page = await decode(await current.body);
      const cursor = page.next_cursor;
      follow(cursor);
      yield page;
      stop.signal.throwIfAborted();
      if (cursor === null) return;
      if (seen.has(cursor)) throw new NangoError('the server sent a cursor again', 'repeated_cursor', operation);
      seen.add(cursor);
      current = ahead ?? load(cursor);
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    stop.abort();
  }
}

/** A page on its way, and its cursor, which may be known before the page is. */
interface LoadingPage {
  body: Promise<PageBody>;
  next: Promise<string>;
}

/** Reads the body of a page as bytes, and announces the cursor of the next one if the first piece tells it. */
async function readBody(response: FetchResponse, call: Call, announce: (cursor: string) => void): Promise<PageBody> {
  if (!response.ok) return readJson(response, call);
  const chunks: Uint8Array[] = [];
  try {
    const reader = readerOf(response);
    if (!reader) chunks.push(new TextEncoder().encode(await response.text()));
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      // The server writes the cursor first, of at most 1,000 characters. Elsewhere, it is known once the page is decoded.
      const head = chunks.length ? '' : new TextDecoder().decode(value.subarray(0, 4096));
      const known = /^\s*{\s*"next_cursor"\s*:\s*"([^"\\]+)"/.exec(head);
      if (known) announce(known[1]!);
      chunks.push(value);
    }
  } catch (cause) {
    throw networkError(cause, operation);
  }
  return { response, call, chunks };
}

/**
 * Parses a page.
 *
 * @internal
 */
export async function decodePage<T extends object>(body: PageBody): Promise<ListRecordsResult<T>> {
  const page = await readJson<ListRecordsResult<T> | null>(
    body.response,
    body.call,
    new TextDecoder().decode(joinBytes(body)),
  );
  expect(Array.isArray(page?.records), operation, 'a page without records');
  // Without a cursor there is no telling whether more follows.
  expect(page.next_cursor === null || typeof page.next_cursor === 'string', operation, 'a page without next_cursor');
  return page;
}

/**
 * Copies the pieces of a body into one.
 *
 * @internal
 */
export function joinBytes({ chunks }: PageBody): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
