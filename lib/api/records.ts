// Records: what syncs have cached, read page by page, and pruned.

import { abortSignal, connectionHeaders, flag, id, integer, list, pick, refuse, text } from '../core/guards.ts';
import type { Client } from '../client.ts';
import { NangoError } from '../errors.ts';
import { json, readJson, send } from '../core/send.ts';
import type { RequestOptions } from '../core/send.ts';
import { search } from '../core/request.ts';
import type { SyncWebhook } from '../webhooks/events.ts';

/** What happened last to a record. */
export type RecordAction = 'ADDED' | 'UPDATED' | 'DELETED' | (string & {});

/** What Nango knows of a record. */
export interface RecordMetadata {
  /** When the record was first seen, an ISO date. */
  first_seen_at: string;
  /** When the record changed last, an ISO date. */
  last_modified_at: string;
  /** What happened last. */
  last_action: RecordAction;
  /** When the record was deleted, an ISO date, or null. A deleted record stays listed. */
  deleted_at: string | null;
  /** When the payload was emptied, an ISO date, or null. A pruned record has only `id` and this metadata left. */
  pruned_at: string | null;
  /** Where the record stands in the order of changes. Opaque. */
  cursor: string;
}

/** A record of a model, with what Nango knows of it. The members of `T` are gone once `pruned_at` is set. */
export type NangoRecord<T extends object = Record<string, unknown>> = T & {
  /** The id that the sync gave the record, always a string. */
  id: string;
  _nango_metadata: RecordMetadata;
};

/** Names the records of a model on a connection. */
export interface RecordsOfModel {
  /** The id of the integration. */
  providerConfigKey: string;
  /** The id of the connection. */
  connectionId: string;
  /** The model, for example `GithubIssue`. */
  model: string;
  /** The variant of the sync. Defaults to `base`. */
  variant?: string | undefined;
}

/** What {@link listRecords} takes. */
export interface ListRecordsInput extends RecordsOfModel {
  /** Gives only what comes after this cursor: a `next_cursor`, or the `_nango_metadata.cursor` of a record. */
  cursor?: string | undefined;
  /** Gives only what changed after this time, an ISO date in UTC at most 365 days back. */
  modifiedAfter?: string | undefined;
  /** How many records a page holds, from 1 to 10,000. The server's default is 100. */
  limit?: number | undefined;
  /** Gives only records whose last action is one of these. */
  filter?: RecordFilter | readonly RecordFilter[] | undefined;
  /** Gives only the records with these ids, 1 to 100 of them. */
  ids?: readonly string[] | undefined;
}

/** An action to filter records by. */
export type RecordFilter = 'added' | 'updated' | 'deleted';

/** A page of records. */
export interface ListRecordsResult<T extends object = Record<string, unknown>> {
  /** The records, oldest change first. */
  records: NangoRecord<T>[];
  /** The cursor of the next page; null on the last one. A short page is not the last one. */
  next_cursor: string | null;
}

