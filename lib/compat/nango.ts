// Class Nango: the methods of the official client @nangohq/node 0.71.10, each on a function of this library.

import { getAsyncActionResult, triggerAction, triggerActionAsync } from '../api/actions.ts';
import { createConnectSession, createReconnectSession } from '../api/connect.ts';
import {
  deleteConnection,
  getConnection,
  getMetadata,
  listConnections,
  patchConnection,
  setMetadata,
  updateMetadata,
  waitForConnection,
} from '../api/connections.ts';
import type { Connection, ConnectionListItem, PatchConnectionInput } from '../api/connections.ts';
import type { CreateConnectSessionInput, CreatedConnectSession, CreateReconnectSessionInput } from '../api/connect.ts';
import { getEnvironmentVariables } from '../api/environments.ts';
import type { EnvironmentVariable } from '../api/environments.ts';
import { deleteFunction, getFunction, getFunctionCode, getScriptsConfig, listFunctions } from '../api/functions.ts';
import type {
  DeleteFunctionInput,
  DeployedFunction,
  FunctionCode,
  FunctionInput,
  FunctionType,
  ListFunctionsInput,
  ListFunctionsResult,
  OpenAIFunction,
  ScriptsConfig,
} from '../api/functions.ts';
import {
  createIntegration,
  createQuickstartIntegration,
  deleteIntegration,
  getIntegration,
  listIntegrations,
  updateIntegration,
} from '../api/integrations.ts';
import type {
  CreateIntegrationInput,
  CreateQuickstartIntegrationInput,
  GetIntegrationInput,
  Integration,
  IntegrationInput,
  UpdateIntegrationInput,
} from '../api/integrations.ts';
import { getProvider, getProviderTemplates, listProviders } from '../api/providers.ts';
import type { FunctionTemplate, ListProvidersInput, Provider, ProviderInput } from '../api/providers.ts';
import { listRecords, pruneRecords } from '../api/records.ts';
import type { ListRecordsInput, PruneRecordsInput, PruneRecordsResult } from '../api/records.ts';
import {
  createSyncVariant,
  deleteSyncVariant,
  pauseSync,
  startSync,
  syncStatus,
  triggerSync,
  updateSyncConnectionFrequency,
} from '../api/syncs.ts';
import type { SyncVariant, TriggerSyncInput, TriggerSyncOptions } from '../api/syncs.ts';
import type { IncomingHeaders } from '../api/webhooks.ts';
import { createClient } from '../client.ts';
import type { Client } from '../client.ts';
import { isNangoError } from '../errors.ts';
import type { RawBody } from '../webhooks/verify.ts';
import { answerOf, dataOf } from './answers.ts';
import type { NangoResponse } from './answers.ts';
import { callProxy } from './proxy.ts';
import type {
  AllAuthCredentials,
  GetPublicConnections,
  ListRecordsRequestConfig,
  Metadata,
  MetadataChangeResponse,
  NangoOptions,
  NangoProps,
  NangoRecord,
  OAuth1Token,
  ProxyConfiguration,
  SyncName,
  SyncStatusResponse,
  UpdateSyncFrequencyResponse,
} from './types.ts';
import { verifyRequest, verifySignature } from './verify.ts';

/** The base URL of Nango Cloud. */
export const prodHost: 'https://api.nango.dev' = 'https://api.nango.dev';

/**
 * The official client's class, for code that was written for it. Failed calls throw a {@link NangoRequestError}.
 *
 * @example
 * ```ts
 * import { Nango } from 'nango-fetch/compat';
 *
 * const nango = new Nango({ apiKey: '<API-KEY>' });
 * const { records } = await nango.listRecords({ providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' });
 * ```
 *
 * @see https://nango.dev/docs/reference/backend/backend-sdk/node
 */
