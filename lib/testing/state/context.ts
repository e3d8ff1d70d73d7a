// The context of an emulator: what all of its operations share.

import type { Clock } from './clock.ts';
import type { ActionFunction, SyncFunction } from './functions.ts';
import type { ProviderTemplate } from './providers.ts';
import type { Store, StoredConnection } from './store.ts';
import type { Webhooks } from './webhooks.ts';

/** Stands in for a provider's API: receives requests with credentials, and answers. Throws for a network failure. */
export type ProviderFunction = (request: Request) => Response | Promise<Response>;

/** Refreshes the credentials of a connection: returns the members that change. Throws if the provider refuses. */
export type RefreshFunction = (
  connection: StoredConnection,
) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** The server version to emulate, where versions differ. */
export type ServerVersion = '0.71.4' | '0.71.10';

/** Loads deployed code: returns the function to run for it. An event handler runs as an action without an input. */
export type LoadFunction = (deployed: {
  name: string;
  type: 'sync' | 'action' | 'on-event';
  integration: string;
  /** The compiled code, as it was sent. */
  code: string;
}) => SyncFunction | ActionFunction | undefined;

/** Stands in for the sandbox of dry runs: returns the result, or throws if the run fails. */
export type SandboxFunction = (dryRun: {
  code: string;
  type: 'sync' | 'action';
  integration: string;
  connectionId: string;
  input: unknown;
}) => unknown;

/** What all operations share. */
export interface Context {
  /** The base URL in answers. */
  readonly host: string;
  /** The base URL of the Connect UI. */
  readonly connectHost: string;
  /** The store. */
  readonly store: Store;
  /** The time, and random values. */
  readonly clock: Clock;
  /** The webhooks. */
  readonly webhooks: Webhooks;
  /** The version of the server. */
  readonly version: ServerVersion;
  /** Stands in for the providers' APIs. */
  readonly provider: ProviderFunction | undefined;
  /** Loads deployed code. */
  readonly loadFunction: LoadFunction | undefined;
  /** Stands in for the sandbox; false for a server without one. */
  readonly sandbox: SandboxFunction | false;
  /** Refreshes credentials. */
  readonly refresh: RefreshFunction;
  /** The providers for which Nango has an OAuth app of its own. */
  readonly sharedApps: ReadonlySet<string>;
  /** The function templates of providers, by name of the provider. */
  readonly templates: Readonly<Record<string, readonly ProviderTemplate[]>>;
  /** Runs a task after the answer has been sent. */
  background(task: () => void | Promise<void>): void;
}