/**
 * Lists one page of the records of a model, oldest change first.
 *
 * `GET /records`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export async function listRecords<T extends object = Record<string, unknown>>(
  client: Client,
  input: ListRecordsInput,
  options?: RequestOptions,
): Promise<ListRecordsResult<T>> {
  const { headers, query } = listParts(input);
  return send(client, listOperation, { headers, query: search(query) }, options);
}

const listOperation = 'GET /records';

function listParts(input: ListRecordsInput) {
  return {
    headers: connectionHeaders(input),
    query: pick(input, {
      model: id,
      'variant?': id,
      'cursor?': text,
      'modified_after?': text,
      'limit?': integer(10_000),
      // The server wants them joined.
      'filter?': (value, name) => list(text, 3)([value].flat(), name).join(),
      'ids?': list(text, 100),
    }),
  };
}

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
export async function* iterateRecordPages<T extends object = Record<string, unknown>>(
  client: Client,
  input: ListRecordsInput,
  options: IterateRecordsOptions = {},
): AsyncGenerator<ListRecordsResult<T>, void, undefined> {
  const { signal, prefetch = true } = pick(
    options,
    { 'signal?': abortSignal, 'prefetch?': flag },
    'options',
  ) as IterateRecordsOptions;
  const { headers, query } = listParts(input);
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal!.reason);

  const load = (cursor: string | undefined): Loading<T> => {
    let announce: (cursor: string) => void;
    const next = new Promise<string>((resolve) => (announce = resolve));
    const parts = { headers, query: search({ limit: 1000, ...query, cursor }) };
    const page = send(client, listOperation, parts, { ...options, signal: stop.signal }, (response, operation) => {
      let first = true;
      return readJson<ListRecordsResult<T>>(response, operation, (text) => {
        // The server writes the cursor first. Where it does not, it is known once all has been read.
        const known = first && /^\s*{\s*"next_cursor"\s*:\s*"([^"\\]+)"/.exec(text);
        if (known) announce(known[1]!);
        first = false;
      });
    });
    // A page that nobody waits for any more fails silently; whoever waits for it is told.
    page.catch(() => {});
    return { page, next };
  };

  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort);
    const start = query['cursor'] as string | undefined;
    const seen = new Set([start]);
    for (let current = load(start);;) {
      let ahead: Loading<T> | undefined;
      const follow = (cursor: string | null): void => {
        if (prefetch && cursor && !seen.has(cursor)) ahead ??= load(cursor);
      };
      void current.next.then(follow);
      const page = await current.page;
      const cursor = page?.next_cursor;
      // Without a cursor there is no telling whether more follows.
      if (cursor === undefined) throw new NangoError('the answer is no page', 'parse_error', listOperation);
      follow(cursor);
      yield page;
      if (cursor === null) return;
      if (seen.has(cursor)) throw new NangoError('the server sent a cursor again', 'repeated_cursor', listOperation);
      seen.add(cursor);
      current = ahead ?? load(cursor);
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    stop.abort();
  }
}

/** A page on its way, and its cursor, which may be known before the page is. */
interface Loading<T extends object> {
  page: Promise<ListRecordsResult<T>>;
  next: Promise<string>;
}

/**
 * Iterates over the records of a model, oldest change first, until there are no more.
 *
 * `GET /records`
 *
 * @throws NangoError with the code `repeated_cursor` where the server sends a cursor again, which would never end.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export async function* iterateRecords<T extends object = Record<string, unknown>>(
  client: Client,
  input: ListRecordsInput,
  options?: IterateRecordsOptions,
): AsyncGenerator<NangoRecord<T>, void, undefined> {
  for await (const { records } of iterateRecordPages<T>(client, input, options)) yield* records;
}

/** What {@link pruneRecords} and {@link pruneAllRecords} take. */
export interface PruneRecordsInput extends RecordsOfModel {
  /** The cursor of the last record to prune. */
  untilCursor: string;
  /** How many records one call prunes at most, from 1 to 10,000. The server's default is 1,000. */
  limit?: number | undefined;
}

/** What a call pruned. */
export interface PruneRecordsResult {
  /** How many records were pruned. */
  count: number;
  /** Whether there may be more to prune. */
  has_more: boolean;
}

/**
 * Empties the payload of the records of a model up to and including a cursor, `limit` at most. Their ids and metadata
 * stay.
 *
 * `PATCH /records/prune`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/prune-records
 */
export async function pruneRecords(
  client: Client,
  input: PruneRecordsInput,
  options?: RequestOptions,
): Promise<PruneRecordsResult> {
  const headers = connectionHeaders(input);
  const content = pick(input, {
    model: id,
    'variant?': id,
    until_cursor: text,
    'limit?': integer(10_000),
  });
  return send(client, 'PATCH /records/prune', json(content, headers), options);
}

/**
 * Empties the payload of all records of a model up to and including a cursor, in as many calls as it takes.
 *
 * `PATCH /records/prune`
 *
 * @returns How many records were pruned.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/prune-records
 */
export async function pruneAllRecords(
  client: Client,
  input: PruneRecordsInput,
  options?: RequestOptions,
): Promise<{ count: number }> {
  for (let total = 0;;) {
    const { count, has_more } = await pruneRecords(client, input, options);
    total += count;
    // The server says that there is more for as long as the record of the cursor has changed since, so none pruned ends
    // it too.
    if (!has_more || count === 0) return { count: total };
  }
}

/** Keeps cursors: a `Map`, a Deno or Workers KV, Redis, a table. Its methods may be asynchronous. */
export interface CursorStore {
  /** Gives what was set for a key; null or undefined where nothing was. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Keeps a cursor for a key, durably once it is settled. */
  set(key: string, cursor: string): unknown;
}

