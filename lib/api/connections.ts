// Connections: an end user's access to an integration, with its credentials, tags and metadata.

import type { ConnectionMetadata, IntegrationName, MetadataToSet, MetadataToUpdate } from '../core/functions.ts';
import type { Client } from '../client.ts';
import { NangoApiError, NangoError } from '../errors.ts';
import { check, id, list, noOthers, object, required } from '../core/guards.ts';
import { poll } from '../core/poll.ts';
import { bracketed, joined } from '../core/request.ts';
import type { RequestParts } from '../core/request.ts';
import { expect, send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';
import type { Credentials, CredentialsInput, NoCredentials } from './credentials.ts';

/** Names a connection. */
export interface ConnectionInput<Integration extends string = string> {
  /** The id of the integration. */
  providerConfigKey: Integration;
  /** The id of the connection. */
  connectionId: string;
}

/** The end user of a connection. Newer connections carry tags instead. */
export interface EndUser {
  /** The id of the end user in your application. */
  id: string;
  /** The name of the end user as people read it, or null. */
  display_name: string | null;
  /** The email address of the end user, or null. */
  email: string | null;
  /** Tags of the end user, or null. */
  tags: Record<string, string> | null;
  /** The organization of the end user, or null. */
  organization: { id: string; display_name: string | null } | null;
}

/** A problem that a connection has now. */
export interface ConnectionError {
  /** What failed. */
  type: 'auth' | 'sync' | (string & {});
  /** The id of the log entry in the dashboard. */
  log_id: string;
}

/** What the list and the connection itself have in common. */
export interface ConnectionSummary {
  /** An internal number, unrelated to `connection_id`. */
  id: number;
  /** The id of the connection. */
  connection_id: string;
  /** The id of the integration. */
  provider_config_key: string;
  /** The provider of the integration, for example `github`. */
  provider: string;
  /** The problems that the connection has now. */
  errors: ConnectionError[];
  /** Null for connections that have tags only. */
  end_user: EndUser | null;
  /** Tags, their keys in lower case. */
  tags: Record<string, string>;
  /** Data of your own that is kept with the connection, or null. */
  metadata: Record<string, unknown> | null;
}

/** A connection in a list, without its credentials. */
export interface ConnectionListItem extends ConnectionSummary {
  /** When the connection was created, an ISO date. */
  created: string;
}

/** Settings of a connection that the provider's URLs and flows need. */
export interface ConnectionConfig {
  /** The scopes that were asked for instead of those of the integration. */
  oauth_scopes_override?: string[] | undefined;
  /** The scopes that were granted. */
  oauth_scopes?: string | undefined;
  /** Parameters of the URL where the user authorized. */
  authorization_params?: Record<string, string> | undefined;
  /** What else was set, by the provider or for it. */
  [setting: string]: unknown;
}

/** A connection with its credentials. */
export interface Connection extends ConnectionSummary {
  /** Settings that the provider's URLs and flows need. */
  connection_config: ConnectionConfig;
  /** Where webhooks of this connection go instead of the environment's URLs. */
  webhook_url_override: string | null;
  /** When the connection was created, an ISO date. */
  created_at: string;
  /** When the connection changed last, an ISO date. */
  updated_at: string;
  /** When its credentials were asked for last, an ISO date. */
  last_fetched_at: string | null;
  /** The credentials; empty where the API key lacks the scope `environment:connections:read_credentials`. */
  credentials: Credentials | NoCredentials;
}

/** What {@link listConnections} takes. */
export interface ListConnectionsInput {
  /** Gives only the connection with this id, of any integration. */
  connectionId?: string | undefined;
  /** Gives only connections whose id, or whose end user's name or email address, contains this. */
  search?: string | undefined;
  /** Gives only connections of this legacy end user. Connections that have tags only never match: use `tags`. */
  userId?: string | undefined;
  /** Gives only connections of this legacy organization. */
  endUserOrganizationId?: string | undefined;
  /** Gives only connections of these integrations. */
  integrationId?: string | readonly string[] | undefined;
  /** Gives only connections that have all these tags. Keys are compared in lower case. */
  tags?: Readonly<Record<string, string>> | undefined;
  /** How many connections a page holds, from 1 to 2,000. The server gives up to 10,000 where it is left out. */
  limit?: number | undefined;
  /** The page, counted from 0. */
  page?: number | undefined;
}

/** A page of connections. */
export interface ListConnectionsResult {
  /** The connections, the newest first. */
  connections: ConnectionListItem[];
}

/**
 * Lists one page of connections without their credentials, the newest first.
 *
 * `GET /connections`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/list
 */
export async function listConnections(
  client: Client,
  input: ListConnectionsInput = {},
  options?: RequestOptions,
): Promise<ListConnectionsResult> {
  const { connectionId, search, userId, endUserOrganizationId, integrationId, tags, limit, page, ...others } = object(
    input,
    'input',
  );
  noOthers(others, 'input');
  const query = {
    connectionId,
    search,
    endUserOrganizationId,
    // The server splits at commas, and refuses a repeated parameter.
    integrationId: joined(integrationId, 'integrationId'),
    limit,
    page,
    ...bracketed(tags, 'tags'),
    endUserId: userId,
  };
  return send(client, 'GET /connections', { query }, options);
}

/**
 * Iterates over connections without their credentials, the newest first, until there are no more. Pages hold 1,000
 * connections unless `limit` says otherwise. Each connection is given once, also where new ones shift the pages.
 *
 * `GET /connections`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/list
 */
export async function* iterateConnections(
  client: Client,
  input: Omit<ListConnectionsInput, 'page'> = {},
  options?: RequestOptions,
): AsyncGenerator<ConnectionListItem, void, undefined> {
  const { limit = 1000 } = object(input, 'input');
  const seen = new Set<number>();
  for (let page = 0;; page++) {
    const { connections } = whole(await listConnections(client, { ...input, limit, page }, options));
    for (const connection of connections) {
      if (!seen.has(connection?.id)) yield connection;
      seen.add(connection?.id);
    }
    if (connections.length < limit) return;
  }
}

/** Gives a page back that has connections. */
function whole(page: ListConnectionsResult): ListConnectionsResult {
  expect(Array.isArray(page?.connections), 'GET /connections', 'a page without connections');
  return page;
}

/** What {@link getConnection} takes. */
export interface GetConnectionInput extends ConnectionInput {
  /**
   * Refreshes the credentials even where they are still valid. Defaults to false: only within 15 minutes of their end.
   */
  forceRefresh?: boolean | undefined;
  /** Includes refresh tokens. Defaults to false. */
  refreshToken?: boolean | undefined;
  /** Refreshes the JWT of a GitHub App. Defaults to false. */
  refreshGithubAppJwtToken?: boolean | undefined;
}

/**
 * Gets a connection with its credentials, refreshed where they are close to their end.
 *
 * `GET /connections/{connectionId}`
 *
 * @throws NangoApiError with the reason `invalid_credentials` where the refresh fails; `payload` then holds the
 * connection without its credentials, and a refresh is tried again after 30 seconds at the earliest.
 * @see https://nango.dev/docs/reference/backend/http-api/connections/get
 */
export async function getConnection(
  client: Client,
  input: GetConnectionInput,
  options?: RequestOptions,
): Promise<Connection> {
  const { path, query } = connectionParts(input);
  const refresh = {
    force_refresh: input.forceRefresh,
    refresh_token: input.refreshToken,
    refresh_github_app_jwt_token: input.refreshGithubAppJwtToken,
  };
  return send(client, 'GET /connections/{connectionId}', { path, query: { ...query, ...refresh } }, options);
}

/** Names a connection in the path and the query. */
function connectionParts(input: ConnectionInput): RequestParts {
  const { providerConfigKey, connectionId } = object(input, 'input');
  return { path: { connectionId }, query: { provider_config_key: id(providerConfigKey, 'providerConfigKey') } };
}

/**
 * Deletes a connection with its credentials and records.
 *
 * `DELETE /connections/{connectionId}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/delete
 */
export async function deleteConnection(
  client: Client,
  input: ConnectionInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  return send(client, 'DELETE /connections/{connectionId}', connectionParts(input), options);
}

/** An end user, as it is set. Tags replace end users in newer versions of the API. */
export interface EndUserInput {
  /** The id of the end user in your application. */
  id: string;
  /** The email address of the end user. */
  email?: string | undefined;
  /** The name of the end user as people read it. */
  display_name?: string | undefined;
  /** Tags of the end user, at most 10. */
  tags?: Readonly<Record<string, string>> | undefined;
}

/** What can be set when a connection is created, and changed later. */
export interface ConnectionDetails {
  /** Tags, at most 10: keys of up to 64 characters, which are kept in lower case, and values of 1 to 255. */
  tags?: Readonly<Record<string, string>> | undefined;
  /**
   * The end user, whose details become tags as well.
   *
   * @deprecated Newer connections carry tags instead.
   */
  end_user?: EndUserInput | undefined;
  /** Where webhooks of the connection go instead of the environment's URLs; an empty string for those again. */
  webhook_url_override?: string | undefined;
}

/** What {@link createConnection} takes. */
export interface CreateConnectionInput extends ConnectionDetails {
  /** The id of the integration. */
  provider_config_key: string;
  /** The id of the connection. Defaults to a new UUID. */
  connection_id?: string | undefined;
  /** The credentials, of the type that the provider works with. */
  credentials: CredentialsInput;
  /** Data of your own to keep with the connection. */
  metadata?: object | undefined;
  /** Settings that the provider's URLs and flows need. */
  connection_config?: { oauth_scopes_override?: readonly string[] | undefined; [setting: string]: unknown } | undefined;
}

/**
 * Creates a connection from credentials that you already hold. It replaces a connection that has the same id, its tags
 * and metadata included.
 *
 * `POST /connections`
 *
 * @throws NangoApiError with the reason `connection_test_failed` where the provider refuses the credentials.
 * @see https://nango.dev/docs/reference/backend/http-api/connections/post
 */
export async function createConnection(
  client: Client,
  input: CreateConnectionInput,
  options?: RequestOptions,
): Promise<Connection> {
  const body = required(input, 'input', 'provider_config_key', 'credentials');
  // The server takes any id here, but no other operation could name a connection whose id is not ASCII.
  if (input.connection_id !== undefined) id(input.connection_id, 'connection_id');
  return send(client, 'POST /connections', { body }, options);
}

/** What {@link patchConnection} takes. */
export interface PatchConnectionInput extends ConnectionInput {
  /** What to change. What is left out stays; `tags` and `end_user` replace all tags there are. */
  body: ConnectionDetails;
}

/**
 * Changes the tags, the end user or the webhook URL of a connection.
 *
 * `PATCH /connections/{connectionId}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/patch
 */
export async function patchConnection(
  client: Client,
  input: PatchConnectionInput,
  options?: RequestOptions,
): Promise<{ success: boolean }> {
  const parts = { ...connectionParts(input), body: object(input.body, 'body') };
  return send(client, 'PATCH /connections/{connectionId}', parts, options);
}

/**
 * Gets the metadata of a connection, null where it has none. Metadata does not depend on credentials, so it is given
 * also where a refresh of those has failed.
 *
 * `GET /connections/{connectionId}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/get
 */
export async function getMetadata<
  T extends object = {},
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
>(
  client: Client<F>,
  input: ConnectionInput<K>,
  options?: RequestOptions,
): Promise<(T & ConnectionMetadata<F, K>) | null> {
  let connection: Connection;
  try {
    connection = await getConnection(client as Client, input, options);
  } catch (error) {
    // Where credentials cannot be refreshed, the error brings the rest of the connection.
    const payload = error instanceof NangoApiError && (error.payload as { connection?: Connection } | undefined);
    if (!payload || !payload.connection) throw error;
    connection = payload.connection;
  }
  expect(connection?.metadata !== undefined, 'GET /connections/{connectionId}', 'a connection without metadata');
  return connection.metadata as (T & ConnectionMetadata<F, K>) | null;
}

/** What {@link setMetadata} and {@link updateMetadata} take. */
export interface SetMetadataInput<
  T extends object = Record<string, unknown>,
  Integration extends string = string,
> {
  /** The id of the integration. */
  providerConfigKey: Integration;
  /** The id of the connection, or of several. Where one of them is unknown, none is changed. */
  connectionId: string | readonly string[];
  /** The metadata, an object. */
  metadata: T;
}

/** What was sent: after an update it is not all the metadata that there is. */
export interface SetMetadataResult<T extends object = Record<string, unknown>> {
  /** The id of the connection, or of several. */
  connection_id: string | string[];
  /** The id of the integration. */
  provider_config_key: string;
  /** The metadata as it was sent. */
  metadata: T;
}

/**
 * Replaces the metadata of one or several connections of an integration.
 *
 * `POST /connections/metadata`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/set-metadata
 */
export async function setMetadata<T extends object, F = unknown, K extends IntegrationName<F> = IntegrationName<F>>(
  client: Client<F>,
  input: SetMetadataInput<MetadataToSet<T, F, K>, K>,
  options?: RequestOptions,
): Promise<SetMetadataResult<MetadataToSet<T, F, K>>> {
  return send(client, 'POST /connections/metadata', { body: metadataBody(input) }, options);
}

/**
 * Merges members into the metadata of one or several connections of an integration, at the top level only.
 *
 * `PATCH /connections/metadata`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connections/update-metadata
 */
export async function updateMetadata<T extends object, F = unknown, K extends IntegrationName<F> = IntegrationName<F>>(
  client: Client<F>,
  input: SetMetadataInput<MetadataToUpdate<T, F, K>, K>,
  options?: RequestOptions,
): Promise<SetMetadataResult<MetadataToUpdate<T, F, K>>> {
  return send(client, 'PATCH /connections/metadata', { body: metadataBody(input) }, options);
}

function metadataBody(input: SetMetadataInput<object>): object {
  const { providerConfigKey, connectionId, metadata } = object(input, 'input');
  for (const each of list([connectionId].flat(), 'connectionId')) id(each, 'connectionId');
  return {
    provider_config_key: id(providerConfigKey, 'providerConfigKey'),
    connection_id: connectionId,
    metadata: object(metadata, 'metadata'),
  };
}

/** A token of OAuth 1 and its secret. */
export interface OAuth1Token {
  /** The token. */
  oAuthToken: string;
  /** The secret of the token. */
  oAuthTokenSecret: string;
}

/** What {@link getToken} gives for credentials: a token where they have one. */
export type TokenOf<C extends Credentials> = C extends { type: 'OAUTH1' } ? OAuth1Token
  : C extends { type: 'APP' | 'OAUTH2' | 'OAUTH2_CC' } ? string
  : C extends { type: 'BILL' | 'JWT' | 'SIGNATURE' | 'TWO_STEP' } ? string | C
  : C;

/**
 * Gets what requests to the provider are authorized with, refreshed where it is close to its end: the token of OAUTH2,
 * OAUTH2_CC, APP, JWT, SIGNATURE and TWO_STEP credentials, the session id of BILL, the pair of OAUTH1, and all other
 * credentials as they are.
 *
 * `GET /connections/{connectionId}`
 *
 * @example
 * ```ts
 * import { createClient, getToken } from 'nango-fetch';
 * import type { OAuth2Credentials } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const token = await getToken<OAuth2Credentials>(client, { providerConfigKey: 'github', connectionId: 'c-1' });
 * const response = await fetch('https://api.github.com/user', { headers: { authorization: `Bearer ${token}` } });
 * ```
 *
 * @typeParam C The credentials that the provider works with, where they are known.
 * @throws NangoError with the code `no_credentials` where the API gives none: the key lacks the scope
 * `environment:connections:read_credentials`, or the provider works without.
 * @see https://nango.dev/docs/reference/backend/http-api/connections/get
 */
export async function getToken<C extends Credentials = Credentials>(
  client: Client,
  input: GetConnectionInput,
  options?: RequestOptions,
): Promise<TokenOf<C>> {
  const credentials = await getCredentials(client, input, options);
  if (credentials.type === 'OAUTH1') {
    const { oauth_token: oAuthToken, oauth_token_secret: oAuthTokenSecret } = credentials;
    return { oAuthToken, oAuthTokenSecret } as TokenOf<C>;
  }
  const { token, access_token, session_id } = credentials as Record<string, unknown> & Credentials;
  return (token ?? access_token ?? session_id ?? credentials) as TokenOf<C>;
}

/**
 * Gets what the provider answered when it gave its token, refreshed where that is close to its end. It is undefined for
 * credentials that no provider has answered with, such as API keys.
 *
 * `GET /connections/{connectionId}`
 *
 * @throws NangoError with the code `no_credentials` where the API gives none: the key lacks the scope
 * `environment:connections:read_credentials`, or the provider works without.
 * @see https://nango.dev/docs/reference/backend/http-api/connections/get
 */
export async function getRawTokenResponse<T extends object = Record<string, unknown>>(
  client: Client,
  input: GetConnectionInput,
  options?: RequestOptions,
): Promise<T | undefined> {
  const credentials = await getCredentials(client, input, options);
  return (credentials as { raw?: unknown }).raw as T | undefined;
}

async function getCredentials(
  client: Client,
  input: GetConnectionInput,
  options: RequestOptions | undefined,
): Promise<Credentials> {
  const connection = await getConnection(client as Client, input, options);
  const operation = 'GET /connections/{connectionId}';
  expect(connection?.credentials, operation, 'a connection without credentials');
  const { credentials } = connection;
  if (credentials.type) return credentials;
  throw new NangoError(
    'no credentials: the key lacks environment:connections:read_credentials, or the provider works without',
    'no_credentials',
    operation,
  );
}

/** What {@link waitForConnection} takes: whose connection it is, by tags or by the legacy end user. */
export type WaitForConnectionInput =
  & {
    /** The id of the integration. */
    providerConfigKey: string;
    /** The pause between two looks, in milliseconds. Defaults to 2,000. */
    interval?: number | undefined;
    /** How long to wait, in milliseconds. Defaults to 60,000. */
    timeout?: number | undefined;
  }
  & (
    | {
      /** The tags that the connection has, as its connect session was given them: all of these, at least one. */
      tags: Readonly<Record<string, string>>;
      userId?: undefined;
    }
    | {
      /** The id of the legacy end user. Connections that have tags only never match. */
      userId: string;
      tags?: undefined;
    }
  );

/**
 * Waits until a user has a connection to an integration, and gives the newest. A connection that was there before
 * counts too. It outlives rate limits, failures of the network and of the server. Where `options` set a `timeout`, it
 * is that of a look.
 *
 * `GET /connections`
 *
 * @example
 * ```ts
 * import { createClient, createConnectSession, waitForConnection } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const tags = { end_user_id: 'user-1' };
 * const { data } = await createConnectSession(client, { tags, allowed_integrations: ['github'] });
 * console.log(`Open ${data.connect_link}`);
 * const connection = await waitForConnection(client, { providerConfigKey: 'github', tags });
 * ```
 *
 * @throws NangoError with the code `wait_timeout` where there is none in time.
 * @see https://nango.dev/docs/reference/backend/http-api/connections/list
 */
export async function waitForConnection(
  client: Client,
  input: WaitForConnectionInput,
  options?: RequestOptions,
): Promise<ConnectionListItem> {
  const { providerConfigKey, tags, userId, interval = 2000, timeout = 60_000 } = object(input, 'input');
  id(providerConfigKey, 'providerConfigKey');
  // Without any, every connection of the integration would match.
  if (userId === undefined) check(Object.keys(object(tags, 'tags')).length, 'tags must have at least one tag');
  else id(userId, 'userId');
  return poll(
    client,
    'GET /connections',
    async (limited) => {
      const query = { integrationId: providerConfigKey, tags, userId, limit: 1 };
      return whole(await listConnections(client, query, limited)).connections[0] ?? undefined;
    },
    { interval, timeout },
    500,
    `connection of ${providerConfigKey} with ${JSON.stringify({ tags, userId })}`,
    options,
  );
}
