// Environments: their variables, their webhook signing key, and, for API keys of an account, the environments and their
// API keys.

import type { Client } from '../client.ts';
import { object, required } from '../core/guards.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';

/** A variable of the environment. */
export interface EnvironmentVariable {
  /** The name of the variable. */
  name: string;
  /** Its value, a secret. */
  value: string;
}

/** A new signing key. */
export interface WebhookSigningKey {
  /** The key that webhooks are signed with from now on, a secret. */
  webhook_signing_key: string;
}

/** An environment. */
export interface Environment {
  /** An internal number, which servers up to 0.71.4 delete it by. */
  id: number;
  /** The id of the environment; servers up to 0.71.4 give none. */
  uuid?: string | undefined;
  /** The name of the environment. */
  name: string;
  /** Whether it is for production. Only lists tell. */
  is_production?: boolean | undefined;
}

/** What {@link listEnvironments} takes. */
export interface ListEnvironmentsInput {
  /** Gives only the environment with this name. */
  name?: string | undefined;
}

/** What {@link createEnvironment} takes. */
export interface CreateEnvironmentInput {
  /** The name of the environment: lower-case letters, digits, `_` and `-`. */
  name: string;
  /** Whether it is for production. Needs the scope `account:environments:set_production`. */
  is_production?: boolean | undefined;
  /** Where providers send users back to. Defaults to Nango's own URL. */
  callback_url?: string | undefined;
  /** The key that frontends sign connection ids with. */
  hmac_key?: string | undefined;
  /** Whether they have to. */
  hmac_enabled?: boolean | undefined;
  /** Whether failures are told on Slack. */
  slack_notifications?: boolean | undefined;
  /** Where traces are sent. */
  otlp_endpoint?: string | undefined;
  /** Headers to send with traces. */
  otlp_headers?: readonly { name: string; value: string }[] | undefined;
}

/** What {@link deleteEnvironment} takes. */
export interface DeleteEnvironmentInput {
  /** The `uuid` of the environment, or its `id` where the server is not newer than 0.71.4. */
  environmentUuid: string | number;
}

/** An API key of an environment, without its secret. */
export interface ApiKeySummary {
  /** An internal number. */
  id: number;
  /** The id of the key. */
  uuid: string;
  /** The name of the key. */
  display_name: string;
  /** What it may do, for example `environment:connections:read`. A star at the end stands for anything. */
  scopes: string[];
  /** When it was used last, an ISO date, or null. */
  last_used_at: string | null;
  /** When it was created, an ISO date. */
  created_at: string;
}

/** An API key of an environment. */
export interface ApiKey extends ApiKeySummary {
  /** The key itself. */
  secret: string;
}

/** An API key that has just been created. */
export type CreatedApiKey = Omit<ApiKey, 'last_used_at'>;

/** Names an environment. */
export interface EnvironmentInput {
  /** The `uuid` of the environment. */
  environmentUuid: string;
}

/** What {@link listApiKeys} takes. */
export interface ListApiKeysInput extends EnvironmentInput {
  /** Gives only the key with this name. */
  displayName?: string | undefined;
}

/** What {@link createApiKey} takes. */
export interface CreateApiKeyInput extends EnvironmentInput {
  /** The key to create. Its name, of up to 255 characters, is unique within the environment. */
  body: { display_name: string };
}

/** Names an API key. */
export interface ApiKeyInput extends EnvironmentInput {
  /** The `uuid` of the key. */
  keyUuid: string;
}

/**
 * Lists the variables of the environment.
 *
 * `GET /environment-variables`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/sync/environment-variables
 */
export async function getEnvironmentVariables(
  client: Client,
  options?: RequestOptions,
): Promise<EnvironmentVariable[]> {
  return send(client, 'GET /environment-variables', {}, options);
}

/**
 * Replaces the webhook signing key of the environment. Webhooks are signed with the new key at once, so receivers are
 * to know both while it is replaced.
 *
 * `POST /environment/webhook-signing-key/rotate`
 */
export async function rotateWebhookSigningKey(
  client: Client,
  options?: RequestOptions,
): Promise<{ data: WebhookSigningKey }> {
  return send(client, 'POST /environment/webhook-signing-key/rotate', {}, options);
}