/** The changes of a page, each record once, as it is now. */
export interface RecordChanges<T extends object = Record<string, unknown>> {
  /** Records that were added. */
  added: NangoRecord<T>[];
  /** Records that were updated. */
  updated: NangoRecord<T>[];
  /** Records that were deleted. */
  deleted: NangoRecord<Partial<T>>[];
  /** Records whose payload was pruned before it could be read: only `id` and the metadata are left. */
  pruned: NangoRecord<Partial<T>>[];
}

/** What {@link consumeRecords} takes. */
export interface ConsumeRecordsInput<T extends object = Record<string, unknown>> extends RecordsOfModel {
  /** Keeps the cursor from run to run. One store serves any number of models and connections. */
  store: CursorStore;
  /**
   * Handles the changes of a page. The cursor moves on once this is settled, so a page may come again after a crash.
   */
  handle: (changes: RecordChanges<T>) => unknown;
  /** How many records a page holds, from 1 to 10,000. Defaults to 1,000. */
  limit?: number | undefined;
}

/**
 * Reads the records of a model that changed since the last run, and hands them over page by page: in order, each at
 * least once, none left out, also where a run ends at any point.
 *
 * `GET /records`
 *
 * @example
 * ```ts
 * import { consumeRecords, createClient } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * await consumeRecords<{ title: string }>(client, {
 *   providerConfigKey: 'github',
 *   connectionId: 'c-1',
 *   model: 'Issue',
 *   store: new Map(),
 *   handle: ({ added, updated, deleted }) => console.log(added.length, updated.length, deleted.length),
 * });
 * ```
 *
 * @returns How many records were handled.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export async function consumeRecords<T extends object = Record<string, unknown>>(
  client: Client,
  input: ConsumeRecordsInput<T>,
  options?: IterateRecordsOptions,
): Promise<{ count: number }> {
  const { store, handle, ...records } = input;
  if (typeof store?.get !== 'function' || typeof store.set !== 'function') {
    refuse('store', 'an object with get and set');
  }
  if (typeof handle !== 'function') refuse('handle', 'a function');
  listParts(records);
  const { connectionId, model, providerConfigKey, variant = 'base' } = records;
  const key = ['nango', providerConfigKey, connectionId, model, variant].map(encodeURIComponent).join('/');
  const cursor = (await store.get(key)) ?? undefined;
  let count = 0;
  for await (const page of iterateRecordPages<T>(client, { ...records, cursor }, options)) {
    const last = page.records.at(-1);
    if (!last) continue;
    const changes: RecordChanges<T> = { added: [], updated: [], deleted: [], pruned: [] };
    // A record that changes while the page is made is on it twice; the later one tells how it is now.
    for (const record of new Map(page.records.map((record) => [record.id, record])).values()) {
      changes[kindOf(record._nango_metadata)].push(record);
      count++;
    }
    await handle(changes);
    await store.set(key, page.next_cursor ?? last._nango_metadata.cursor);
  }
  return { count };
}

function kindOf({ last_action, pruned_at }: RecordMetadata): keyof RecordChanges {
  const action = last_action.toLowerCase();
  // That a record is gone is known without its payload.
  return action === 'deleted' ? action : pruned_at ? 'pruned' : action === 'added' ? action : 'updated';
}

/**
 * Gives what a sync webhook tells about: the input of {@link consumeRecords} and {@link listRecords} to read what
 * changed.
 *
 * @throws TypeError where the event is not that of a sync.
 */
export function recordsOf(event: SyncWebhook): Required<RecordsOfModel> {
  if (event?.type !== 'sync') refuse('event', 'the event of a sync');
  const { connectionId, model, providerConfigKey, syncVariant: variant } = event;
  return { providerConfigKey, connectionId, model, variant };
}

/**
 * Streams the records of a model as NDJSON, oldest change first, as fast as they are read. Pages hold 1,000 records
 * unless `limit` says otherwise. What fails fails the stream; cancelling it ends the request.
 *
 * `GET /records`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export function streamRecords(
  client: Client,
  input: ListRecordsInput,
  { signal, ...options }: IterateRecordsOptions = {},
): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  const follow = (): void => stop.abort(signal!.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener('abort', follow, { signal: stop.signal });
  const pages = iterateRecordPages(client, input, { ...options, signal: stop.signal });
  return new ReadableStream(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await pages.next();
          if (done) {
            controller.close();
            return stop.abort();
          }
          const lines = value.records.map((record) => `${JSON.stringify(record)}\n`).join('');
          if (lines) return controller.enqueue(new TextEncoder().encode(lines));
        }
      },
      cancel: (reason) => stop.abort(reason),
    },
    { highWaterMark: 0 },
  );
}
