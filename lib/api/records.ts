// Records: what syncs have cached, listed page by page, and pruned.

import type { Client } from '../client.ts';
import type { IntegrationName, ModelName, RecordOf } from '../core/functions.ts';
import { check, id, list, noOthers, required } from '../core/guards.ts';
import { connectionHeaders } from '../core/request.ts';
import type { RequestParts } from '../core/request.ts';
import { expect, send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';

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
export type NangoRecord<T extends object = Record<string, unknown>> = Omit<T, 'id'> & {
  /** The id that the sync gave the record, a string even where the model says otherwise. */
  id: string;
  _nango_metadata: RecordMetadata;
};

/** Names the records of a model on a connection. */
export interface RecordsOfModel<Integration extends string = string, Model extends string = string> {
  /** The id of the integration. */
  providerConfigKey: Integration;
  /** The id of the connection. */
  connectionId: string;
  /** The model, for example `GithubIssue`. */
  model: Model;
  /** The variant of the sync. Defaults to `base`. */
  variant?: string | undefined;
}

/** Names the records of any model that your functions save. */
export type RecordsOf<F> = {
  [Integration in IntegrationName<F>]: Required<RecordsOfModel<Integration, ModelName<F, Integration>>>;
}[IntegrationName<F>];

/** What {@link listRecords} takes. */
export interface ListRecordsInput<Integration extends string = string, Model extends string = string>
  extends RecordsOfModel<Integration, Model> {
  /** Gives only what comes after this cursor: a `next_cursor`, or the `_nango_metadata.cursor` of a record. */
  cursor?: string | undefined;
  /** Gives only what changed after this time, an ISO date in UTC at most 365 days back. */
  modifiedAfter?: string | undefined;
  /** How many records a page holds, from 1 to 10,000. The server's default is 100. */
  limit?: number | undefined;
  /**
   * Gives only records whose last action is one of these. `deleted` goes alone: together with another action the server
   * leaves deletions out. Left out, records come whatever happened to them last.
   */
  filter?: RecordFilter | readonly ('added' | 'updated')[] | readonly ['deleted'] | undefined;
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
 * @typeParam T The record. Left out, it is that of the client's functions.
 * @see https://nango.dev/docs/reference/backend/http-api/sync/records-list
 */
export async function listRecords<
  T extends object = {},
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
  M extends ModelName<F, K> = ModelName<F, K>,
>(
  client: Client<F>,
  input: ListRecordsInput<K, M>,
  options?: RequestOptions,
): Promise<ListRecordsResult<T & RecordOf<F, K, M>>> {
  return send(client, 'GET /records', pageParts(input), options);
}

/**
 * Gives what a page of records is asked for with.
 *
 * @internal
 */
export function pageParts(input: ListRecordsInput): RequestParts {
  const headers = connectionHeaders(input);
  const { providerConfigKey, connectionId, model, variant, cursor, modifiedAfter, limit, filter, ids, ...others } =
    input;
  noOthers(others, 'input');
  const actions = filter && `${filter}`;
  // The server would leave out the deletions, and say nothing.
  check(!/,.*deleted|deleted.*,/i.test(actions!), 'filter must have deleted alone');
  return {
    headers,
    query: {
      model: id(model, 'model'),
      variant,
      cursor,
      modified_after: modifiedAfter,
      limit,
      filter: actions,
      ids: list(ids, 'ids'),
    },
  };
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
  required(input, 'input', 'untilCursor');
  const { model, variant, untilCursor, limit } = input;
  const body = { model: id(model, 'model'), variant, until_cursor: untilCursor, limit };
  return send(client, 'PATCH /records/prune', { headers, body }, options);
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
    const pruned = await pruneRecords(client, input, options);
    expect(typeof pruned?.count === 'number', 'PATCH /records/prune', 'a result without count');
    const { count, has_more } = pruned;
    total += count;
    // The server says that there is more for as long as the record of the cursor has changed since, so none pruned ends
    // it too.
    if (!has_more || count === 0) return { count: total };
  }
}
