// The types that the official client exports, under their names. `any` stands where it stands there: code that was
// written against them would not compile otherwise.

import type {
  Connection,
  ConnectionConfig,
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
import type { Fetch } from '../core/types.ts';
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
  host?: string | undefined;
  /** The webhook signing key of the environment, which is not the API key. */
  webhookSigningKey?: string | undefined;
  /** The connection of proxy calls that name none. */
  connectionId?: string | undefined;
  /** The integration of proxy calls that name none. */
  providerConfigKey?: string | undefined;
  /** Is kept, and not sent: only Nango's own functions are syncs. */
  isSync?: boolean | undefined;
  /** Is kept, and not sent: only Nango's own functions have dry runs. */
  dryRun?: boolean | undefined;
  /** Is kept, and not sent: the API refuses customers who do. */
  isScript?: boolean | undefined;
  /** Is kept, and not sent: only Nango's own functions have one. */
  activityLogId?: string | undefined;
} & NangoCredentials;

/** What `new Nango()` takes beside the configuration. */
export interface NangoOptions {
  /** What the calls say they come from. Browsers and some other runtimes say it themselves. */
  userAgent?: string | undefined;
  /** Sends the requests, for example `withRetry()`. Defaults to the global `fetch`. */
  fetch?: Fetch | undefined;
  /** How long a call may take, in milliseconds. Defaults to 120,000, and to no limit for actions and the proxy. */
  timeout?: number | undefined;
  /** Is refused: give a `fetch` that has a dispatcher. */
  httpsAgent?: never;
  /** Is refused: give a `fetch` that does what they did. */
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
  providerConfigKey?: string | undefined;
  /** The id of the connection. Defaults to that of the class. */
  connectionId?: string | undefined;
  /** The method, for `proxy()`. Defaults to `GET`. */
  method?: HTTP_METHOD | Lowercase<HTTP_METHOD> | undefined;
  /** Headers for the provider. */
  headers?: Record<string, string> | undefined;
  /** The query. Arrays are repeated. */
  params?: string | Record<string, string | number | string[] | number[]> | undefined;
  /** The body: an object is sent as JSON, or as the form that the `content-type` among the headers says. */
  data?: unknown;
  /** How often Nango tries again. Defaults to 0. */
  retries?: number | undefined;
  /** Statuses to try again after, beside 401, 429 and those from 500. */
  retryOn?: number[] | null | undefined;
  /** A base URL to use instead of the provider's. */
  baseUrlOverride?: string | undefined;
  /** Whether Nango decompresses the answer. */
  decompress?: boolean | string | undefined;
  /** What `data` of the answer is. Defaults to JSON, or text where it is none. A `stream` is Node's where it can be. */
  responseType?: 'arraybuffer' | 'blob' | 'document' | 'json' | 'text' | 'stream' | undefined;
  /** Whether headers are sent again where the provider redirects to. */
  forwardHeadersOnRedirect?: boolean | undefined;
  /** Has no effect, as in the official client: it is for Nango's own functions. */
  paginate?: object | undefined;
  /** Has no effect, as in the official client: it is for Nango's own functions. */
  retryHeader?: object | undefined;
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
  variant?: string | undefined;
  /**
   * Gives only what changed after this time, an ISO date.
   *
   * @deprecated Its name is `modifiedAfter`.
   */
  delta?: string | undefined;
  /** Gives only what changed after this time, an ISO date in UTC at most 365 days back. */
  modifiedAfter?: string | undefined;
  /** How many records a page holds, from 1 to 10,000. The server's default is 100. */
  limit?: number | undefined;
  /** Gives only records whose last action is one of these. */
  filter?: FilterAction | CombinedFilterAction | undefined;
  /** Gives only what comes after this cursor. */
  cursor?: string | null | undefined;
  /** Gives only the records with these ids, at most 100 of them. */
  ids?: string[] | undefined;
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
  /** The metadata. */
  metadata: Metadata;
  /** The id of the integration. */
  provider_config_key: string;
  /** The id of the connection, or the ids of several. */
  connection_id: string | string[];
}

/** A sync, by its name alone or with one of its variants. */
export type SyncName = string | { name: string; variant: string };

/** How a sync ran. */
export type SyncType = 'INCREMENTAL' | 'INITIAL';

/** What a run did to the records of a model. */
export interface StatusAction {
  /** How many were added. */
  added: number;
  /** How many were updated. */
  updated: number;
  /** How many were deleted. */
  deleted?: number | undefined;
}

/** What a run did to the records of a model. */
export interface SyncResult extends StatusAction {
  /** How many were deleted. */
  deleted: number;
}

/** The state of a sync on a connection. The API leaves some of it out, or null, before the first run. */
export interface SyncStatus extends
  Omit<
    ApiSyncStatus,
    'finishedAt' | 'frequency' | 'latestResult' | 'nextScheduledSyncAt' | 'status' | 'type'
  > {
  /** @deprecated It says little: a full run is an initial one. */
  type: SyncType;
  /** When the last run ended, an ISO date. */
  finishedAt: string | undefined;
  /** When the next run is due, an ISO date, or null. */
  nextScheduledSyncAt: string;
  /** How it is. */
  status: 'RUNNING' | 'SUCCESS' | 'ERROR' | 'PAUSED' | 'STOPPED';
  /** How often it runs, for example `1 hour`, or null. */
  frequency: string;
  /** What the last run did, by model. */
  latestResult: Record<string, StatusAction>;
}

/** What `syncStatus()` gives. */
export interface SyncStatusResponse {
  /** The syncs. */
  syncs: SyncStatus[];
}