export class Nango {
  /** The base URL of the API. */
  readonly serverUrl: string;
  /** The connection of proxy calls that name none. */
  connectionId: string;
  /** The integration of proxy calls that name none. */
  providerConfigKey: string;
  /** Is kept, and not sent. */
  readonly isSync: boolean;
  /** Is kept, and not sent. */
  readonly dryRun: boolean;
  /** Is kept, and not sent. */
  readonly isScript: boolean;
  /** Is kept, and not sent. */
  readonly activityLogId: string | undefined;
  /** What the calls say they come from, where it was given. */
  readonly userAgent: string;
  readonly #client: Client;
  readonly #keys: { apiKey: string; secretKey: string | undefined; webhookSigningKey: string | undefined };

  /** Makes a client. */
  constructor(config: NangoProps, options: NangoOptions = {}) {
    const { host, webhookSigningKey, connectionId = '', providerConfigKey = '' } = config;
    const { isSync = false, dryRun = false, isScript = false, activityLogId } = config;
    const { userAgent = '', fetch, timeout } = options;
    for (const name of ['httpsAgent', 'interceptors'] as const) {
      if (options[name]) throw new TypeError(`${name} must be left out: give a fetch that does the same`);
    }
    const apiKey = config.apiKey || config.secretKey;
    need(apiKey, 'You must specify an API key (cf. documentation).');
    need(URL.canParse(host || prodHost), `Invalid URL provided for the Nango host: ${host}`);
    const headers = userAgent ? { 'user-agent': userAgent } : undefined;
    this.#client = createClient({ apiKey, host: host || prodHost, fetch, headers, timeout });
    this.#keys = { apiKey, secretKey: config.secretKey, webhookSigningKey };
    this.serverUrl = this.#client.host;
    this.connectionId = connectionId;
    this.providerConfigKey = providerConfigKey;
    this.isSync = isSync;
    this.dryRun = dryRun;
    this.isScript = isScript;
    this.activityLogId = activityLogId;
    this.userAgent = userAgent;
  }

  /** The API key. It is in no JSON and in no inspection of the object. */
  get apiKey(): string {
    return this.#keys.apiKey;
  }

  /**
   * The API key, where it was given by this name.
   *
   * @deprecated Its name is `apiKey`.
   */
  get secretKey(): string | undefined {
    return this.#keys.secretKey;
  }

  /** The webhook signing key, where it was given. */
  get webhookSigningKey(): string | undefined {
    return this.#keys.webhookSigningKey;
  }

