// The main entry: the client, every operation, and the fetches that compose with it. Named re-exports, nothing else.

export { createClient, createSessionClient } from './client.ts';
export type { Client, ClientOptions, Fetch, SessionClient, SessionClientOptions } from './client.ts';

export { isNangoError, NangoApiError, NangoError, NangoNetworkError, NangoParseError, NangoTimeoutError } from './errors.ts';
export type { NangoErrorCode, ValidationError } from './errors.ts';
export type { RequestOptions } from './send.ts';

export { withRetry } from './fetch/with-retry.ts';
export type { RetryOptions } from './fetch/with-retry.ts';

export { deleteConnection, getConnection, iterateConnections, listConnections } from './api/connections.ts';
export type {
  Connection,
  ConnectionConfig,
  ConnectionError,
  ConnectionInput,
  ConnectionListItem,
  EndUser,
  GetConnectionInput,
  ListConnectionsInput,
  ListConnectionsResult,
} from './api/connections.ts';
export type {
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
} from './api/credentials.ts';
export { iterateRecordPages, iterateRecords, listRecords, pruneAllRecords, pruneRecords } from './api/records.ts';
export type {
  IterateRecordsOptions,
  ListRecordsInput,
  ListRecordsResult,
  NangoRecord,
  PruneRecordsInput,
  PruneRecordsResult,
  RecordAction,
  RecordFilter,
  RecordMetadata,
  RecordsOfModel,
} from './api/records.ts';
export { verifyIncomingWebhookRequest } from './api/webhooks.ts';
export type { IncomingHeaders } from './api/webhooks.ts';
export type { RawBody } from './webhooks/verify.ts';
