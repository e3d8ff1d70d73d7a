// The main entry: the client, every operation, and the fetches that compose with it. Named re-exports, nothing else.

export { createClient, createSessionClient } from './client.ts';
export type { Client, ClientOptions, SessionClient, SessionClientOptions } from './client.ts';
export type { BaseClient, Fetch, FetchInit, FetchResponse, PlatformFetch, RequestOptions } from './core/types.ts';
export type {
  ActionInput,
  ActionInputMember,
  ActionName,
  ActionOutput,
  AnyFunctions,
  ConnectionMetadata,
  IntegrationName,
  MetadataToSet,
  MetadataToUpdate,
  ModelName,
  RecordOf,
  SyncName,
} from './core/functions.ts';
export {
  isNangoError,
  NangoApiError,
  NangoError,
  NangoNetworkError,
  NangoParseError,
  NangoTimeoutError,
} from './errors.ts';
export type { NangoErrorCode, ValidationError } from './errors.ts';
export type { CallEvent, FailureEvent, ResponseEvent, RetryEvent, WaitEvent } from './fetch/events.ts';
export { withHooks } from './fetch/with-hooks.ts';
export type { HooksOptions } from './fetch/with-hooks.ts';
export { withRateLimit } from './fetch/with-rate-limit.ts';
export type { RateLimitOptions } from './fetch/with-rate-limit.ts';
export { withRetry } from './fetch/with-retry.ts';
export type { RetryOptions } from './fetch/with-retry.ts';
export { getAsyncActionResult, triggerAction, triggerActionAsync, waitForAction } from './api/actions.ts';
export type {
  AsyncActionHandle,
  AsyncActionInput,
  TriggerActionAsyncInput,
  TriggerActionInput,
  WaitForActionInput,
} from './api/actions.ts';
export { callAgentSessionMcp, callConnectionMcp, createAgentSession, deleteAgentSession } from './api/agents.ts';
export type {
  AgentMetaTools,
  AgentSession,
  AgentSessionInput,
  CallAgentSessionMcpInput,
  CallConnectionMcpInput,
  CreateAgentSessionInput,
  EndedAgentSession,
  JsonRpcMessage,
  McpBody,
  ToolFilter,
  ToolNames,
} from './api/agents.ts';
export {
  authorizeApiKey,
  authorizeAwsSigV4,
  authorizeBasic,
  authorizeBill,
  authorizeJwt,
  authorizeOAuth2ClientCredentials,
  authorizeOAuthOutbound,
  authorizeSignature,
  authorizeTba,
  authorizeTwoStep,
  authorizeUnauthenticated,
} from './api/authorize.ts';
export type {
  AuthorizeInput,
  AuthorizeResult,
  AuthorizeWithInput,
  OAuth2ClientInput,
  TbaInput,
} from './api/authorize.ts';
export {
  createConnectSession,
  createReconnectSession,
  deleteConnectSession,
  getConnectSession,
} from './api/connect.ts';
export type {
  ConnectSession,
  CreateConnectSessionInput,
  CreatedConnectSession,
  CreateReconnectSessionInput,
  IntegrationDefaults,
  SessionDetails,
  SessionTags,
} from './api/connect.ts';
export {
  createConnection,
  deleteConnection,
  getConnection,
  getMetadata,
  getRawTokenResponse,
  getToken,
  iterateConnections,
  listConnections,
  patchConnection,
  setMetadata,
  updateMetadata,
  waitForConnection,
} from './api/connections.ts';
export type {
  Connection,
  ConnectionConfig,
  ConnectionDetails,
  ConnectionError,
  ConnectionInput,
  ConnectionListItem,
  ConnectionSummary,
  CreateConnectionInput,
  EndUser,
  EndUserInput,
  GetConnectionInput,
  ListConnectionsInput,
  ListConnectionsResult,
  OAuth1Token,
  PatchConnectionInput,
  SetMetadataInput,
  SetMetadataResult,
  TokenOf,
  WaitForConnectionInput,
} from './api/connections.ts';
export { consumeRecords } from './api/consume-records.ts';
export type { ConsumeProgress, ConsumeRecordsInput, CursorStore, RecordChanges } from './api/consume-records.ts';
export type {
  ApiKeyCredentials,
  AppCredentials,
  AppCredentialsInput,
  AwsSigV4Credentials,
  BasicCredentials,
  BillCredentials,
  ClientOverride,
  Credentials,
  CredentialsInput,
  CustomCredentials,
  ExpiringCredentials,
  JwtCredentials,
  NoCredentials,
  NoCredentialsInput,
  OAuth1Credentials,
  OAuth1CredentialsInput,
  OAuth2ClientCredentials,
  OAuth2ClientCredentialsInput,
  OAuth2Credentials,
  OAuth2CredentialsInput,
  ProviderAnswer,
  SignatureCredentials,
  TbaCredentials,
  TwoStepCredentials,
} from './api/credentials.ts';
export {
  compileFunction,
  createFunctionDeployment,
  createFunctionDryrun,
  deployFunctionBundle,
  getFunctionDeployment,
  getFunctionDryrun,
  getFunctionInvocation,
  invokeFunction,
  previewFunctionBundle,
} from './api/deployments.ts';
export type {
  BundledFunction,
  BundledFunctionDebounce,
  BundledFunctionKey,
  BundledFunctionReference,
  BundledFunctionTrigger,
  CompiledFunction,
  CompileFunctionInput,
  CreateFunctionDeploymentInput,
  CreateFunctionDryrunInput,
  DeployCodeInput,
  DeployTemplateInput,
  FunctionBundle,
  FunctionBundleChanges,
  FunctionDeployment,
  FunctionDryrun,
  FunctionInvocation,
  FunctionJob,
  FunctionJobDetails,
  FunctionJobError,
  FunctionJobInput,
  FunctionJobStatus,
  InvokeFunctionInput,
} from './api/deployments.ts';
export {
  createApiKey,
  createEnvironment,
  deleteApiKey,
  deleteEnvironment,
  getApiKey,
  getEnvironmentVariables,
  listApiKeys,
  listEnvironments,
  rotateWebhookSigningKey,
} from './api/environments.ts';
export type {
  ApiKey,
  ApiKeyInput,
  ApiKeySummary,
  CreateApiKeyInput,
  CreatedApiKey,
  CreateEnvironmentInput,
  DeleteEnvironmentInput,
  Environment,
  EnvironmentInput,
  EnvironmentVariable,
  ListApiKeysInput,
  ListEnvironmentsInput,
  WebhookSigningKey,
} from './api/environments.ts';
export {
  deleteFunction,
  getFunction,
  getFunctionCode,
  getScriptsConfig,
  iterateFunctions,
  listFunctions,
} from './api/functions.ts';
export type {
  DeleteFunctionInput,
  Deployed,
  DeployedAction,
  DeployedEventHandler,
  DeployedFunction,
  DeployedSync,
  FunctionCode,
  FunctionInput,
  FunctionSource,
  FunctionType,
  GetScriptsConfigInput,
  ListFunctionsInput,
  ListFunctionsResult,
  OpenAIFunction,
  OpenAIScriptsConfig,
  ScriptsConfig,
  ScriptsConfigAction,
  ScriptsConfigSync,
  ScriptSummary,
} from './api/functions.ts';
export {
  createIntegration,
  createQuickstartIntegration,
  deleteIntegration,
  getIntegration,
  listIntegrations,
  updateIntegration,
} from './api/integrations.ts';
export type {
  CreateIntegrationInput,
  CreateQuickstartIntegrationInput,
  CustomAppCredentials,
  CustomAppCredentialsInput,
  GetIntegrationInput,
  InstalledAppCredentials,
  InstalledAppCredentialsInput,
  Integration,
  IntegrationCredentials,
  IntegrationCredentialsInput,
  IntegrationInclude,
  IntegrationInput,
  OAuthAppCredentials,
  OAuthAppCredentialsInput,
  UpdateIntegrationInput,
} from './api/integrations.ts';
export { iterateRecordPages, iterateRecords } from './api/iterate-records.ts';
export type { IterateRecordsOptions } from './api/iterate-records.ts';
export { getProvider, getProviderTemplates, listProviders } from './api/providers.ts';
export type {
  ActionTemplate,
  AuthMode,
  FunctionTemplate,
  ListProvidersInput,
  Provider,
  ProviderField,
  ProviderInput,
  ProviderPagination,
  ProviderProxy,
  SyncTemplate,
  TemplateSummary,
} from './api/providers.ts';
export { createProxyFetch, proxy } from './api/proxy.ts';
export type { ProxyBody, ProxyFetchInput, ProxyInput, ProxyJson, ProxyParam, ProxyParams } from './api/proxy.ts';
export { listRecords, pruneAllRecords, pruneRecords } from './api/records.ts';
export type {
  ListRecordsInput,
  ListRecordsResult,
  NangoRecord,
  PruneRecordsInput,
  PruneRecordsResult,
  RecordAction,
  RecordFilter,
  RecordMetadata,
  RecordsOf,
  RecordsOfModel,
} from './api/records.ts';
export { streamRecords } from './api/stream-records.ts';
export {
  createSyncVariant,
  deleteSyncVariant,
  pauseSync,
  startSync,
  syncStatus,
  triggerSync,
  updateSyncConnectionFrequency,
} from './api/syncs.ts';
export type {
  SyncReference,
  SyncsInput,
  SyncState,
  SyncStatus,
  SyncStatusInput,
  SyncVariant,
  SyncVariantInput,
  TriggerSyncInput,
  TriggerSyncOptions,
  UpdateSyncConnectionFrequencyInput,
} from './api/syncs.ts';
export { verifyIncomingWebhookRequest } from './api/webhooks.ts';
export type { IncomingHeaders } from './api/webhooks.ts';
export { recordsOf } from './webhooks/records-of.ts';
export type { RawBody } from './webhooks/verify.ts';
