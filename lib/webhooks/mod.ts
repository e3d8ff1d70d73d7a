// The entry `nango-fetch/webhooks`: what a server needs to receive Nango's webhooks. Named re-exports, nothing else.

export { verifyWebhook } from './verify.ts';
export type { RawBody } from './verify.ts';
export type {
  AsyncActionWebhook,
  AuthWebhook,
  Checkpoint,
  ConnectionEvent,
  ForwardWebhook,
  NangoWebhook,
  SyncWebhook,
  WebhookError,
} from './events.ts';
