// Integrations: a provider as it is set up in an environment, with the developer's own app where the provider needs
// one.

import type { Client, SessionClient } from '../client.ts';
import { object, required } from '../core/guards.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';

/** The developer's OAuth app. */
export interface OAuthAppCredentials {
  /** The kind of the credentials. */
  type: 'OAUTH1' | 'OAUTH2' | 'TBA';
  /** The id of the app, or null. */
  client_id: string | null;
  /** The secret of the app, or null. */
  client_secret: string | null;
  /** The scopes that users are asked for, joined by commas, or null. */
  scopes: string | null;
  /** The secret that the provider signs its webhooks with, or null. */
  webhook_secret: string | null;
}

/** The developer's app, as it is installed by users. */
export interface InstalledAppCredentials {
  /** The kind of the credentials. */
  type: 'APP';
  /** The id of the app, or null. */
  app_id: string | null;
  /** The private key of the app, or null. */
  private_key: string | null;
  /** The public link of the app, or null. */
  app_link: string | null;
}

/** The developer's app, as it is installed by users who also authorize themselves. */
export interface CustomAppCredentials {
  /** The kind of the credentials. */
  type: 'CUSTOM';
  /** The OAuth id of the app, or null. */
  client_id: string | null;
  /** The OAuth secret of the app, or null. */
  client_secret: string | null;
  /** The id of the app, or null. */
  app_id: string | null;
  /** The public link of the app, or null. */
  app_link: string | null;
  /** The private key of the app, or null. */
  private_key: string | null;
}

/** The developer's app, told apart by `type`. */
export type IntegrationCredentials = CustomAppCredentials | InstalledAppCredentials | OAuthAppCredentials;

/** The developer's OAuth app, as it is set. */
export interface OAuthAppCredentialsInput {
  /** The kind of the credentials. */
  type: 'OAUTH1' | 'OAUTH2' | 'TBA';
  /** The id of the app. */
  client_id: string;
  /** The secret of the app. */
  client_secret: string;
  /** The scopes to ask users for, joined by commas without spaces. */
  scopes?: string | undefined;
  /** The secret that the provider signs its webhooks with. */
  webhook_secret?: string | undefined;
}

/** The developer's app that users install, as it is set. */
export interface InstalledAppCredentialsInput {
  /** The kind of the credentials. */
  type: 'APP';
  /** The id of the app. */
  app_id: string;
  /** The public link of the app. */
  app_link: string;
  /** The private key of the app, an RSA key as PEM. */
  private_key: string;
}

/** The developer's app that users install and authorize, as it is set. */
export interface CustomAppCredentialsInput {
  /** The kind of the credentials. */
  type: 'CUSTOM';
  /** The OAuth id of the app. */
  client_id: string;
  /** The OAuth secret of the app. */
  client_secret: string;
  /** The id of the app. */
  app_id: string;
  /** The public link of the app. */
  app_link: string;
  /** The private key of the app. */
  private_key: string;
}

/** The developer's app, as it is set; its `type` has to be the `auth_mode` of the provider. */
export type IntegrationCredentialsInput =
  | CustomAppCredentialsInput
  | InstalledAppCredentialsInput
  | OAuthAppCredentialsInput;

/** An integration. */
export interface Integration {
  /** The id of the integration, called `providerConfigKey` elsewhere. */
  unique_key: string;
  /** The `name` of the provider. */
  provider: string;
  /** The name of the integration as people read it. */
  display_name: string;
  /** The URL of its logo. */
  logo: string;
  /** Whether webhooks of the provider are sent on to the environment's URLs. */
  forward_webhooks: boolean;
  /** When the integration was created, an ISO date. */
  created_at: string;
  /** When the integration changed last, an ISO date. */
  updated_at: string;
  /** Labels for the fields of the credentials, for example `{ apiKey: 'Token' }`. */
  credentials_label?: Record<string, string> | undefined;
  /** The names of the credentials that the developer has set for all connections. */
  preconfigured_credentials?: string[] | undefined;
  /**
   * The names of the settings that the developer has set for all connections.
   *
   * @experimental
   */
  preconfigured_connection_config?: string[] | undefined;
  /** Where the provider sends its webhooks; null where it sends none. There only when it was asked for. */
  webhook_url?: string | null | undefined;
  /**
   * The developer's app; null where the provider needs none. There only when it was asked for with an API key that has
   * the scope `environment:integrations:read_credentials`.
   */
  credentials?: IntegrationCredentials | null | undefined;
}

/** Names an integration. */
export interface IntegrationInput {
  /** The id of the integration, called `providerConfigKey` elsewhere. */
  uniqueKey: string;
}

