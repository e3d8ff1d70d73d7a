// nango-fetch/testing: a Nango in memory, as a fetch, to test against without a network, keys or mocks.

export { createEmulator, type Emulator } from './emulator.ts';
export type { Fault, FaultRule } from './faults.ts';
export {
  ActionError,
  type ActionFunction,
  type FunctionContext,
  ProviderError,
  type SyncContext,
  type SyncFunction,
} from './functions.ts';
export type { AuthMode, Provider, ProviderField, ProviderTemplate } from './providers.ts';
export type { RateLimitOptions } from './rate-limit.ts';
export type {
  Position,
  RecordAction,
  RecordChanges,
  RecordInput,
  RecordSelection,
  RecordTable,
} from './record-table.ts';
export type { EndUserInput } from './schemas.ts';
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
export type { ConnectionCompletion } from './sessions.ts';
export type {
  ConnectionProblem,
  ConnectSession,
  IntegrationInput,
  SessionDefaults,
  Store,
  StoredAction,
  StoredAgentSession,
  StoredConnection,
  StoredEndUser,
  StoredEnvironment,
  StoredFunction,
  StoredIntegration,
  StoredJob,
  StoredKey,
  StoredSync,
  SyncJob,
} from './store.ts';
export type {
  SyncWebhookInput,
  WebhookAttempt,
  WebhookDelivery,
  WebhookOptions,
  Webhooks,
  WebhookSendOptions,
  WebhookSettings,
  WebhookTarget,
} from './webhooks.ts';
export type { LoggedRequest, WireRequest } from './wire.ts';
export type { LoadFunction, ProviderFunction, RefreshFunction, SandboxFunction, ServerVersion } from './world.ts';
export type { Bytes } from './answer.ts';