/**
 * Lists the environments of the account. It takes an API key of the account.
 *
 * `GET /environments`
 *
 * @experimental
 */
export async function listEnvironments(
  client: Client,
  input: ListEnvironmentsInput = {},
  options?: RequestOptions,
): Promise<{ data: Environment[] }> {
  const { name } = object(input, 'input');
  return send(client, 'GET /environments', { query: { name } }, options);
}

/**
 * Creates an environment. It takes an API key of the account.
 *
 * `POST /environments`
 *
 * @throws NangoApiError with the reason `conflict` where the name is taken, `resource_capped` at the limit of the plan.
 * @see https://nango.dev/docs/reference/backend/http-api/environments/create
 */
export async function createEnvironment(
  client: Client,
  input: CreateEnvironmentInput,
  options?: RequestOptions,
): Promise<{ data: Environment }> {
  return send(client, 'POST /environments', { body: required(input, 'input', 'name') }, options);
}

/**
 * Deletes an environment with all that is in it, unless it is `prod`. It takes an API key of the account.
 *
 * `DELETE /environments/{environmentUuid}`
 *
 * @throws NangoApiError with the reason `cannot_delete_prod_environment` where it is `prod`.
 * @see https://nango.dev/docs/reference/backend/http-api/environments/delete
 */
export async function deleteEnvironment(
  client: Client,
  input: DeleteEnvironmentInput,
  options?: RequestOptions,
): Promise<void> {
  const { environmentUuid: uuid } = object(input, 'input');
  const environmentUuid = Number.isInteger(uuid) ? `${uuid}` : uuid;
  return send(client, 'DELETE /environments/{environmentUuid}', { path: { environmentUuid } }, options);
}

/**
 * Creates an API key that may do everything in an environment. It takes an API key of the account.
 *
 * `POST /environments/{environmentUuid}/api-keys`
 *
 * @throws NangoApiError with the reason `conflict` where the name is taken, `resource_capped` where there are 50 keys.
 * @experimental
 * @see https://nango.dev/docs/reference/backend/http-api/environments/create-api-key
 */
export async function createApiKey(
  client: Client,
  input: CreateApiKeyInput,
  options?: RequestOptions,
): Promise<{ data: CreatedApiKey }> {
  const { environmentUuid, body } = object(input, 'input');
  const parts = { path: { environmentUuid }, body: required(body, 'body', 'display_name') };
  return send(client, 'POST /environments/{environmentUuid}/api-keys', parts, options);
}

/**
 * Lists the API keys of an environment, without their secrets. It takes an API key of the account.
 *
 * `GET /environments/{environmentUuid}/api-keys`
 *
 * @experimental
 */
export async function listApiKeys(
  client: Client,
  input: ListApiKeysInput,
  options?: RequestOptions,
): Promise<{ data: ApiKeySummary[] }> {
  const { environmentUuid, displayName } = object(input, 'input');
  const parts = { path: { environmentUuid }, query: { display_name: displayName } };
  return send(client, 'GET /environments/{environmentUuid}/api-keys', parts, options);
}

/**
 * Gets an API key with its secret. It takes an API key of the account.
 *
 * `GET /environments/{environmentUuid}/api-keys/{keyUuid}`
 *
 * @experimental
 */
export async function getApiKey(
  client: Client,
  input: ApiKeyInput,
  options?: RequestOptions,
): Promise<{ data: ApiKey }> {
  const { environmentUuid, keyUuid } = object(input, 'input');
  const path = { environmentUuid, keyUuid };
  return send(client, 'GET /environments/{environmentUuid}/api-keys/{keyUuid}', { path }, options);
}

/**
 * Deletes an API key. It takes an API key of the account.
 *
 * `DELETE /environments/{environmentUuid}/api-keys/{keyUuid}`
 *
 * @experimental
 * @see https://nango.dev/docs/reference/backend/http-api/environments/delete-api-key
 */
export async function deleteApiKey(
  client: Client,
  input: ApiKeyInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  const { environmentUuid, keyUuid } = object(input, 'input');
  const path = { environmentUuid, keyUuid };
  return send(client, 'DELETE /environments/{environmentUuid}/api-keys/{keyUuid}', { path }, options);
}
