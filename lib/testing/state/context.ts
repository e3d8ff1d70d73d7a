// What every operation of the emulator can reach: what it knows, the time, its webhooks, the test's own functions.

import type { Clock } from './clock.ts';
import type { ActionFunction, SyncFunction } from './functions.ts';
import type { ProviderTemplate } from './providers.ts';
import type { Store, StoredConnection } from './store.ts';
import type { Webhooks } from './webhooks.ts';

/**
 * Plays the provider's API: gets what the proxy sends, with the credentials in place, and answers. Throws for a network
 * failure.
 */
export type ProviderFunction = (request: Request) => Response | Promise<Response>;

/** Gives a connection fresh credentials: the members that change. Throws when the provider refuses. */
export type RefreshFunction = (
  connection: StoredConnection,
) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** The version of the server whose answers are given, where versions differ. */
export type ServerVersion = '0.71.4' | '0.71.10';

/**
 * Makes deployed code runnable: what `/sync/deploy` brings is run with what this gives. What handles an event is run as an
 * action without an input.
 */
export type LoadFunction = (deployed: {
  name: string;
  type: 'sync' | 'action' | 'on-event';
  integration: string;
  /** The compiled code, as it was sent. */
  code: string;
}) => SyncFunction | ActionFunction | undefined;

/** Plays the sandbox for dry runs: gives their result, or throws for a failed one. */
export type SandboxFunction = (dryRun: {
  code: string;
  type: 'sync' | 'action';
  integration: string;
  connectionId: string;
  input: unknown;
}) => unknown;

/** What every operation can reach. */
export interface Context {
  /** The base URL that is given out. */
  readonly host: string;
  /** The base URL of the Connect UI. */
  readonly connectHost: string;
  /** What the emulator knows. */
  readonly store: Store;
  /** Time and chance. */
  readonly clock: Clock;
  /** The webhooks. */
  readonly webhooks: Webhooks;
  /** The version of the server. */
  readonly version: ServerVersion;
  /** Plays the providers' APIs. */
  readonly provider: ProviderFunction | undefined;
  /** Makes deployed code runnable. */
  readonly loadFunction: LoadFunction | undefined;
  /** Plays the sandbox; false for none. */
  readonly sandbox: SandboxFunction | false;
  /** Gives fresh credentials. */
  readonly refresh: RefreshFunction;
  /** Providers for which Nango brings a developer app of its own. */
  readonly sharedApps: ReadonlySet<string>;
  /** The functions that a provider's catalogue offers, by the name of the provider. */
  readonly templates: Readonly<Record<string, readonly ProviderTemplate[]>>;
  /** Starts work that goes on after the answer. */
  background(task: () => void | Promise<void>): void;
}
