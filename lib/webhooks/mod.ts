// The entry `nango-fetch/webhooks`: what a server needs to receive Nango's webhooks. Named re-exports, nothing else.

export { verifyWebhook } from './verify.ts';
export type { RawBody, SigningKeys } from './verify.ts';
export { readWebhook, WebhookRefusedError } from './read.ts';
export type { ReadWebhookOptions, WebhookRefusalReason } from './read.ts';
export { createWebhookHandler } from './handler.ts';
export type {
  SignatureStore,
  WebhookHandler,
  WebhookHandlerOptions,
  WebhookListener,
  WebhookListeners,
} from './handler.ts';
export { toNodeListener } from './node.ts';
export type { NodeListener, NodeRequest, NodeResponse } from './node.ts';
export { toLambdaHandler } from './lambda.ts';
export type { LambdaEvent, LambdaResult } from './lambda.ts';
export { signWebhook } from './sign.ts';
export type { SignedWebhook } from './sign.ts';
export { recordsOf } from './records-of.ts';
export type {
  AsyncActionWebhook,
  AuthWebhook,
  Checkpoint,
  ConnectionEvent,
  ForwardWebhook,
  NangoWebhook,
  SyncWebhook,
  UnknownWebhook,
  WebhookError,
  WebhookEvent,
} from './events.ts';
