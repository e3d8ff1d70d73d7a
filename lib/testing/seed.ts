// The seed: what an emulator starts with. It is plain data except for the functions of a test, so it can be a JSON file.

import type { EndUserInput } from './server/fields.ts';
import type { RateLimitOptions } from './server/rate-limit.ts';
import type {
  LoadFunction,
  ProviderFunction,
  RefreshFunction,
  SandboxFunction,
  ServerVersion,
} from './state/context.ts';
import type { ActionFunction, SyncFunction } from './state/functions.ts';
import type { Provider, ProviderTemplate } from './state/providers.ts';
import type { RecordInput } from './state/records.ts';
import type { IntegrationInput } from './state/store.ts';
import type { WebhookOptions } from './state/webhooks.ts';

/** An API key. */
export interface KeySeed {
  /** The key: a UUID (version 4). */
  secret: string;
  /** What it may do, for example `environment:connections:read`. Defaults to `environment:*`. */
  scopes?: readonly string[] | undefined;
  /** Defaults to `Default`. */
  displayName?: string | undefined;
}

/** A connection: the body of `POST /connections`, of which everything but the two ids may be left out. */
export interface ConnectionSeed {
  /** The unique key of the integration. */
  provider_config_key: string;
  /** The id. */
  connection_id: string;
  /** Credentials of any type, as the API gives them. Defaults to made-up ones that suit the provider. */
  credentials?: Record<string, unknown> | undefined;
  /** The metadata. Defaults to none. */
  metadata?: Record<string, unknown> | undefined;
  /** The connection config. Defaults to none. */
  connection_config?: Record<string, unknown> | undefined;
  /** A webhook URL of its own. */
  webhook_url_override?: string | undefined;
  /** The legacy end user. */
  end_user?: EndUserInput | undefined;
  /** The tags. Their keys become lower case. */
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
  /** The records, the oldest change first. */
  records: Iterable<RecordInput>;
}

/** What syncs and actions have in common. */
export interface FunctionSeed {
  /** The unique key of its integration. Without one the function belongs to every integration. */
  integration?: string | undefined;
  /** What it does. */
  description?: string | undefined;
  /** The scopes that it needs at the provider. */
  scopes?: readonly string[] | undefined;
  /** The name of the input's model. */
  input?: string | undefined;
  /** The JSON Schema of its models, under `definitions`. */
  json_schema?: Record<string, unknown> | undefined;
  /** The version. Defaults to `1.0.0`. */
  version?: string | undefined;
  /** Defaults to true. */
  enabled?: boolean | undefined;
  /** Defaults to `repo`, which cannot be deleted through the API. */
  source?: 'catalog' | 'standalone' | 'repo' | undefined;
  /** The source text that the API shows. */
  code?: string | undefined;
  /** The endpoints under `/v1`. */
  endpoints?: readonly { method: string; path: string; group?: string | null | undefined }[] | undefined;
}

/** A sync. */
export interface SyncSeed extends FunctionSeed {
  /** The models it saves. */
  models?: readonly string[] | undefined;
  /** Defaults to `every hour`. */
  runs?: string | undefined;
  /** Defaults to `incremental`. */
  sync_type?: 'incremental' | 'full' | undefined;
  /** Start the schedule of new connections, with a first run. Defaults to true. */
  auto_start?: boolean | undefined;
  /** Whether the API says that it tracks deletes. Defaults to false. */
  track_deletes?: boolean | undefined;
  /** What runs. */
  run?: SyncFunction | undefined;
}

/** An action. */
export interface ActionSeed extends FunctionSeed {
  /** The models it gives. */
  returns?: readonly string[] | undefined;
  /** What runs. */
  run?: ActionFunction | undefined;
}

/** A function that handles an event. It is listed, but never runs. */
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
  /** The full-access key. Defaults to a fixed one for the first environment; others have none unless given. */
  apiKey?: string | undefined;
  /** More keys. */
  keys?: readonly KeySeed[] | undefined;
  /** Defaults to a fixed one for the first environment, else to a random one. */
  webhookSigningKey?: string | undefined;
  /** Environment variables. */
  variables?: Record<string, string> | undefined;
  /** Integrations, as the body of `POST /integrations`. Developer apps may be left out. */
  integrations?: readonly IntegrationInput[] | undefined;
  /** Connections. */
  connections?: readonly ConnectionSeed[] | undefined;
  /** Records of connections. */
  records?: readonly RecordsSeed[] | undefined;
  /** Syncs, by name. */
  syncs?: Record<string, SyncFunction | SyncSeed> | undefined;
  /** Actions, by name. */
  actions?: Record<string, ActionFunction | ActionSeed> | undefined;
  /** Functions that handle events, by name. */
  events?: Record<string, EventFunctionSeed> | undefined;
}

/** What an emulator starts with: its first environment, what belongs to the account, and how it behaves. */
export interface EmulatorSeed extends EnvironmentSeed {
  /** More environments. */
  environments?: readonly EnvironmentSeed[] | undefined;
  /** Keys of the account, for the operations on environments. Their scopes default to `account:*`. */
  accountKeys?: readonly KeySeed[] | undefined;
  /** More providers, or other definitions of the built-in ones, by name. */
  providers?: Record<string, Provider> | undefined;
  /** The functions that a provider's catalogue offers, by the name of the provider. */
  templates?: Record<string, readonly ProviderTemplate[]> | undefined;
  /** Providers for which Nango brings a developer app, so that the quickstart takes them. */
  sharedApps?: readonly string[] | undefined;
  /**
   * The base URL that the emulator gives out. Defaults to `https://nango.test`. It answers whatever the host of a
   * request.
   */
  host?: string | undefined;
  /** The base URL of the Connect UI. Defaults to `https://connect.nango.test`. */
  connectHost?: string | undefined;
  /** The rate limit, or false for none, as servers of one's own may be set up. Defaults to 100,000 calls a minute. */
  rateLimit?: RateLimitOptions | false | undefined;
  /** The largest body it takes, in bytes. Defaults to 75 MiB. */
  bodyLimit?: number | undefined;
  /** Where webhooks go and which are sent. */
  webhooks?: WebhookOptions | undefined;
  /** Plays the providers' APIs for the proxy and for functions. Without it nothing listens there. */
  provider?: ProviderFunction | undefined;
  /** Gives fresh credentials when they expire or a refresh is forced. Defaults to a new made-up token. */
  refresh?: RefreshFunction | undefined;
  /** Makes code runnable that is deployed through the API. Without it, deployed functions fail when they run. */
  loadFunction?: LoadFunction | undefined;
  /**
   * Plays the sandbox for dry runs; false for a server without one, which answers 500. Defaults to a result of `null`.
   */
  sandbox?: SandboxFunction | false | undefined;
  /** The version of the server whose answers are given, where versions differ. Defaults to `0.71.10`. */
  version?: ServerVersion | undefined;
  /** Tells the time, in milliseconds since 1970. Defaults to `Date.now`. */
  now?: (() => number) | undefined;
  /** Gives numbers from 0 up to 1 for ids and tokens. Defaults to `Math.random`. */
  random?: (() => number) | undefined;
  /** Waits between the attempts of webhooks and of proxied requests. Defaults to not waiting at all. */
  sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}
