// Reading what changed since the last run, so that nothing is lost wherever a run ends.

import type { Client } from '../client.ts';
import type { IntegrationName, ModelName, RecordOf } from '../core/functions.ts';
import { check, object } from '../core/guards.ts';
import { expect } from '../core/send.ts';
import { iterateRecordPages } from './iterate-records.ts';
import type { IterateRecordsOptions } from './iterate-records.ts';
import { pageParts } from './records.ts';
import type { NangoRecord, RecordsOfModel } from './records.ts';

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

/** How far a run has come once a page is handled. */
export interface ConsumeProgress {
  /** What the cursor is kept under. */
  key: string;
  /** The cursor that is saved next. Save it together with the records, in one transaction, and each comes exactly once. */
  cursor: string;
}

/** What {@link consumeRecords} takes. */
export interface ConsumeRecordsInput<
  T extends object = Record<string, unknown>,
  Integration extends string = string,
  Model extends string = string,
> extends RecordsOfModel<Integration, Model> {
  /** Keeps the cursor from run to run. One store serves any number of models and connections. */
  store: CursorStore;
  /**
   * Handles the changes of a page. The cursor moves on once this is settled, so a page may come again after a crash.
   */
  handle: (changes: RecordChanges<T>, progress: ConsumeProgress) => unknown;
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
export async function consumeRecords<
  T extends object = {},
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
  M extends ModelName<F, K> = ModelName<F, K>,
>(
  client: Client<F>,
  input: ConsumeRecordsInput<T & RecordOf<F, K, M>, K, M>,
  options?: IterateRecordsOptions,
): Promise<{ count: number }> {
  const { store, handle, ...records } = object(input, 'input');
  check(
    typeof store?.get === 'function' && typeof store.set === 'function',
    'store must be an object with get and set',
  );
  check(typeof handle === 'function', 'handle must be a function');
  pageParts(records);
  const { connectionId, model, providerConfigKey, variant = 'base' } = records;
  const key = ['nango', providerConfigKey, connectionId, model, variant].map(encodeURIComponent).join('/');
  const saved = (await store.get(key)) ?? undefined;
  let count = 0;
  for await (const page of iterateRecordPages<T & RecordOf<F, K, M>>(client, { ...records, cursor: saved }, options)) {
    // An empty page is no end: more may follow.
    if (!page.records.length) continue;
    const changes: RecordChanges<T & RecordOf<F, K, M>> = { added: [], updated: [], deleted: [], pruned: [] };
    // A record that changes while the page is made is on it twice; the later one tells how it is now.
    for (const record of new Map(page.records.map((record) => [record?.id, record])).values()) {
      const { last_action, pruned_at, cursor } = record?._nango_metadata ?? {};
      expect(last_action && cursor, 'GET /records', 'a record without _nango_metadata');
      changes[kindOf(last_action, pruned_at)].push(record);
      count++;
    }
    const cursor = page.next_cursor ?? page.records.at(-1)!._nango_metadata.cursor;
    await handle(changes, { key, cursor });
    await store.set(key, cursor);
  }
  return { count };
}

function kindOf(last_action: string, pruned_at: unknown): keyof RecordChanges {
  const action = last_action.toLowerCase();
  // That a record is gone is known without its payload.
  return action === 'deleted' ? action : pruned_at ? 'pruned' : action === 'added' ? action : 'updated';
}
