// The types that the official client exports, under their names. `any` stands where it stands there: code that was
// written against them would not compile otherwise.

import type {
  ConnectionConfig,
  Connection,
  ConnectionListItem,
  EndUser,
  PatchConnectionInput,
} from '../api/connections.ts';
import type { CreateConnectSessionInput, CreatedConnectSession, CreateReconnectSessionInput } from '../api/connect.ts';
import type {
  ApiKeyCredentials,
  AppCredentials,
  AwsSigV4Credentials,
  BasicCredentials,
  BillCredentials,
  Credentials,
  CustomCredentials,
  JwtCredentials,
  NoCredentials,
  OAuth1Credentials,
  OAuth2ClientCredentials,
  OAuth2Credentials,
  SignatureCredentials,
  TbaCredentials,
  TwoStepCredentials,
} from '../api/credentials.ts';
import type { ScriptsConfig, ScriptsConfigAction, ScriptsConfigSync } from '../api/functions.ts';
import type { Integration, IntegrationInclude, IntegrationInput } from '../api/integrations.ts';
import type { AuthMode, ListProvidersInput, Provider, ProviderInput } from '../api/providers.ts';
import type { RecordAction, RecordMetadata } from '../api/records.ts';
import type { SyncStatus as ApiSyncStatus } from '../api/syncs.ts';
import type { Fetch } from '../client.ts';
import type { AuthWebhook, SyncWebhook } from '../webhooks/events.ts';

export type {
  ApiKeyCredentials,
  AppCredentials,
  AwsSigV4Credentials,
  BillCredentials,
  ConnectionConfig,
  CustomCredentials,
  EndUser,
  JwtCredentials,
  OAuth1Credentials,
  OAuth2ClientCredentials,
  OAuth2Credentials,
  RecordMetadata,
  SignatureCredentials,
  TbaCredentials,
  TwoStepCredentials,
};

/** The key, under its name or the older one. */
export type NangoCredentials =
  | {
      /** The API key of the environment. */
      apiKey: string;
      secretKey?: never;
    }
  | {
      apiKey?: never;
      /**
       * The API key of the environment, which is also taken for the webhook signing key where that is left out.
       *
       * @deprecated Its name is `apiKey`.
       */
      secretKey: string;
    };

/** What `new Nango()` takes. */
export type NangoProps = {
  /** The base URL of the API. Defaults to `https://api.nango.dev`. */
  host?: string;
  /** The webhook signing key of the environment, which is not the API key. */
  webhookSigningKey?: string;
  /** The connection of proxy calls that name none. */
  connectionId?: string;
  /** The integration of proxy calls that name none. */
  providerConfigKey?: string;
  /** Is kept, and not sent: only Nango's own functions are syncs. */
  isSync?: boolean;
  /** Is kept, and not sent: only Nango's own functions have dry runs. */
  dryRun?: boolean;
  /** Is kept, and not sent: the API refuses customers who do. */
  isScript?: boolean;
  /** Is kept, and not sent: only Nango's own functions have one. */
  activityLogId?: string | undefined;
} & NangoCredentials;

/** What `new Nango()` takes beside the configuration. */
export interface NangoOptions {
  /** What the calls say they come from. Browsers and some other runtimes say it themselves. */
  userAgent?: string;
  /** Sends the requests, for example `withRetry()`. Defaults to the global `fetch`. */
  fetch?: Fetch;
  /** How long a call may take, in milliseconds. Defaults to 120,000, and to no limit for actions and the proxy. */
  timeout?: number;
  /** Is refused: give a `fetch` that has a dispatcher. */
  httpsAgent?: never;
  /** Is refused: give a `fetch` that does what they did, for example `withHooks()`. */
  interceptors?: never;
}

/** The official name of {@link NangoOptions}. */
export type AdminAxiosProps = NangoOptions;

/** The methods that the proxy is called with. */
export type HTTP_METHOD = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'PROPFIND' | 'REPORT';

/** What the proxy takes. */
export interface ProxyConfiguration {
  /** The path of the provider's API, for example `/user/repos`. */
  endpoint: string;
  /** The id of the integration. Defaults to that of the class. */
  providerConfigKey?: string;
  /** The id of the connection. Defaults to that of the class. */
  connectionId?: string;
  /** The method, for `proxy()`. Defaults to `GET`. */
  method?: HTTP_METHOD | Lowercase<HTTP_METHOD>;
  /** Headers for the provider. */
  headers?: Record<string, string>;
  /** The query. Arrays are repeated. */
  params?: string | Record<string, string | number | string[] | number[]>;
  /** The body: an object is sent as JSON, or as the form that the `content-type` among the headers says. */
  data?: unknown;
  /** How often Nango tries again. Defaults to 0. */
  retries?: number;
  /** Statuses to try again after, beside 401, 429 and those from 500. */
  retryOn?: number[] | null;
  /** A base URL to use instead of the provider's. */
  baseUrlOverride?: string | undefined;
  /** Whether Nango decompresses the answer. */
  decompress?: boolean | string;
  /** What `data` of the answer is. Defaults to JSON, or text where it is none. A `stream` is Node's where it can be. */
  responseType?: 'arraybuffer' | 'blob' | 'document' | 'json' | 'text' | 'stream' | undefined;
  /** Whether headers are sent again where the provider redirects to. */
  forwardHeadersOnRedirect?: boolean;
  /** Has no effect, as in the official client: it is for Nango's own functions. */
  paginate?: object;
  /** Has no effect, as in the official client: it is for Nango's own functions. */
  retryHeader?: object;
}

