// Headless authorization: connections that a frontend of your own creates, with the token of a connect session.

import type { SessionClient } from '../client.ts';
import { object, required } from '../core/guards.ts';
import { bracketed } from '../core/request.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';

/** What all authorizations take. */
export interface AuthorizeInput {
  /** The id of the integration, one that the session allows. */
  providerConfigKey: string;
  /** The settings that the provider lists in its `connection_config`, for example `{ subdomain: 'acme' }`. */
  params?: Readonly<Record<string, string>> | undefined;
}

/** What an authorization with credentials takes. */
export interface AuthorizeWithInput<Body extends object> extends AuthorizeInput {
  /** The credentials. */
  body: Body;
}

/** OAuth 2 client credentials to authorize with: a secret, or a private key. */
export interface OAuth2ClientInput {
  /** The id of the client. */
  client_id: string;
  /** The secret of the client. Required unless there is a private key. */
  client_secret?: string | undefined;
  /** The certificate of the client, as PEM. */
  client_certificate?: string | undefined;
  /** The private key of the client, as PEM. */
  client_private_key?: string | undefined;
}

/** A token to sign requests with. */
export interface TbaInput {
  /** The id of the token. */
  token_id: string;
  /** The secret of the token. */
  token_secret: string;
  /** A client id to use instead of that of the integration. */
  oauth_client_id_override?: string | undefined;
  /** A client secret to use instead of that of the integration. */
  oauth_client_secret_override?: string | undefined;
}

/** The connection that an authorization created. */
export interface AuthorizeResult {
  /** The id of the integration. */
  providerConfigKey: string;
  /** The id of the connection. */
  connectionId: string;
  /** Whether the provider has yet to confirm it. */
  isPending?: boolean | undefined;
}

/** Sends an authorization whose body, where there is one, has some `members`. */
async function authorize(
  session: SessionClient,
  route: string,
  input: AuthorizeInput & { body?: object | undefined },
  options: RequestOptions | undefined,
  members?: readonly string[],
): Promise<AuthorizeResult> {
  const { providerConfigKey, params, body } = object(input, 'input');
  const parts = {
    path: { providerConfigKey },
    query: bracketed(params, 'params'),
    body: members && required(body as Readonly<Record<string, unknown>>, 'body', ...members),
  };
  return send(session, `POST ${route}/{providerConfigKey}`, parts, options);
}

/**
 * Creates an API_KEY connection from an API key.
 *
 * `POST /api-auth/api-key/{providerConfigKey}`
 *
 * @example
 * ```ts
 * import { authorizeApiKey, createSessionClient } from 'nango-fetch';
 *
 * const session = createSessionClient({ token: '<CONNECT-SESSION-TOKEN>' });
 * const body = { apiKey: 'sk_test_1' };
 * const { connectionId } = await authorizeApiKey(session, { providerConfigKey: 'stripe', body });
 * ```
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeApiKey(
  session: SessionClient,
  input: AuthorizeWithInput<{ apiKey: string }>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/api-auth/api-key', input, options, ['apiKey']);
}

/**
 * Creates a BASIC connection from a user name and a password, either of which may be empty.
 *
 * `POST /api-auth/basic/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeBasic(
  session: SessionClient,
  input: AuthorizeWithInput<{ username: string; password: string }>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/api-auth/basic', input, options, ['username', 'password']);
}

/**
 * Creates an OAUTH2_CC connection from OAuth 2 client credentials.
 *
 * `POST /oauth2/auth/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeOAuth2ClientCredentials(
  session: SessionClient,
  input: AuthorizeWithInput<OAuth2ClientInput>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/oauth2/auth', input, options, ['client_id']);
}

/**
 * Creates an OAUTH2 connection from an installation that the user has started at the provider.
 *
 * `POST /auth/oauth-outbound/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeOAuthOutbound(
  session: SessionClient,
  input: AuthorizeInput,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/oauth-outbound', input, options);
}

/**
 * Creates a TBA connection from a token and a secret to sign requests with.
 *
 * `POST /auth/tba/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeTba(
  session: SessionClient,
  input: AuthorizeWithInput<TbaInput>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/tba', input, options, ['token_id', 'token_secret']);
}

/**
 * Creates a TWO_STEP connection from the fields that the provider lists in its `credentials`, with which Nango gets a
 * token.
 *
 * `POST /auth/two-step/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeTwoStep(
  session: SessionClient,
  input: AuthorizeWithInput<Readonly<Record<string, unknown>>>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/two-step', input, options, []);
}

/**
 * Creates a JWT connection from the fields that the provider lists in its `credentials`, with which Nango signs a
 * token.
 *
 * `POST /auth/jwt/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeJwt(
  session: SessionClient,
  input: AuthorizeWithInput<Readonly<Record<string, unknown>>>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/jwt', input, options, []);
}

/**
 * Creates a BILL connection from a Bill account.
 *
 * `POST /auth/bill/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeBill(
  session: SessionClient,
  input: AuthorizeWithInput<{ username: string; password: string; organization_id: string; dev_key: string }>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/bill', input, options, ['username', 'password', 'organization_id', 'dev_key']);
}

/**
 * Creates an AWS_SIGV4 connection from an AWS role.
 *
 * `POST /auth/aws-sigv4/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeAwsSigV4(
  session: SessionClient,
  input: AuthorizeWithInput<{ role_arn: string; region?: string | undefined }>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/aws-sigv4', input, options, ['role_arn']);
}

/**
 * Creates a SIGNATURE connection from a user name and a password to sign requests with.
 *
 * `POST /auth/signature/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeSignature(
  session: SessionClient,
  input: AuthorizeWithInput<{ username: string; password: string; type: 'SIGNATURE' | (string & {}) }>,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/signature', input, options, ['username', 'password', 'type']);
}

/**
 * Creates a NONE connection from nothing, for a provider that needs no credentials.
 *
 * `POST /auth/unauthenticated/{providerConfigKey}`
 *
 * @see https://nango.dev/docs/reference/frontend/frontend-sdk
 */
export async function authorizeUnauthenticated(
  session: SessionClient,
  input: AuthorizeInput,
  options?: RequestOptions,
): Promise<AuthorizeResult> {
  return authorize(session, '/auth/unauthenticated', input, options);
}
