// The records of one model of one connection. Payloads are stored as JSON text, which saves memory and is sent as it is.
// The order (time of the last change, then UUID) is computed when it is needed.

import type { RecordAction } from '../../api/records.ts';
import { databaseTime, microseconds } from './clock.ts';

/** A record: any JSON object with an `id`. */
export interface RecordInput {
  /** The id at the provider. Numbers become strings. */
  id: string | number;
  /** The payload. */
  [field: string]: unknown;
}

/** How many records a call changed. */
export interface RecordCounts {
  /** How many were added, or restored after a deletion. */
  added: number;
  /** How many were updated. */
  updated: number;
  /** How many were deleted. */
  deleted: number;
}

/** The position of a record in the order of changes. */
export interface Position {
  /** The time of the last change, in microseconds since 1970. */
  at: number;
  /** The server's own id of the record. */
  uuid: string;
}

/** Which records to select. */
export interface RecordSelection {
  /** Only records after this position. */
  after?: Position | undefined;
  /** Only records that changed at or after this time, in microseconds since 1970. */
  modifiedAfter?: number | undefined;
  /** Only records whose last action is one of these. */
  actions?: ReadonlySet<RecordAction> | undefined;
  /** Only these ids. */
  ids?: ReadonlySet<string> | undefined;
  /** The maximum number of records. */
  limit: number;
}

/** A row of a table. */
export interface StoredRow extends Position {
  /** The id of the record. */
  id: string;
  /** The payload without its closing brace, or `undefined` once it is pruned. */
  json: string | undefined;
  /** The hash of a pruned payload, to detect changes. */
  digest: string | undefined;
  /** When the record was first seen, in microseconds since 1970. */
  firstSeen: number;
  /** What happened last to it. */
  action: RecordAction;
  /** When it was deleted, in microseconds since 1970; 0 while it is there. */
  deletedAt: number;
  /** When its payload was emptied, in microseconds since 1970; 0 while it is there. */
  prunedAt: number;
}

// The server writes this many records in one statement, so they share a time.
const batchSize = 1000;

/** Encodes a position as a cursor. */
export function writeCursor({ at, uuid }: Position): string {
  return btoa(`${databaseTime(at)}||${uuid}`);
}

/** Decodes a cursor; `undefined` if it is malformed. */
export function readCursor(cursor: string): Position | undefined {
  let text: string;
  try {
    text = atob(cursor);
  } catch {
    return undefined;
  }
  const [time = '', uuid = ''] = text.split('||');
  const at = microseconds(time);
  return Number.isNaN(at) || !/^[0-9a-f-]{36}$/i.test(uuid) ? undefined : { at, uuid };
}

// 53 bits of hash, twice with different seeds, are enough to tell records of a test apart. (The cyrb53 construction.)
function hash(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}

// The thirteen hexadecimal digits that all of the 53 bits reach.
function digits13(text: string, seed: number): string {
  return hash(text, seed).toString(16).padStart(14, '0').slice(1);
}

function digestOf(text: string): string {
  return digits13(text, 1) + digits13(text, 2);
}

// The server derives the UUID of a record from where it belongs, so saving a record again keeps its place among equals.
function recordUuid(scope: string, id: string): string {
  const digits = digestOf(`${scope}\n${id}`) + digits13(id, 3);
  const variant = '89ab'[Number.parseInt(digits[16] ?? '0', 16) & 3] ?? '8';
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `5${digits.slice(12, 15)}`,
    variant + digits.slice(17, 20),
    digits.slice(20, 32),
  ].join('-');
}

function compare(a: Position, b: Position): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0;
}

/** The records of one model and variant of one connection. */
export interface RecordTable {
  /** The model. */
  readonly model: string;
  /** The variant of the sync; `base` is the default. */
  readonly variant: string;
  /** Counts the records that are not deleted. */
  count(): number;
  /** Adds or updates records. Unchanged ones keep their position. */
  save(records: Iterable<RecordInput>): RecordCounts;
  /** Merges changes into existing records, and ignores others. */
  update(records: Iterable<RecordInput>): RecordCounts;
  /** Marks records as deleted. They stay in the table. */
  delete(ids: Iterable<string | number>): RecordCounts;
  /** Marks all records as deleted whose ids have not been seen. */
  deleteUnseen(seen: ReadonlySet<string>): RecordCounts;
  /** Removes the payloads of records up to and including a position, `limit` at most. */
  prune(until: Position, limit: number): { count: number; has_more: boolean };
  /** The rows of the table, to be persisted. */
  rows(): Iterable<StoredRow>;
  /** Restores a persisted row. */
  restore(row: StoredRow): void;
  /** Removes all records. */
  clear(): void;
  /** Selects a page, as JSON text. */
  select(selection: RecordSelection): { next: string | null; records: string[] };
  /** Returns a record as the API does, or `undefined`. */
  get(id: string | number): Record<string, unknown> | undefined;
}

