// What the thread of a function and the server say to each other. All of it survives structuredClone.

/** A function run, as its thread gets it. */
export interface Run {
  /** The name of the function. */
  name: string;
  /** What it is. */
  type: 'sync' | 'action' | 'on-event';
  /** The compiled code: CommonJS text. */
  code: string;
  /** The input of an action, or what a provider's webhook brought. */
  input: unknown;
  /** Whether the function's `onWebhook` runs instead of its `exec`. */
  webhook: boolean;
  /** Folders in whose `node_modules` packages are looked for. */
  folders: string[];
  /** What the `nango` object of the function knows from the start. */
  facts: Facts;
}

/** What the `nango` object of a function knows from the start. */
export interface Facts {
  /** The connection. */
  connectionId: string;
  /** The internal number of the connection. */
  nangoConnectionId: number;
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The name of the provider. */
  provider: string;
  /** How the provider pages by default. */
  paginate: Record<string, unknown> | undefined;
  /** The statuses after which the provider is asked again, for example `403` and `5xx`; the usual ones unless given. */
  retryCodes: string[] | undefined;
  /** The name of the environment. */
  environmentName: string;
  /** The number of the environment. */
  environmentId: number;
  /** The variant of the sync. */
  variant: string;
  /** When the last successful run began, in milliseconds since 1970. */
  lastSyncDate: number | undefined;
  /** The models of the sync. */
  models: string[];
  /** Whether the sync tracks deletes as its configuration says. */
  trackDeletes: boolean;
  /** Members of the integration that functions may read. */
  integrationConfig: Record<string, unknown>;
}

/** A request to a provider. */
export interface ProviderCall {
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The connection. */
  connectionId: string;
  /** The method, in upper case. */
  method: string;
  /** The path, or a whole URL. */
  endpoint: string;
  /** The query, without the question mark. */
  query: string;
  /** The headers of the caller, in lower case. */
  headers: Record<string, string>;
  /** The body. */
  body: string | Uint8Array | undefined;
  /** Stands in for the provider's base URL. */
  baseUrlOverride: string | undefined;
}

/** What a provider answered. */
export interface ProviderAnswer {
  /** The status. */
  status: number;
  /** The text beside the status. */
  statusText: string;
  /** The headers, in lower case. */
  headers: Record<string, string>;
  /** The body. */
  body: Uint8Array;
  /** The URL that was asked. */
  url: string;
}

/** What a function's thread can ask the server for: its name, what it takes and what it gives. */
export interface Calls {
  provider(call: ProviderCall): ProviderAnswer;
  api(method: string, path: string, body: unknown, headers: Record<string, string>): { status: number; body: unknown };
  save(model: string, json: string): void;
  update(model: string, json: string): void;
  delete(model: string, json: string): void;
  records(model: string, ids: string[]): string[];
  page(model: string, cursor: string | undefined): { next: string | null; records: string[] };
  merge(model: string, strategy: string): void;
  trackStart(model: string): void;
  trackEnd(model: string): string[] | undefined;
  deleteUnsaved(model: string): string[];
  checkpoint(): Checkpoint | null;
  saveCheckpoint(checkpoint: Checkpoint | null): void;
  variables(): { name: string; value: string }[];
  lock(key: string, milliseconds: number): boolean;
  unlock(key: string | undefined): boolean;
  wait(milliseconds: number): void;
}

/** The place that a function has got to. */
export type Checkpoint = Record<string, string | number | boolean>;

/** The level of a line of a function's log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How a function failed. */
export type Failure =
  | { kind: 'action'; payload: unknown }
  | { kind: 'provider'; status: number; headers: Record<string, string>; body: unknown }
  | { kind: 'code'; code: string; message: string; payload: unknown }
  | { kind: 'internal'; name: string; message: string; stack: string };

/** What a function's thread says. */
export type FromThread =
  | { type: 'call'; id: number; name: keyof Calls; args: unknown[] }
  | { type: 'log'; level: LogLevel; text: string }
  | { type: 'done'; json: string | undefined; dropped: number }
  | { type: 'failed'; failure: Failure; dropped: number };

/** What the server says to a function's thread. */
export type ToThread =
  | { type: 'abort' }
  | { type: 'given'; id: number; value: unknown }
  | { type: 'refused'; id: number; name: string; message: string; code: string | undefined };
