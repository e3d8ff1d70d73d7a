// Connections: an end user's access to an integration, with its credentials, tags and metadata.

import { flag, id, integer, pick, text } from '../check.ts';
import type { Client } from '../client.ts';
import { send } from '../send.ts';
import type { RequestOptions } from '../send.ts';
import type { Credentials, NoCredentials } from './credentials.ts';

/** Names a connection. */
export interface ConnectionInput {
  /** The id of the integration. */
  providerConfigKey: string;
  /** The id of the connection. */
  connectionId: string;
}

/** The end user of a connection. Newer connections carry tags instead. */
export interface EndUser {
  id: string;
  display_name: string | null;
  email: string | null;
  tags: Record<string, string> | null;
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
interface ConnectionSummary {
  /** An internal number, unrelated to `connection_id`. */
  id: number;
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
  metadata: Record<string, unknown> | null;
}

/** A connection in a list, without its credentials. */
export interface ConnectionListItem extends ConnectionSummary {
  /** When the connection was created, an ISO date. */
  created: string;
}

/** Settings of a connection that the provider's URLs and flows need. */
export interface ConnectionConfig {
  oauth_scopes_override?: string[] | undefined;
  oauth_scopes?: string | undefined;
  authorization_params?: Record<string, string> | undefined;
  [setting: string]: unknown;
}

/** A connection with its credentials. */
export interface Connection extends ConnectionSummary {
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
  const query = pick(input, {
    'connectionId?': id,
    'search?': text,
    'userId?': text,
    'endUserOrganizationId?': text,
    // The server splits at commas and refuses a repeated parameter.
    'integrationId?': (value, name) => [value].flat().map((key) => id(key, name)).join(),
    'limit?': integer(2000),
    'page?': integer(Number.MAX_SAFE_INTEGER, 0),
  });
  const { userId: endUserId, ...rest } = query;
  for (const [key, value] of Object.entries(input.tags ?? {})) {
    rest[`tags[${key}]`] = text(value, `tags.${key}`);
  }
  return send(client, 'GET /connections', { query: { ...rest, endUserId } }, options);
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
  const { limit = 1000 } = input;
  const seen = new Set<number>();
  for (let page = 0; ; page++) {
    const { connections } = await listConnections(client, { ...input, limit, page }, options);
    for (const connection of connections) {
      if (!seen.has(connection.id)) yield connection;
      seen.add(connection.id);
    }
    if (connections.length < limit) return;
  }
}

/** What {@link getConnection} takes. */
export interface GetConnectionInput extends ConnectionInput {
  /** Refreshes the credentials even where they are still valid. Defaults to false: only within 15 minutes of their end. */
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
 * @throws NangoApiError with the reason `invalid_credentials` where the refresh fails; `payload` then holds the connection
 * without its credentials, and a refresh is tried again after 30 seconds at the earliest.
 * @see https://nango.dev/docs/reference/backend/http-api/connections/get
 */
export async function getConnection(
  client: Client,
  input: GetConnectionInput,
  options?: RequestOptions,
): Promise<Connection> {
  const query = pick(input, {
    provider_config_key: id,
    'force_refresh?': flag,
    'refresh_token?': flag,
    'refresh_github_app_jwt_token?': flag,
  });
  return send(client, 'GET /connections/{connectionId}', { path: input, query }, options);
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
  const query = pick(input, { provider_config_key: id });
  return send(client, 'DELETE /connections/{connectionId}', { path: input, query }, options);
}