/** Actions to filter records by. */
export type FilterAction = 'added' | 'updated' | 'deleted' | 'ADDED' | 'UPDATED' | 'DELETED';

/** Two actions to filter records by. */
export type CombinedFilterAction = `${FilterAction},${FilterAction}`;

/** What `listRecords()` takes. */
export interface ListRecordsRequestConfig {
  /** The id of the integration. */
  providerConfigKey: string;
  /** The id of the connection. */
  connectionId: string;
  /** The model. */
  model: string;
  /** The variant of the sync. Defaults to `base`. */
  variant?: string;
  /**
   * Gives only what changed after this time, an ISO date.
   *
   * @deprecated Its name is `modifiedAfter`.
   */
  delta?: string;
  /** Gives only what changed after this time, an ISO date in UTC at most 365 days back. */
  modifiedAfter?: string;
  /** How many records a page holds, from 1 to 10,000. The server's default is 100. */
  limit?: number;
  /** Gives only records whose last action is one of these. */
  filter?: FilterAction | CombinedFilterAction;
  /** Gives only what comes after this cursor. */
  cursor?: string | null;
  /** Gives only the records with these ids, at most 100 of them. */
  ids?: string[];
}

/** What happened last to a record. */
export type RecordLastAction = RecordAction;

/** A record of a model. */
export type NangoRecord<T extends Record<string, any> = Record<string, any>> = {
  [field: string]: any;
  /** The id that the sync gave the record, always a string. */
  id: string | number;
  _nango_metadata: RecordMetadata;
} & T;

/** Metadata of a connection. */
export type Metadata = Record<string, unknown>;

/** What `setMetadata()` and `updateMetadata()` answer: what was sent. */
export interface MetadataChangeResponse {
  metadata: Metadata;
  provider_config_key: string;
  connection_id: string | string[];
}

/** A sync, by its name alone or with one of its variants. */
export type SyncName = string | { name: string; variant: string };

/** How a sync ran. */
export type SyncType = 'INCREMENTAL' | 'INITIAL';

/** What a run did to the records of a model. */
export interface StatusAction {
  added: number;
  updated: number;
  deleted?: number;
}

/** What a run did to the records of a model. */
export type SyncResult = Required<StatusAction>;

/** The state of a sync on a connection. The API leaves some of it out, or null, before the first run. */
export interface SyncStatus extends Omit<
  ApiSyncStatus,
  'finishedAt' | 'frequency' | 'latestResult' | 'nextScheduledSyncAt' | 'status' | 'type'
> {
  /** @deprecated It says little: a full run is an initial one. */
  type: SyncType;
  /** When the last run ended, an ISO date. */
  finishedAt: string | undefined;
  /** When the next run is due, an ISO date, or null. */
  nextScheduledSyncAt: string;
  status: 'RUNNING' | 'SUCCESS' | 'ERROR' | 'PAUSED' | 'STOPPED';
  /** How often it runs, for example `1 hour`, or null. */
  frequency: string;
  /** What the last run did, by model. */
  latestResult: Record<string, StatusAction>;
}

/** What `syncStatus()` gives. */
export interface SyncStatusResponse {
  syncs: SyncStatus[];
}

/** What `updateSyncConnectionFrequency()` gives. */
export interface UpdateSyncFrequencyResponse {
  frequency: string;
}

/** The kinds of scripts. */
export type SyncConfigType = 'sync' | 'action';

/** The values of {@link SyncConfigType}. */
export const SyncConfigType: { readonly SYNC: 'sync'; readonly ACTION: 'action' } = { SYNC: 'sync', ACTION: 'action' };

/** When something was made, and changed last: ISO dates. */
export interface Timestamps {
  created_at: string;
  updated_at: string;
}

/** A sync. */
export interface Sync extends Timestamps {
  id: string;
  name: string;
  connection_id: string;
  last_sync_date: string;
}

/** The configuration of a sync. */
export interface SyncConfig extends Timestamps {
  name: string;
  description?: string;
}

/** An action. */
export interface Action extends Timestamps {
  name: string;
}

/** A model of a function. */
export interface NangoSyncModel {
  name: string;
  description?: string;
  fields: { name: string; type: string }[];
}

/** The path that a function once could be called by. */
export type NangoSyncEndpointV2 = ScriptsConfigAction['endpoints'][number];

/** A sync or an action of {@link StandardNangoConfig}. */
export type NangoSyncConfig = ScriptsConfigAction | ScriptsConfigSync;

/** The functions of a provider. */
export type StandardNangoConfig = ScriptsConfig;

/** How the users of a provider authorize. */
export type AuthModeType = AuthMode;

