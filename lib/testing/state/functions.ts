// The functions of a test that run as syncs and actions, what is passed to them, and how their errors are answered.

import type { RecordCounts, RecordInput } from './records.ts';

/** What an action receives besides its input. */
export interface FunctionContext {
  /** The connection. */
  readonly connectionId: string;
  /** The unique key of the integration. */
  readonly providerConfigKey: string;
  /** The name of the environment. */
  readonly environment: string;
  /** The metadata of the connection. */
  readonly metadata: Record<string, unknown>;
  /** The credentials of the connection. */
  readonly credentials: Record<string, unknown>;
  /**
   * Calls the provider with the connection's credentials. `path` is relative to the provider's base URL. Rejects with a
   * {@link ProviderError} unless the answer is a success.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** What a sync receives. */
export interface SyncContext extends FunctionContext {
  /** The variant; `base` is the default. */
  readonly variant: string;
  /** When the last successful run started, or `null` in the first run. */
  readonly lastSyncDate: Date | null;
  /** The last saved checkpoint, or `null`. */
  readonly checkpoint: Record<string, string | number | boolean> | null;
  /** The payload of the provider's webhook that started this run, if one did. */
  readonly webhook?: unknown;
  /** Adds or updates records. */
  save(model: string, records: Iterable<RecordInput>): RecordCounts;
  /** Merges changes into existing records, and ignores others. */
  update(model: string, records: Iterable<RecordInput>): RecordCounts;
  /** Marks records as deleted, by id. Whole records are accepted too. */
  delete(model: string, records: Iterable<string | number | RecordInput>): RecordCounts;
  /** Marks all records as deleted that this run has not saved. */
  deleteUnsaved(model: string): RecordCounts;
  /** Saves a checkpoint for the next run; `null` clears it. */
  saveCheckpoint(checkpoint: Record<string, string | number | boolean> | null): void;
}

/** The code of a sync. It throws to fail. */
export type SyncFunction = (io: SyncContext) => void | Promise<void>;

/** The code of an action. It returns any JSON value, and throws to fail. */
export type ActionFunction = (input: unknown, io: FunctionContext) => unknown;

/** Thrown by an action to fail with its own payload: the caller gets `action_script_runtime_error`. */
export class ActionError extends Error {
  /** The payload of the error. */
  readonly payload: unknown;

  /** Creates the error. */
  constructor(payload: unknown = {}) {
    super('The action failed');
    this.name = 'ActionError';
    this.payload = payload;
  }
}

/** An error response of the provider. An action that does not catch it fails with `script_http_error`. */
export class ProviderError extends Error {
  /** The status of the response. */
  readonly status: number;
  /** The headers of the response. */
  readonly headers: Record<string, string>;
  /** The body of the response, parsed if it is JSON. */
  readonly body: unknown;

  /** Creates the error. */
  constructor(status: number, headers: Record<string, string>, body: unknown) {
    super(`The provider answered ${status}`);
    this.name = 'ProviderError';
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** An error of the platform that ends a function, for example `function_runtime_timed_out`. */
export class FunctionError extends Error {
  /** The code. */
  readonly code: string;
  /** Details. */
  readonly payload: unknown;

  /** Creates the error. */
  constructor(code: string, message: string, payload: unknown = {}) {
    super(message);
    this.name = 'FunctionError';
    this.code = code;
    this.payload = payload;
  }
}

/** The status and body that the API answers when an action fails. */
export function actionFailure(thrown: unknown): { status: number; body: Record<string, unknown> } {
  if (thrown instanceof ActionError) {
    const message = 'The action script failed with a runtime error';
    return { status: 500, body: { error: { message, code: 'action_script_runtime_error', payload: thrown.payload } } };
  }
  if (thrown instanceof ProviderError) {
    const { status, body } = thrown;
    const type = thrown.headers['content-type'];
    const headers = type === undefined ? {} : { 'content-type': type };
    const payload = typeof body === 'object' && body !== null ? body : { message: body };
    return {
      status: 424,
      body: { error: { payload, code: 'script_http_error', upstream: { status, headers, body } } },
    };
  }
  if (thrown instanceof FunctionError) {
    const { code, message, payload } = thrown;
    return { status: code === 'script_aborted' ? 410 : 500, body: { error: { message, code, payload } } };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const stacktrace = (error.stack ?? `${error.name}: ${error.message}`).split('\n').map((line) => line.trim());
  const payload = { message: error.message, name: error.name, stacktrace };
  const message = 'An internal error occurred during the script execution';
  return { status: 500, body: { error: { message, code: 'script_internal_error', payload } } };
}

/** The error in the webhook of a failed sync. */
export function syncFailure(thrown: unknown): { type: string; description: string; payload?: object } {
  if (thrown instanceof ProviderError) {
    return { type: 'script_http_error', description: `The sync failed with ${thrown.status} from the provider` };
  }
  if (thrown instanceof ActionError) {
    return { type: 'action_script_runtime_error', description: 'The sync failed', payload: { error: thrown.payload } };
  }
  if (thrown instanceof FunctionError) return { type: thrown.code, description: thrown.message };
  const description = thrown instanceof Error ? thrown.message : String(thrown);
  return { type: 'script_internal_error', description };
}
