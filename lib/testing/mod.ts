// nango-fetch/testing: a Nango in memory, as a fetch, to test against without a network, keys or mocks.

export { createEmulator } from './emulator.ts';
export type { Emulator } from './emulator.ts';
export type { Fault, FaultRule } from './server/faults.ts';
export { ActionError, ProviderError } from './state/functions.ts';
export type { ActionFunction, FunctionContext, SyncContext, SyncFunction } from './state/functions.ts';
export type { CatalogProvider, ProviderTemplate } from './state/providers.ts';
export type { RateLimitOptions } from './server/rate-limit.ts';
export type { Position, RecordCounts, RecordInput, RecordSelection, RecordTable, StoredRow } from './state/records.ts';
export type { EndUserInput } from '../api/connections.ts';
export type { AuthMode, ProviderField } from '../api/providers.ts';
export type { RecordAction } from '../api/records.ts';
export type { ProviderWebhook } from './state/events.ts';
export type {
  ActionSeed,
  ConnectionSeed,
  EmulatorSeed,
  EnvironmentSeed,
  EventFunctionSeed,
  FunctionSeed,
  KeySeed,
  RecordsSeed,
  RecordTarget,
  SyncSeed,
} from './seed.ts';
export type { ConnectionCompletion } from './state/sessions.ts';
export type {
  ConnectionProblem,
  IntegrationSeed,
  SessionDefaults,
  Store,
  StoredAction,
  StoredAgentSession,
  StoredConnection,
  StoredConnectSession,
  StoredEndUser,
  StoredEnvironment,
  StoredFunction,
  StoredIntegration,
  StoredJob,
  StoredKey,
  StoredSync,
  SyncJob,
} from './state/store.ts';
export type {
  SyncWebhookInput,
  WebhookAttempt,
  WebhookDelivery,
  WebhookOptions,
  Webhooks,
  WebhookSendOptions,
  WebhookSettings,
  WebhookTarget,
} from './state/webhooks.ts';
export type { LoggedRequest, WireRequest } from './server/request.ts';
export type {
  LoadFunction,
  ProviderFunction,
  RefreshFunction,
  SandboxFunction,
  ServerVersion,
} from './state/context.ts';
export type { Bytes } from './server/answer.ts';