/** The values of {@link AuthModeType}, by the names that they go by in code. */
export interface AuthModes {
  ApiKey: 'API_KEY';
  App: 'APP';
  AwsSigV4: 'AWS_SIGV4';
  Basic: 'BASIC';
  Bill: 'BILL';
  Custom: 'CUSTOM';
  InstallPlugin: 'INSTALL_PLUGIN';
  Jwt: 'JWT';
  MCP_OAUTH2: 'MCP_OAUTH2';
  MCP_OAUTH2_GENERIC: 'MCP_OAUTH2_GENERIC';
  None: 'NONE';
  OAuth1: 'OAUTH1';
  OAuth2: 'OAUTH2';
  OAuth2CC: 'OAUTH2_CC';
  Signature: 'SIGNATURE';
  TBA: 'TBA';
  TwoStep: 'TWO_STEP';
}

/** What happened to a connection. */
export type AuthOperationType = AuthWebhook['operation'];

/** What credentials that a provider has answered with have in common. */
export interface CredentialsCommon<T = Record<string, any>> {
  type: AuthModeType;
  /** The provider's own answer. */
  raw: T;
}

/** A user name and a password. */
export type BasicApiCredentials = BasicCredentials;

/** No credentials. */
export type UnauthCredentials = NoCredentials;

/** Credentials, told apart by `type`. */
export type AllAuthCredentials = Credentials | NoCredentials;

/** A token of OAuth 1 and its secret. */
export interface OAuth1Token {
  oAuthToken: string;
  oAuthTokenSecret: string;
}

/** A provider. */
export type ApiProvider = Provider;

/** A connection in a list. */
export type ApiPublicConnection = ConnectionListItem;

/** A connection with its credentials. */
export type ApiPublicConnectionFull = Connection;

/** An integration. */
export type ApiPublicIntegration = Integration;

/** `GET /connections/{connectionId}`. */
export interface GetPublicConnection {
  Params: { connectionId: string };
  Querystring: {
    provider_config_key: string;
    refresh_token?: boolean | undefined;
    force_refresh?: boolean | undefined;
    refresh_github_app_jwt_token?: boolean | undefined;
  };
  Success: Connection;
}

/** `GET /connections`. */
export interface GetPublicConnections {
  Querystring: {
    connectionId?: string | undefined;
    search?: string | undefined;
    endUserId?: string | undefined;
    integrationId?: string | undefined;
    endUserOrganizationId?: string | undefined;
    tags?: Record<string, string> | undefined;
    limit?: number | undefined;
    page?: number | undefined;
  };
  Success: { connections: ConnectionListItem[] };
}

/** `PATCH /connections/{connectionId}`. */
export interface PatchPublicConnection {
  Params: { connectionId: string };
  Querystring: { provider_config_key: string };
  QP: { connectionId: string; provider_config_key: string };
  Body: PatchConnectionInput['body'];
  Success: { success: boolean };
}

/** `GET /integrations/{uniqueKey}`. */
export interface GetPublicIntegration {
  Params: IntegrationInput;
  Querystring: { include?: IntegrationInclude[] | undefined };
  Success: { data: Integration };
}

/** `GET /integrations`. */
export interface GetPublicListIntegrations {
  Success: { data: Integration[] };
}

/** `GET /providers/{provider}`. */
export interface GetPublicProvider {
  Params: ProviderInput;
  Success: { data: Provider };
}

/** `GET /providers`. */
export interface GetPublicProviders {
  Querystring: ListProvidersInput;
  Success: { data: Provider[] };
}

/** `GET /records`. */
export interface GetPublicRecords {
  Headers: { 'connection-id': string; 'provider-config-key': string };
  Querystring: {
    model: string;
    variant?: string | undefined;
    delta?: string | undefined;
    modified_after?: string | undefined;
    limit?: number | undefined;
    filter?: FilterAction | CombinedFilterAction | undefined;
    cursor?: string | undefined;
    ids?: string[] | undefined;
  };
  Success: { next_cursor: string | null; records: NangoRecord[] };
}

/** `POST /connect/sessions`. */
export interface PostConnectSessions {
  Body: CreateConnectSessionInput;
  Success: { data: CreatedConnectSession };
}

/** `POST /connect/sessions/reconnect`. */
export interface PostPublicConnectSessionsReconnect {
  Body: CreateReconnectSessionInput;
  Success: { data: CreatedConnectSession };
}

/** A webhook about a connection. */
export type NangoAuthWebhookBody = AuthWebhook;

/** A webhook about a connection, where something succeeded. */
export type NangoAuthWebhookBodySuccess = AuthWebhook & { success: true };

/** A webhook about a connection, where something failed. */
export type NangoAuthWebhookBodyError = AuthWebhook & { success: false };

/** A webhook about a sync. */
export type NangoSyncWebhookBody = SyncWebhook;

/** A webhook about a sync that succeeded. */
export type NangoSyncWebhookBodySuccess = SyncWebhook & { success: true };

/** A webhook about a sync that failed. */
export type NangoSyncWebhookBodyError = SyncWebhook & { success: false };

/** A webhook. There are more kinds: the entry `nango-fetch/webhooks` has them all. */
export type NangoWebhookBody = AuthWebhook | SyncWebhook;