/** Creates an empty table. `scope` identifies it, `tick` returns the time of a change in microseconds. */
export function createRecordTable(scope: string, model: string, variant: string, tick: () => number): RecordTable {
  const rows = new Map<string, StoredRow>();
  let order: StoredRow[] | undefined;
  let alive = 0;

  const sorted = (): StoredRow[] => (order ??= [...rows.values()].sort(compare));

  // Binary search for the first row at or after a position; `past` excludes the position itself.
  const indexOf = (position: Position, past: boolean): number => {
    const list = sorted();
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = list[middle];
      const difference = row ? compare(row, position) : 0;
      if (difference < 0 || (past && difference === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const write = (row: StoredRow): string => {
    const metadata = {
      first_seen_at: databaseTime(row.firstSeen),
      last_modified_at: databaseTime(row.at),
      last_action: row.action,
      deleted_at: row.deletedAt === 0 ? null : databaseTime(row.deletedAt),
      pruned_at: row.prunedAt === 0 ? null : databaseTime(row.prunedAt),
      cursor: writeCursor(row),
    };
    return `${row.json ?? `{"id":${JSON.stringify(row.id)}`},"_nango_metadata":${JSON.stringify(metadata)}}`;
  };

  const put = (record: RecordInput, at: number, changes: RecordCounts): void => {
    const id = String(record.id);
    const json = JSON.stringify({ ...record, id }).slice(0, -1);
    const row = rows.get(id);
    if (!row) {
      rows.set(id, {
        id,
        json,
        digest: undefined,
        at,
        uuid: recordUuid(scope, id),
        firstSeen: at,
        action: 'ADDED',
        deletedAt: 0,
        prunedAt: 0,
      });
      alive++;
      changes.added++;
      return;
    }
    const same = row.json === undefined ? row.digest === digestOf(json) : row.json === json;
    if (row.deletedAt !== 0) {
      row.action = 'ADDED';
      row.deletedAt = 0;
      alive++;
      changes.added++;
    } else if (same) {
      // Saving a pruned record unchanged restores its payload and nothing else.
      row.json = json;
      row.digest = undefined;
      row.prunedAt = 0;
      return;
    } else {
      row.action = 'UPDATED';
      changes.updated++;
    }
    row.json = json;
    row.digest = undefined;
    row.prunedAt = 0;
    row.at = at;
  };

  const remove = (row: StoredRow, at: number, changes: RecordCounts): void => {
    if (row.deletedAt !== 0) return;
    row.action = 'DELETED';
    row.deletedAt = at;
    row.at = at;
    alive -= 1;
    changes.deleted++;
  };

  const save = (records: Iterable<RecordInput>): RecordCounts => {
    const changes: RecordCounts = { added: 0, updated: 0, deleted: 0 };
    let at = 0;
    let index = 0;
    for (const record of records) {
      if (index % batchSize === 0) at = tick();
      put(record, at, changes);
      index++;
    }
    order = undefined;
    return changes;
  };

  return {
    model,
    variant,
    count: () => alive,
    save,
    update(records) {
      const merged: RecordInput[] = [];
      for (const record of records) {
        const row = rows.get(String(record.id));
        if (!row || row.deletedAt !== 0) continue;
        const before = row.json === undefined ? {} : (JSON.parse(`${row.json}}`) as RecordInput);
        merged.push({ ...before, ...record });
      }
      return save(merged);
    },
    delete(ids) {
      const changes: RecordCounts = { added: 0, updated: 0, deleted: 0 };
      const at = tick();
      for (const id of ids) {
        const row = rows.get(String(id));
        if (row) remove(row, at, changes);
      }
      order = undefined;
      return changes;
    },
    deleteUnseen(seen) {
      const changes: RecordCounts = { added: 0, updated: 0, deleted: 0 };
      const at = tick();
      for (const row of rows.values()) if (!seen.has(row.id)) remove(row, at, changes);
      order = undefined;
      return changes;
    },
    prune(until, limit) {
      const list = sorted();
      const end = indexOf(until, true);
      let count = 0;
      let more = false;
      const at = tick();
      for (let index = 0; index < end; index++) {
        const row = list[index];
        if (!row || row.prunedAt !== 0) continue;
        if (count >= limit) {
          more = true;
          break;
        }
        row.digest = row.json === undefined ? row.digest : digestOf(row.json);
        row.json = undefined;
        row.prunedAt = at;
        count++;
      }
      return { count, has_more: more };
    },
    rows: () => rows.values(),
    restore(row) {
      rows.set(row.id, row);
      order = undefined;
      if (row.deletedAt === 0) alive++;
    },
    clear() {
      rows.clear();
      order = undefined;
      alive = 0;
    },
    select({ after, modifiedAfter, actions, ids, limit }) {
      const list = sorted();
      const start = Math.max(
        after ? indexOf(after, true) : 0,
        modifiedAfter === undefined ? 0 : indexOf({ at: modifiedAfter, uuid: '' }, false),
      );
      const records: string[] = [];
      let last: StoredRow | undefined;
      for (let index = start; index < list.length; index++) {
        const row = list[index];
        if (!row || (actions && !actions.has(row.action)) || (ids && !ids.has(row.id))) continue;
        if (records.length >= limit) return { next: last ? writeCursor(last) : null, records };
        records.push(write(row));
        last = row;
      }
      return { next: null, records };
    },
    get(id) {
      const row = rows.get(String(id));
      return row ? (JSON.parse(write(row)) as Record<string, unknown>) : undefined;
    },
  };
}

/** Saves records one by one, so that each comes after the one before it. Records of one batch share their time. */
export function saveInOrder(table: RecordTable, records: Iterable<RecordInput>): RecordCounts {
  const total: RecordCounts = { added: 0, updated: 0, deleted: 0 };
  for (const record of records) {
    const { added, updated } = table.save([record]);
    total.added += added;
    total.updated += updated;
  }
  return total;
}
