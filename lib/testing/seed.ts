// The seed: what an emulator starts with. Except for the functions of a test it is plain data, so it can be a JSON file.

import type { EndUserInput } from '../api/connections.ts';
import type { RateLimitOptions } from './server/rate-limit.ts';
import type {
  LoadFunction,
  ProviderFunction,
  RefreshFunction,
  SandboxFunction,
  ServerVersion,
} from './state/context.ts';
import type { ActionFunction, SyncFunction } from './state/functions.ts';
import type { CatalogProvider, ProviderTemplate } from './state/providers.ts';
import type { RecordInput } from './state/records.ts';
import type { IntegrationSeed } from './state/store.ts';
import type { WebhookOptions } from './state/webhooks.ts';

/** An API key. */
export interface KeySeed {
  /** The secret: a UUID (version 4). */
  secret: string;
  /** The scopes, for example `environment:connections:read`. Defaults to `environment:*`. */
  scopes?: readonly string[] | undefined;
  /** Defaults to `Default`. */
  displayName?: string | undefined;
}

/** A connection: the body of `POST /connections`, of which only the two ids are required. */
export interface ConnectionSeed {
  /** The unique key of the integration. */
  provider_config_key: string;
  /** The id. */
  connection_id: string;
  /** The credentials. Defaults to sample ones of the provider's type. */
  credentials?: Record<string, unknown> | undefined;
  /** The metadata. Defaults to none. */
  metadata?: Record<string, unknown> | undefined;
  /** The connection config. Defaults to none. */
  connection_config?: Record<string, unknown> | undefined;
  /** Its own webhook URL. */
  webhook_url_override?: string | undefined;
  /** The legacy end user. */
  end_user?: EndUserInput | undefined;
  /** The tags. Keys are lowercased. */
  tags?: Record<string, string> | undefined;
}

/** A model of a connection. */
export interface RecordTarget {
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The connection. */
  connectionId: string;
  /** The model. */
  model: string;
  /** Defaults to `base`. */
  variant?: string | undefined;
  /** The name of the environment. Defaults to the first one. */
  environment?: string | undefined;
}

/** Records of a model of a connection. */
export interface RecordsSeed extends RecordTarget {
  /** The records, oldest change first. */
  records: Iterable<RecordInput>;
}

/** What syncs and actions have in common. */
export interface FunctionSeed {
  /** The unique key of its integration. Defaults to all integrations. */
  integration?: string | undefined;
  /** The description. */
  description?: string | undefined;
  /** The provider scopes it requires. */
  scopes?: readonly string[] | undefined;
  /** The name of the input model. */
  input?: string | undefined;
  /** The JSON Schema of its models, under `definitions`. */
  json_schema?: Record<string, unknown> | undefined;
  /** The version. Defaults to `1.0.0`. */
  version?: string | undefined;
  /** Defaults to true. */
  enabled?: boolean | undefined;
  /** Defaults to `repo`, which cannot be deleted through the API. */
  source?: 'catalog' | 'standalone' | 'repo' | undefined;
  /** The source code that the API returns. */
  code?: string | undefined;
  /** The endpoints under `/v1`. */
  endpoints?: readonly { method: string; path: string; group?: string | null | undefined }[] | undefined;
}

/** A sync. */
export interface SyncSeed extends FunctionSeed {
  /** The names of the models it saves. */
  models?: readonly string[] | undefined;
  /** Defaults to `every hour`. */
  runs?: string | undefined;
  /** Defaults to `incremental`. */
  sync_type?: 'incremental' | 'full' | undefined;
  /** Whether it starts by itself on new connections. Defaults to true. */
  auto_start?: boolean | undefined;
  /** Whether the API says that it detects deletions. Defaults to false. */
  track_deletes?: boolean | undefined;
  /** The function to run. */
  run?: SyncFunction | undefined;
}

/** An action. */
export interface ActionSeed extends FunctionSeed {
  /** The names of the models it returns. */
  returns?: readonly string[] | undefined;
  /** The function to run. */
  run?: ActionFunction | undefined;
}