  /** Lists the providers, by `listProviders`. */
  async listProviders(queries?: ListProvidersInput): Promise<{ data: Provider[] }> {
    return dataOf((options) => listProviders(this.#client, queries, options));
  }

  /** Gets a provider, by `getProvider`. */
  async getProvider(params: ProviderInput): Promise<{ data: Provider }> {
    return dataOf((options) => getProvider(this.#client, params, options));
  }

  /** Lists the ready-made functions of a provider, by `getProviderTemplates`. */
  async getProviderTemplates(params: ProviderInput): Promise<{ data: FunctionTemplate[] }> {
    return dataOf((options) => getProviderTemplates(this.#client, params, options));
  }

  /** Lists the integrations, by `listIntegrations`. */
  async listIntegrations(): Promise<{ configs: Integration[] }> {
    const { data } = await dataOf((options) => listIntegrations(this.#client, options));
    return { configs: data };
  }

  /** Gets an integration, by `getIntegration`. */
  async getIntegration(
    params: IntegrationInput,
    queries?: Pick<GetIntegrationInput, 'include'>,
  ): Promise<{ data: Integration }>;
  /** @deprecated The id belongs into an object. */
  async getIntegration(
    uniqueKey: string,
    queries?: Pick<GetIntegrationInput, 'include'>,
  ): Promise<{ data: Integration }>;
  async getIntegration(
    params: IntegrationInput | string,
    queries?: Pick<GetIntegrationInput, 'include'>,
  ): Promise<{ data: Integration }> {
    const named = typeof params === 'string' ? { uniqueKey: params } : params;
    return dataOf((options) => getIntegration(this.#client, { ...queries, ...named }, options));
  }

  /** Creates an integration, by `createIntegration`. */
  async createIntegration(body: CreateIntegrationInput): Promise<{ data: Integration }> {
    return dataOf((options) => createIntegration(this.#client, body, options));
  }

  /** Creates an integration that uses Nango's own app, by `createQuickstartIntegration`. */
  async createQuickstartIntegration(body: CreateQuickstartIntegrationInput): Promise<{ data: Integration }> {
    return dataOf((options) => createQuickstartIntegration(this.#client, body, options));
  }

  /** Changes an integration, by `updateIntegration`. */
  async updateIntegration(
    params: IntegrationInput,
    body: UpdateIntegrationInput['body'],
  ): Promise<{ data: Integration }> {
    return dataOf((options) => updateIntegration(this.#client, { ...params, body }, options));
  }

  /** Deletes an integration, by `deleteIntegration`. */
  async deleteIntegration(providerConfigKey: string): Promise<NangoResponse> {
    return answerOf((options) => deleteIntegration(this.#client, { uniqueKey: providerConfigKey }, options));
  }

  /** Lists the functions of an integration, by `listFunctions`. */
  async listFunctions(
    params: IntegrationInput,
    queries?: Omit<ListFunctionsInput, 'uniqueKey'>,
  ): Promise<ListFunctionsResult> {
    return dataOf((options) => listFunctions(this.#client, { ...queries, ...params }, options));
  }

  /** Gets a function, by `getFunction`. */
  async getFunction(
    params: Omit<FunctionInput, 'type'>,
    queries?: { type?: FunctionType | undefined },
  ): Promise<{ data: DeployedFunction }> {
    return dataOf((options) => getFunction(this.#client, { ...queries, ...params }, options));
  }

  /** Gets the source of a function, by `getFunctionCode`. */
  async getFunctionCode(
    params: Omit<FunctionInput, 'type'>,
    queries?: { type?: FunctionType | undefined },
  ): Promise<FunctionCode> {
    return dataOf((options) => getFunctionCode(this.#client, { ...queries, ...params }, options));
  }

  /** Deletes a function, by `deleteFunction`. */
  async deleteFunction(
    params: Omit<FunctionInput, 'type'>,
    queries: Pick<DeleteFunctionInput, 'type'>,
  ): Promise<{ data: { success: boolean } }> {
    return dataOf((options) => deleteFunction(this.#client, { ...params, ...queries }, options));
  }

  /** Lists connections, by `listConnections`. */
  async listConnections(
    connectionId?: string,
    search?: string,
    queries?: Omit<GetPublicConnections['Querystring'], 'connectionId' | 'search'>,
  ): Promise<{ connections: ConnectionListItem[] }>;
  /** Lists connections, by `listConnections`. The tags `displayName` and `email` stand for those of the end user. */
  async listConnections(params: {
    connectionId?: string | undefined;
    userId?: string | undefined;
    integrationId?: string | string[] | undefined;
    tags?: Record<string, string> | undefined;
    limit?: number | undefined;
    page?: number | undefined;
  }): Promise<{ connections: ConnectionListItem[] }>;
  async listConnections(
    first?: string | ConnectionFilter,
    search?: string,
    queries?: Omit<ConnectionFilter, 'connectionId' | 'search'>,
  ): Promise<{ connections: ConnectionListItem[] }> {
    const filter: ConnectionFilter = typeof first === 'object' ? first : { connectionId: first, search, ...queries };
    const { endUserId, userId = endUserId, tags = {}, ...others } = filter;
    const aliases: Record<string, string> = { displayName: 'end_user_display_name', email: 'end_user_email' };
    const wire = Object.entries(tags).map(([key, value]) => [aliases[key] ?? key.toLowerCase(), value] as const);
    return dataOf((options) =>
      listConnections(this.#client, { ...given({ ...others, userId }), tags: Object.fromEntries(wire) }, options)
    );
  }

  /** Gets a connection with its credentials, by `getConnection`. */
  async getConnection(
    providerConfigKey: string,
    connectionId: string,
    forceRefresh: boolean = false,
    refreshToken: boolean = false,
    refreshGithubAppJwtToken: boolean = false,
  ): Promise<Connection> {
    const input = { providerConfigKey, connectionId, forceRefresh, refreshToken, refreshGithubAppJwtToken };
    return dataOf((options) => getConnection(this.#client, input, options));
  }

  /** Changes the tags, the end user or the webhook URL of a connection, by `patchConnection`. */
  async patchConnection(
    params: { connectionId: string; provider_config_key: string },
    body: PatchConnectionInput['body'],
  ): Promise<{ success: boolean }> {
    const { connectionId, provider_config_key: providerConfigKey } = params;
    return dataOf((options) => patchConnection(this.#client, { providerConfigKey, connectionId, body }, options));
  }

  /**
   * Gets the token of OAUTH2 credentials, the pair of OAUTH1 ones, and all others as they are. `getToken` of the main
   * entry knows the tokens of more kinds.
   */
  async getToken(
    providerConfigKey: string,
    connectionId: string,
    forceRefresh?: boolean,
    refreshGithubAppJwtToken?: boolean,
  ): Promise<string | OAuth1Token | AllAuthCredentials> {
    const { credentials } = await this.getConnection(
      providerConfigKey,
      connectionId,
      forceRefresh,
      false,
      refreshGithubAppJwtToken,
    );
    if (credentials.type === 'OAUTH2') return credentials.access_token;
    if (credentials.type !== 'OAUTH1') return credentials;
    return { oAuthToken: credentials.oauth_token, oAuthTokenSecret: credentials.oauth_token_secret };
  }

  /** Gets what the provider answered when it gave its token. */
  async getRawTokenResponse<T = Record<string, any>>(
    providerConfigKey: string,
    connectionId: string,
    forceRefresh?: boolean,
    refreshGithubAppJwtToken?: boolean,
  ): Promise<T> {
    const { credentials } = await this.getConnection(
      providerConfigKey,
      connectionId,
      forceRefresh,
      false,
      refreshGithubAppJwtToken,
    );
    return (credentials as { raw?: unknown }).raw as T;
  }

  /** Gets the metadata of a connection, null where it has none, by `getMetadata`. */
  async getMetadata<T = Metadata>(providerConfigKey: string, connectionId: string): Promise<T> {
    need(providerConfigKey, 'Provider Config Key is required');
    need(connectionId, 'Connection Id is required');
    return dataOf((options) => getMetadata(this.#client, { providerConfigKey, connectionId }, options)) as Promise<T>;
  }

  /** Replaces the metadata of one or several connections, by `setMetadata`. */
  async setMetadata(
    providerConfigKey: string,
    connectionId: string | readonly string[],
    metadata: Metadata,
  ): Promise<NangoResponse<MetadataChangeResponse>> {
    needMetadata(providerConfigKey, connectionId, metadata);
    return answerOf((options) => setMetadata(this.#client, { providerConfigKey, connectionId, metadata }, options));
  }

  /** Merges members into the metadata of one or several connections, by `updateMetadata`. */
  async updateMetadata(
    providerConfigKey: string,
    connectionId: string | readonly string[],
    metadata: Metadata,
  ): Promise<NangoResponse<MetadataChangeResponse>> {
    needMetadata(providerConfigKey, connectionId, metadata);
    return answerOf((options) => updateMetadata(this.#client, { providerConfigKey, connectionId, metadata }, options));
  }

  /** Deletes a connection, by `deleteConnection`. */
  async deleteConnection(providerConfigKey: string, connectionId: string): Promise<NangoResponse> {
    return answerOf((options) => deleteConnection(this.#client, { providerConfigKey, connectionId }, options));
  }

  /** Gets all syncs and actions, by `getScriptsConfig`. */
  async getScriptsConfig(format: 'nango' | 'openai' = 'nango'): Promise<ScriptsConfig[] | { data: OpenAIFunction[] }> {
    return dataOf((options) => getScriptsConfig(this.#client, { format }, options)) as Promise<ScriptsConfig[]>;
  }

  /** Lists one page of the records of a model, by `listRecords`. `iterateRecords` of the main entry gives all. */
  async listRecords<T extends Record<string, any> = Record<string, any>>(
    config: ListRecordsRequestConfig,
  ): Promise<{ records: NangoRecord<T>[]; next_cursor: string | null }> {
    const { delta, modifiedAfter, ids, providerConfigKey, connectionId, model, variant, limit, filter, cursor } =
      config;
    const input = { providerConfigKey, connectionId, model, variant, limit, filter, cursor };
    for (const name of ['model', 'providerConfigKey', 'connectionId'] as const) {
      need(input[name], `${name} is missing and is required to make a proxy call!`);
    }
    const wanted = given({
      ...input,
      modifiedAfter: modifiedAfter || delta,
      ids: ids?.length && ids,
    }) as ListRecordsInput;
    const page = await dataOf((options) => listRecords<T>(this.#client, wanted, options));
    return page as { records: (typeof page.records[number] & T)[]; next_cursor: string | null };
  }

  /** Empties the payload of records up to a cursor, by `pruneRecords`. */
  async pruneRecords(config: PruneRecordsInput): Promise<PruneRecordsResult> {
    return dataOf((options) => pruneRecords(this.#client, given(config), options));
  }

  /** Runs syncs once, by `triggerSync`: all of them where none is named. */
  async triggerSync(
    providerConfigKey: string,
    syncs?: readonly SyncName[],
    connectionId?: string,
    opts?: TriggerSyncOptions,
  ): Promise<void>;
  /** @deprecated The fourth argument is an object of options. */
  async triggerSync(
    providerConfigKey: string,
    syncs?: readonly SyncName[],
    connectionId?: string,
    syncMode?: TriggerSyncInput['syncMode'] | boolean,
  ): Promise<void>;
  async triggerSync(
    providerConfigKey: string,
    syncs?: readonly SyncName[],
    connectionId?: string,
    mode?: TriggerSyncOptions | TriggerSyncInput['syncMode'] | boolean,
  ): Promise<void> {
    need(!syncs || Array.isArray(syncs), 'Syncs must be an array. If it is a single sync, please wrap it in an array.');
    const syncMode = typeof mode === 'boolean' ? (mode ? 'full_refresh' : 'incremental') : mode;
    const how = typeof syncMode === 'string' ? { syncMode } : { opts: syncMode ?? undefined };
    return answerOf((options) =>
      triggerSync(this.#client, { ...syncsInput(providerConfigKey, syncs, connectionId), ...how }, options)
    ) as Promise<any>;
  }

  /** Starts the schedules of syncs, by `startSync`. */
  async startSync(providerConfigKey: string, syncs: readonly SyncName[], connectionId?: string): Promise<void> {
    needSyncs(providerConfigKey, syncs);
    const input = syncsInput(providerConfigKey, syncs, connectionId);
    return answerOf((options) => startSync(this.#client, input, options)) as Promise<any>;
  }

  /** Pauses the schedules of syncs, by `pauseSync`. */
  async pauseSync(providerConfigKey: string, syncs: readonly SyncName[], connectionId?: string): Promise<void> {
    needSyncs(providerConfigKey, syncs);
    const input = syncsInput(providerConfigKey, syncs, connectionId);
    return answerOf((options) => pauseSync(this.#client, input, options)) as Promise<any>;
  }

  /** Gets the state of syncs, or of all with `*`, by `syncStatus`. */
  async syncStatus(
    providerConfigKey: string,
    syncs: '*' | readonly SyncName[],
    connectionId?: string,
  ): Promise<SyncStatusResponse> {
    needSyncs(providerConfigKey, syncs === '*' ? [syncs] : syncs, 'Syncs must be an array.');
    return dataOf((options) =>
      syncStatus(this.#client, { providerConfigKey, syncs, connectionId }, options)
    ) as Promise<SyncStatusResponse>;
  }

  /** Sets how often a sync runs on a connection, by `updateSyncConnectionFrequency`; null for its default again. */
  async updateSyncConnectionFrequency(
    providerConfigKey: string,
    sync: SyncName,
    connectionId: string,
    frequency: string | null,
  ): Promise<UpdateSyncFrequencyResponse> {
    need(providerConfigKey, 'Provider Config Key is required');
    need(sync, 'Sync is required');
    need(typeof connectionId === 'string', 'ConnectionId must be a string.');
    need(frequency === null || typeof frequency === 'string', 'Frequency must be a string or null.');
    const { name: syncName, variant: syncVariant } = typeof sync === 'string'
      ? { name: sync, variant: undefined }
      : sync;
    const input = { providerConfigKey, connectionId, syncName, syncVariant, frequency };
    return dataOf((options) => updateSyncConnectionFrequency(this.#client, input, options));
  }

  /**
   * Waits up to 60 seconds until a connection to an integration has the tag `end_user_id`, which legacy end users
   * become too, by `waitForConnection`.
   */
  async waitForConnection(
    integrationKey: string,
    userId: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<ConnectionListItem> {
    const input = { providerConfigKey: integrationKey, tags: { end_user_id: userId } };
    try {
      return await dataOf((options) => waitForConnection(this.#client, input, { ...options, signal }));
    } catch (error) {
      if (signal?.aborted) throw new Error('Wait for connection was aborted', { cause: signal.reason });
      if (isNangoError(error) && error.code === 'wait_timeout') {
        error.message = 'Timeout waiting for connection to be created';
      }
      throw error;
    }
  }

  /** Adds a variant of a sync to a connection, by `createSyncVariant`. */
  async createSyncVariant(props: SyncVariantProps): Promise<SyncVariant> {
    return dataOf((options) => createSyncVariant(this.#client, variantInput(props), options));
  }

  /** Deletes a variant of a sync, by `deleteSyncVariant`. */
  async deleteSyncVariant(props: SyncVariantProps): Promise<{ success: boolean }> {
    return dataOf((options) => deleteSyncVariant(this.#client, variantInput(props), options));
  }

  /** Gets the environment variables, by `getEnvironmentVariables`. */
  async getEnvironmentVariables(): Promise<EnvironmentVariable[]> {
    return dataOf((options) => getEnvironmentVariables(this.#client, options));
  }

  /** Runs an action and gives its output, by `triggerAction`. */
  async triggerAction<In = unknown, Out = object>(
    providerConfigKey: string,
    connectionId: string,
    actionName: string,
    input?: In,
  ): Promise<Out> {
    const named = { providerConfigKey, connectionId, actionName, input };
    return dataOf((options) => triggerAction<Out, In>(this.#client, named, options));
  }

  /** Puts an action into the queue, by `triggerActionAsync`. */
  async triggerActionAsync<In = unknown>(
    providerConfigKey: string,
    connectionId: string,
    actionName: string,
    input?: In,
  ): Promise<{ id: string; statusUrl: string }> {
    const named = { providerConfigKey, connectionId, actionName, input };
    return dataOf((options) => triggerActionAsync(this.#client, named, options));
  }

  /** Gets the output of an asynchronous action, by `getAsyncActionResult`. */
  async getAsyncActionResult<Out = unknown>({
    id,
    statusUrl,
  }: {
    id?: string | undefined;
    statusUrl?: string | undefined;
  }): Promise<Out> {
    need(id || statusUrl, 'Either id or statusUrl must be provided');
    const input = statusUrl ? { statusUrl } : { id: id! };
    return dataOf((options) => getAsyncActionResult<Out>(this.#client, input, options));
  }

  /** Sends a request to a provider, by `proxy`. A status that is no success throws. */
  async proxy<T = any>(config: ProxyConfiguration): Promise<NangoResponse<T>> {
    const connectionId = config.connectionId || this.connectionId;
    const providerConfigKey = config.providerConfigKey || this.providerConfigKey;
    const input = { ...config, connectionId, providerConfigKey };
    need(typeof input.endpoint === 'string', 'endpoint is missing and is required to make a proxy call!');
    for (const name of ['providerConfigKey', 'connectionId'] as const) {
      need(input[name], `${name} is missing and is required to make a proxy call!`);
    }
    return callProxy(this.#client, input);
  }

  /** Sends a GET request to a provider. */
  async get<T = any>(config: ProxyConfiguration): Promise<NangoResponse<T>> {
    return this.proxy({ ...config, method: 'GET' });
  }

  /** Sends a POST request to a provider. */
  async post<T = any>(config: ProxyConfiguration): Promise<NangoResponse<T>> {
    return this.proxy({ ...config, method: 'POST' });
  }

  /** Sends a PUT request to a provider. */
  async put<T = any>(config: ProxyConfiguration): Promise<NangoResponse<T>> {
    return this.proxy({ ...config, method: 'PUT' });
  }

  /** Sends a PATCH request to a provider. */
  async patch<T = any>(config: ProxyConfiguration): Promise<NangoResponse<T>> {
    return this.proxy({ ...config, method: 'PATCH' });
  }

  /** Sends a DELETE request to a provider. */
  async delete<T = any>(config: ProxyConfiguration): Promise<NangoResponse<T>> {
    return this.proxy({ ...config, method: 'DELETE' });
  }

  /**
   * Verifies the signature that older versions of Nango sent alone, and gives true or false at once.
   *
   * @deprecated Whoever has seen a signature can extend it: `verifyIncomingWebhookRequest` checks a better one.
   * @param signatureInHeader The value of the header `X-Nango-Signature`.
   * @param jsonPayload The body, parsed.
   * @throws Error where the runtime has no synchronous cryptography, and TypeError where no signing key was given.
   */
  verifyWebhookSignature(signatureInHeader: string, jsonPayload: unknown): boolean {
    return verifySignature(signatureInHeader, jsonPayload, this.webhookSigningKey ?? this.secretKey);
  }

  /**
   * Verifies that a webhook was sent by Nango, and gives true or false at once.
   *
   * @param body The body as it came. A body that was parsed and written again is not what was signed.
   * @param headers The headers of the request, a `Headers` object or a record.
   * @throws Error where the runtime has no synchronous cryptography, and TypeError where the body is not raw or no
   * signing key was given.
   */
  verifyIncomingWebhookRequest(body: RawBody, headers: IncomingHeaders | Record<string, unknown>): boolean {
    return verifyRequest(body, headers as IncomingHeaders, this.webhookSigningKey ?? this.secretKey);
  }

  /** Creates a connect session, by `createConnectSession`. */
  async createConnectSession(sessionProps: CreateConnectSessionInput): Promise<{ data: CreatedConnectSession }> {
    return dataOf((options) => createConnectSession(this.#client, sessionProps, options));
  }

  /** Creates a connect session for a connection that is there, by `createReconnectSession`. */
  async createReconnectSession(sessionProps: CreateReconnectSessionInput): Promise<{ data: CreatedConnectSession }> {
    return dataOf((options) => createReconnectSession(this.#client, sessionProps, options));
  }
}

/** What both forms of `listConnections` know. */
interface ConnectionFilter extends Omit<GetPublicConnections['Querystring'], 'integrationId'> {
  userId?: string | undefined;
  integrationId?: string | string[] | undefined;
}

/** Names a variant of a sync. */
export interface SyncVariantProps {
  /** The id of the integration. */
  provider_config_key: string;
  /** The id of the connection. */
  connection_id: string;
  /** The name of the sync. */
  name: string;
  /** The variant. */
  variant: string;
}

function variantInput({ provider_config_key, connection_id, name, variant }: SyncVariantProps) {
  return { providerConfigKey: provider_config_key, connectionId: connection_id, name, variant };
}

function syncsInput(
  providerConfigKey: string,
  syncs: readonly SyncName[] | undefined,
  connectionId: string | undefined,
) {
  return { providerConfigKey, syncs: syncs?.length ? syncs : undefined, connectionId };
}

/** Gives what is not empty: what is was never sent. */
function given<T extends object>(input: T): T {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value)) as T;
}

/** Throws in the words of the official client, which callers may look for. */
function need(value: unknown, message: string): asserts value {
  if (!value) throw new TypeError(message);
}

function needMetadata(providerConfigKey: unknown, connectionId: unknown, metadata: unknown): void {
  need(providerConfigKey, 'Provider Config Key is required');
  need(connectionId, 'Connection Id is required');
  need(metadata, 'Metadata is required');
}

function needSyncs(providerConfigKey: unknown, syncs: unknown, rule = 'Syncs must be an array of strings.'): void {
  need(providerConfigKey, 'Provider Config Key is required');
  need(syncs, 'Sync is required');
  need(Array.isArray(syncs), `${rule} If it is a single sync, please wrap it in an array.`);
}