/** What can be asked for with an integration. */
export type IntegrationInclude = 'credentials' | 'webhook';

/** What {@link getIntegration} takes. */
export interface GetIntegrationInput extends IntegrationInput {
  /** Adds `webhook_url`, `credentials`, or both. */
  include?: IntegrationInclude | readonly IntegrationInclude[] | undefined;
}

/** What {@link createQuickstartIntegration} takes. */
export interface CreateQuickstartIntegrationInput {
  /** The `name` of the provider. */
  provider: string;
  /** The id of the new integration: letters, digits, spaces and `~:.@_-`. */
  unique_key: string;
  /** The name of the integration as people read it. Defaults to that of the provider. */
  display_name?: string | undefined;
  /** Whether webhooks of the provider are sent on to the environment's URLs. Defaults to true. */
  forward_webhooks?: boolean | undefined;
}

/** What {@link createIntegration} takes. */
export interface CreateIntegrationInput extends CreateQuickstartIntegrationInput {
  /** The developer's app. Required where the provider needs one. */
  credentials?: IntegrationCredentialsInput | undefined;
  /** The fields that the provider lists in its `integration_config`. */
  integration_config?: Record<string, string> | undefined;
  /** Further settings, for providers without an `integration_config`. */
  custom?: Record<string, string> | undefined;
}

/** What {@link updateIntegration} takes. */
export interface UpdateIntegrationInput extends IntegrationInput {
  /** What to change. What is left out stays. */
  body: {
    /** A new id. Refused once the integration has connections. */
    unique_key?: string | undefined;
    /** The name of the integration as people read it. */
    display_name?: string | undefined;
    /** Whether webhooks of the provider are sent on to the environment's URLs. */
    forward_webhooks?: boolean | undefined;
    /** The developer's app. */
    credentials?: IntegrationCredentialsInput | undefined;
    /** The fields that the provider lists in its `integration_config`. */
    integration_config?: Record<string, string> | undefined;
    /** Further settings, for providers without an `integration_config`. */
    custom?: Record<string, string> | undefined;
  };
}

/**
 * Lists the integrations of the environment, or those that the connect session allows.
 *
 * `GET /integrations`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/integration/list
 */
export async function listIntegrations(
  client: Client | SessionClient,
  options?: RequestOptions,
): Promise<{ data: Integration[] }> {
  return send(client, 'GET /integrations', {}, options);
}

/**
 * Gets an integration.
 *
 * `GET /integrations/{uniqueKey}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/integration/get
 */
export async function getIntegration(
  client: Client,
  input: GetIntegrationInput,
  options?: RequestOptions,
): Promise<{ data: Integration }> {
  const { uniqueKey, include } = object(input, 'input');
  return send(client, 'GET /integrations/{uniqueKey}', { path: { uniqueKey }, query: { include } }, options);
}

/**
 * Creates an integration.
 *
 * `POST /integrations`
 *
 * @throws NangoApiError with the reason `invalid_body` also where the key is taken, or where the provider needs an app
 * and none is given.
 * @see https://nango.dev/docs/reference/backend/http-api/integration/create
 */
export async function createIntegration(
  client: Client,
  input: CreateIntegrationInput,
  options?: RequestOptions,
): Promise<{ data: Integration }> {
  return send(client, 'POST /integrations', { body: required(input, 'input', 'provider', 'unique_key') }, options);
}

/**
 * Creates an integration that uses Nango's own app, for trying a provider out. Not every provider has one.
 *
 * `POST /integrations/quickstart`
 */
export async function createQuickstartIntegration(
  client: Client,
  input: CreateQuickstartIntegrationInput,
  options?: RequestOptions,
): Promise<{ data: Integration }> {
  return send(
    client,
    'POST /integrations/quickstart',
    { body: required(input, 'input', 'provider', 'unique_key') },
    options,
  );
}

/**
 * Changes an integration.
 *
 * `PATCH /integrations/{uniqueKey}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/integration/update
 */
export async function updateIntegration(
  client: Client,
  input: UpdateIntegrationInput,
  options?: RequestOptions,
): Promise<{ data: Integration }> {
  const { uniqueKey, body } = object(input, 'input');
  const parts = { path: { uniqueKey }, body: object(body, 'body') };
  return send(client, 'PATCH /integrations/{uniqueKey}', parts, options);
}

/**
 * Deletes an integration with its connections, their records and its functions.
 *
 * `DELETE /integrations/{uniqueKey}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/integration/delete
 */
export async function deleteIntegration(
  client: Client,
  input: IntegrationInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  const { uniqueKey } = object(input, 'input');
  return send(client, 'DELETE /integrations/{uniqueKey}', { path: { uniqueKey } }, options);
}