/** An event handler. It is listed, but never runs. */
export interface EventFunctionSeed extends FunctionSeed {
  /** The event, for example `post-connection-creation`. */
  event: string;
}

/** What an environment starts with. */
export interface EnvironmentSeed {
  /** The name. Defaults to `dev`. */
  name?: string | undefined;
  /** Defaults to true for `prod`, else to false. */
  isProduction?: boolean | undefined;
  /** The full-access key. Defaults to a fixed one for the first environment, and to none for others. */
  apiKey?: string | undefined;
  /** More keys. */
  keys?: readonly KeySeed[] | undefined;
  /** The webhook signing key. Defaults to a fixed one for the first environment, and to a random one for others. */
  webhookSigningKey?: string | undefined;
  /** Environment variables. */
  variables?: Record<string, string> | undefined;
  /** The integrations: bodies of `POST /integrations`, whose `credentials` may be left out. */
  integrations?: readonly IntegrationSeed[] | undefined;
  /** Connections. */
  connections?: readonly ConnectionSeed[] | undefined;
  /** Records of connections. */
  records?: readonly RecordsSeed[] | undefined;
  /** Syncs, by name. */
  syncs?: Record<string, SyncFunction | SyncSeed> | undefined;
  /** Actions, by name. */
  actions?: Record<string, ActionFunction | ActionSeed> | undefined;
  /** Event handlers, by name. */
  events?: Record<string, EventFunctionSeed> | undefined;
}

/** What an emulator starts with: the first environment, the account, and options. */
export interface EmulatorSeed extends EnvironmentSeed {
  /** More environments. */
  environments?: readonly EnvironmentSeed[] | undefined;
  /** Account keys, for the operations on environments. Their scopes default to `account:*`. */
  accountKeys?: readonly KeySeed[] | undefined;
  /** Additional providers, or replacements for built-in ones, by name. */
  providers?: Record<string, CatalogProvider> | undefined;
  /** The function templates of providers, by name of the provider. */
  templates?: Record<string, readonly ProviderTemplate[]> | undefined;
  /** The providers for which Nango has an OAuth app, which the quickstart accepts. */
  sharedApps?: readonly string[] | undefined;
  /** The base URL in answers. Defaults to `https://nango.test`. Requests to any other host are answered too. */
  host?: string | undefined;
  /** The base URL of the Connect UI. Defaults to `https://connect.nango.test`. */
  connectHost?: string | undefined;
  /** The rate limit, or false for none, as on some self-hosted servers. Defaults to 100,000 calls a minute. */
  rateLimit?: RateLimitOptions | false | undefined;
  /** The largest accepted body, in bytes. Defaults to 75 MiB. */
  bodyLimit?: number | undefined;
  /** Where webhooks are sent, and which. */
  webhooks?: WebhookOptions | undefined;
  /** Stands in for the providers' APIs. Without it, calls to providers fail with ECONNREFUSED. */
  provider?: ProviderFunction | undefined;
  /** Refreshes credentials that expire, or when forced. Defaults to a random access token. */
  refresh?: RefreshFunction | undefined;
  /** Loads code that is deployed through the API. Without it, deployed functions fail when they run. */
  loadFunction?: LoadFunction | undefined;
  /** Stands in for the sandbox of dry runs; false for none, which answers 500. Defaults to results of `null`. */
  sandbox?: SandboxFunction | false | undefined;
  /** The server version to emulate, where versions differ. Defaults to `0.71.10`. */
  version?: ServerVersion | undefined;
  /** Returns the time, in milliseconds since 1970. Defaults to `Date.now`. */
  now?: (() => number) | undefined;
  /** Returns a number from 0 up to 1, for ids and tokens. Defaults to `Math.random`. */
  random?: (() => number) | undefined;
  /** Waits before retries of webhooks and proxied requests. Defaults to no delay. */
  sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}
