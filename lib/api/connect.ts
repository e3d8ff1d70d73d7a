// Connect sessions: what lets one end user authorize connections, in the Connect UI or headlessly.

import type { Client, SessionClient } from '../client.ts';
import { required } from '../core/guards.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';
import type { EndUser, EndUserInput } from './connections.ts';

/** Settings of one integration for a connect session. */
export interface IntegrationDefaults {
  /** The scopes that Slack asks users for, joined by commas. */
  user_scopes?: string | undefined;
  /** Parameters to add to the URL where users authorize. */
  authorization_params?: Readonly<Record<string, string>> | undefined;
  /**
   * Settings of the new connection. The scopes are one string here, joined by commas. An empty client id and secret
   * make the Connect UI ask the user for them.
   */
  connection_config?:
    | {
      oauth_scopes_override?: string | undefined;
      oauth_client_id_override?: string | undefined;
      oauth_client_secret_override?: string | undefined;
      [setting: string]: unknown;
    }
    | undefined;
}

/** What both kinds of connect sessions take. */
export interface SessionDetails {
  /**
   * The organization of the end user.
   *
   * @deprecated Newer sessions carry tags instead.
   */
  organization?: { id: string; display_name?: string | undefined } | undefined;
  /** Settings by the id of the integration. */
  integrations_config_defaults?: Readonly<Record<string, IntegrationDefaults>> | undefined;
  /** Other documentation to show in the Connect UI, by the id of the integration. Not in every plan. */
  overrides?: Readonly<Record<string, { docs_connect?: string | undefined }>> | undefined;
  /** Where webhooks of the connection go instead of the environment's URLs. */
  webhook_url_override?: string | undefined;
}

/**
 * Tags for connections, at most 10: keys of up to 64 characters, which are kept in lower case, and values of 1 to 255.
 */
export type SessionTags = Readonly<Record<string, string>>;

/** What {@link createConnectSession} takes: whom the session is for, by tags or by the legacy end user. */
export type CreateConnectSessionInput =
  & SessionDetails
  & {
    /** The ids of the integrations that the user may choose from. Defaults to all. */
    allowed_integrations?: readonly string[] | undefined;
  }
  & (
    | {
      /** The tags that each new connection gets, for example `{ end_user_id: 'user-1' }`. */
      tags: SessionTags;
      /** @deprecated Newer sessions carry tags alone. */
      end_user?: EndUserInput | undefined;
    }
    | {
      /** The tags that each new connection gets, beside those made from the end user. */
      tags?: SessionTags | undefined;
      /** @deprecated Newer sessions carry tags instead. */
      end_user: EndUserInput;
    }
  );

/** What {@link createReconnectSession} takes. */
export interface CreateReconnectSessionInput extends SessionDetails {
  /** The id of the connection. */
  connection_id: string;
  /** The id of its integration, called `providerConfigKey` elsewhere. */
  integration_id: string;
  /** The tags that the connection gets. */
  tags?: SessionTags | undefined;
  /**
   * The end user that the connection gets.
   *
   * @deprecated Newer sessions carry tags instead.
   */
  end_user?: EndUserInput | undefined;
}

/** A new connect session. */
export interface CreatedConnectSession {
  /** The token of the session, for the frontend. */
  token: string;
  /** The page where the user authorizes, for use without a frontend. It holds the token. */
  connect_link: string;
  /** When the session ends, an ISO date. */
  expires_at: string;
}

/** A connect session, as the user's side sees it. */
export interface ConnectSession {
  /** The legacy end user, null for sessions that have tags only. */
  endUser: EndUser | null;
  /** How the Connect UI looks. */
  connectUISettings: {
    theme: { light: { primary: string }; dark: { primary: string } };
    defaultTheme: 'light' | 'dark' | 'system' | (string & {});
    showWatermark: boolean;
  };
  /** The ids of the integrations that the user may choose from; left out where these are all. */
  allowed_integrations?: string[] | undefined;
  /** Settings by the id of the integration. `user_scopes` are not told. */
  integrations_config_defaults?: Record<string, IntegrationDefaults> | undefined;
  /** Other documentation to show in the Connect UI, by the id of the integration. */
  overrides?: Record<string, { docs_connect?: string | undefined }> | undefined;
  /** Whether the session is for a connection that is there already. */
  isReconnecting?: boolean | undefined;
  /** Where the Connect UI listens for the end of an OAuth flow. */
  websocketsPath?: string | undefined;
}

/**
 * Creates a connect session, with which one end user can authorize connections within 30 minutes.
 *
 * `POST /connect/sessions`
 *
 * @example
 * ```ts
 * import { createClient, createConnectSession } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const { data } = await createConnectSession(client, {
 *   tags: { end_user_id: 'user-1' },
 *   allowed_integrations: ['github'],
 * });
 * ```
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connect/sessions/create
 */
export async function createConnectSession(
  client: Client,
  input: CreateConnectSessionInput,
  options?: RequestOptions,
): Promise<{ data: CreatedConnectSession }> {
  return send(client, 'POST /connect/sessions', {
    body: required(input, 'input', input?.end_user ? 'end_user' : 'tags'),
  }, options);
}

/**
 * Creates a connect session, with which one end user can authorize a connection again within 30 minutes.
 *
 * `POST /connect/sessions/reconnect`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connect/sessions/reconnect
 */
export async function createReconnectSession(
  client: Client,
  input: CreateReconnectSessionInput,
  options?: RequestOptions,
): Promise<{ data: CreatedConnectSession }> {
  const body = required(input, 'input', 'connection_id', 'integration_id');
  return send(client, 'POST /connect/sessions/reconnect', { body }, options);
}

/**
 * Gets the connect session of the client.
 *
 * `GET /connect/session`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connect/session/get
 */
export async function getConnectSession(
  client: SessionClient,
  options?: RequestOptions,
): Promise<{ data: ConnectSession }> {
  return send(client, 'GET /connect/session', {}, options);
}

/**
 * Ends the connect session of the client. Its token is worth nothing afterwards.
 *
 * `DELETE /connect/session`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/connect/session/delete
 */
export async function deleteConnectSession(client: SessionClient, options?: RequestOptions): Promise<void> {
  return send(client, 'DELETE /connect/session', {}, options);
}