/** What `updateSyncConnectionFrequency()` gives. */
export interface UpdateSyncFrequencyResponse {
  /** How often it runs. */
  frequency: string;
}

/** The kinds of scripts. */
export type SyncConfigType = 'sync' | 'action';

/** The values of {@link SyncConfigType}. */
export const SyncConfigType: { readonly SYNC: 'sync'; readonly ACTION: 'action' } = { SYNC: 'sync', ACTION: 'action' };

/** When something was made, and changed last: ISO dates. */
export interface Timestamps {
  /** When it was made, an ISO date. */
  created_at: string;
  /** When it changed last, an ISO date. */
  updated_at: string;
}

/** A sync. */
export interface Sync extends Timestamps {
  /** The id. */
  id: string;
  /** The name. */
  name: string;
  /** The id of the connection. */
  connection_id: string;
  /** When it ran last, an ISO date. */
  last_sync_date: string;
}

/** The configuration of a sync. */
export interface SyncConfig extends Timestamps {
  /** The name. */
  name: string;
  /** What it does. */
  description?: string | undefined;
}

/** An action. */
export interface Action extends Timestamps {
  /** The name. */
  name: string;
}

/** A model of a function. */
export interface NangoSyncModel {
  /** The name. */
  name: string;
  /** What it does. */
  description?: string | undefined;
  /** The fields, with their types. */
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
  /** The mode `API_KEY`. */
  ApiKey: 'API_KEY';
  /** The mode `APP`. */
  App: 'APP';
  /** The mode `AWS_SIGV4`. */
  AwsSigV4: 'AWS_SIGV4';
  /** The mode `BASIC`. */
  Basic: 'BASIC';
  /** The mode `BILL`. */
  Bill: 'BILL';
  /** The mode `CUSTOM`. */
  Custom: 'CUSTOM';
  /** The mode `INSTALL_PLUGIN`. */
  InstallPlugin: 'INSTALL_PLUGIN';
  /** The mode `JWT`. */
  Jwt: 'JWT';
  /** The mode `MCP_OAUTH2`. */
  MCP_OAUTH2: 'MCP_OAUTH2';
  /** The mode `MCP_OAUTH2_GENERIC`. */
  MCP_OAUTH2_GENERIC: 'MCP_OAUTH2_GENERIC';
  /** The mode `NONE`. */
  None: 'NONE';
  /** The mode `OAUTH1`. */
  OAuth1: 'OAUTH1';
  /** The mode `OAUTH2`. */
  OAuth2: 'OAUTH2';
  /** The mode `OAUTH2_CC`. */
  OAuth2CC: 'OAUTH2_CC';
  /** The mode `SIGNATURE`. */
  Signature: 'SIGNATURE';
  /** The mode `TBA`. */
  TBA: 'TBA';
  /** The mode `TWO_STEP`. */
  TwoStep: 'TWO_STEP';
}

/** What happened to a connection. */
export type AuthOperationType = AuthWebhook['operation'];

/** What credentials that a provider has answered with have in common. */
export interface CredentialsCommon<T = Record<string, any>> {
  /** The kind of the credentials. */
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
  /** The token. */
  oAuthToken: string;
  /** The secret of the token. */
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
  /** What the path names. */
  Params: { connectionId: string };
  /** What the query asks. */
  Querystring: {
    provider_config_key: string;
    refresh_token?: boolean | undefined;
    force_refresh?: boolean | undefined;
    refresh_github_app_jwt_token?: boolean | undefined;
  };
  /** What is answered. */
  Success: Connection;
}

/** `GET /connections`. */
export interface GetPublicConnections {
  /** What the query asks. */
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
  /** What is answered. */
  Success: { connections: ConnectionListItem[] };
}

/** `PATCH /connections/{connectionId}`. */
export interface PatchPublicConnection {
  /** What the path names. */
  Params: { connectionId: string };
  /** What the query asks. */
  Querystring: { provider_config_key: string };
  /** What the path and the query say. */
  QP: { connectionId: string; provider_config_key: string };
  /** What is sent. */
  Body: PatchConnectionInput['body'];
  /** What is answered. */
  Success: { success: boolean };
}

/** `GET /integrations/{uniqueKey}`. */
export interface GetPublicIntegration {
  /** What the path names. */
  Params: IntegrationInput;
  /** What the query asks. */
  Querystring: { include?: IntegrationInclude[] | undefined };
  /** What is answered. */
  Success: { data: Integration };
}

/** `GET /integrations`. */
export interface GetPublicListIntegrations {
  /** What is answered. */
  Success: { data: Integration[] };
}

/** `GET /providers/{provider}`. */
export interface GetPublicProvider {
  /** What the path names. */
  Params: ProviderInput;
  /** What is answered. */
  Success: { data: Provider };
}

/** `GET /providers`. */
export interface GetPublicProviders {
  /** What the query asks. */
  Querystring: ListProvidersInput;
  /** What is answered. */
  Success: { data: Provider[] };
}

/** `GET /records`. */
export interface GetPublicRecords {
  /** What the headers say. */
  Headers: { 'connection-id': string; 'provider-config-key': string };
  /** What the query asks. */
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
  /** What is answered. */
  Success: { next_cursor: string | null; records: NangoRecord[] };
}

/** `POST /connect/sessions`. */
export interface PostConnectSessions {
  /** What is sent. */
  Body: CreateConnectSessionInput;
  /** What is answered. */
  Success: { data: CreatedConnectSession };
}

/** `POST /connect/sessions/reconnect`. */
export interface PostPublicConnectSessionsReconnect {
  /** What is sent. */
  Body: CreateReconnectSessionInput;
  /** What is answered. */
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
