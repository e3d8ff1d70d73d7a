// What a test gives to be run as a sync or an action, what such a function may use, and how its failures are told
// apart.

import type { RecordChanges, RecordInput } from './records.ts';

/** What a sync or an action can ask about the connection it runs for. */
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
   * Asks the provider, with the connection's credentials. `path` is relative to the provider's base URL. Rejects with a
   * {@link ProviderError} unless the answer is a success.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** What a sync can do. */
export interface SyncContext extends FunctionContext {
  /** The variant that runs, `base` unless there are several. */
  readonly variant: string;
  /** When the last successful run began, or `null` in the first one. */
  readonly lastSyncDate: Date | null;
  /** What the last run saved with `saveCheckpoint`. */
  readonly checkpoint: Record<string, string | number | boolean> | null;
  /** What a provider's webhook brought, in a run that one started. */
  readonly webhook?: unknown;
  /** Adds or updates records. */
  save(model: string, records: Iterable<RecordInput>): RecordChanges;
  /** Updates records that are there, member by member. */
  update(model: string, records: Iterable<RecordInput>): RecordChanges;
  /** Marks records as deleted, given by their ids or as they are. */
  delete(model: string, records: Iterable<string | number | RecordInput>): RecordChanges;
  /** Marks all records as deleted that this run has not saved. */
  deleteUnsaved(model: string): RecordChanges;
  /** Saves where this run has got to; `null` forgets it. */
  saveCheckpoint(checkpoint: Record<string, string | number | boolean> | null): void;
}

/** A sync, as a test gives it. Throws to fail. */
export type SyncFunction = (io: SyncContext) => void | Promise<void>;

/** An action, as a test gives it. Its result can be any JSON value; it throws to fail. */
export type ActionFunction = (input: unknown, io: FunctionContext) => unknown;

/** What an action throws to fail with a payload of its own: the caller gets `action_script_runtime_error`. */
export class ActionError extends Error {
  /** The payload of the error. */
  readonly payload: unknown;

  /** Makes the error. */
  constructor(payload: unknown = {}) {
    super('The action failed');
    this.name = 'ActionError';
    this.payload = payload;
  }
}

/** What the provider answered instead of a success. Escaping from an action it becomes `script_http_error`. */
export class ProviderError extends Error {
  /** The status of the provider's answer. */
  readonly status: number;
  /** The headers of the provider's answer. */
  readonly headers: Record<string, string>;
  /** The body of the provider's answer: JSON where it is JSON. */
  readonly body: unknown;

  /** Makes the error. */
  constructor(status: number, headers: Record<string, string>, body: unknown) {
    super(`The provider answered ${status}`);
    this.name = 'ProviderError';
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** What the platform ends a function with, for example `function_runtime_timed_out`. */
export class FunctionError extends Error {
  /** The code. */
  readonly code: string;
  /** Details. */
  readonly payload: unknown;

  /** Makes the error. */
  constructor(code: string, message: string, payload: unknown = {}) {
    super(message);
    this.name = 'FunctionError';
    this.code = code;
    this.payload = payload;
  }
}

/** The status and the body of the API's answer to a failed action. */
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

/** What a webhook about a failed sync says. */
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
