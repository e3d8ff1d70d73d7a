// Headless authorization: what a front end calls with the token of a connect session in the query.

import { apiError, apiErrorWithPayload, json, validationError } from '../server/answer.ts';
import { authenticateSession } from '../server/auth.ts';
import type { Identity } from '../server/auth.ts';
import { providerConfigKey } from '../server/fields.ts';
import type { QueryValue } from '../server/query.ts';
import { route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { jsonObject, object, optional, record, string } from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import { authModeOf, clientConfig } from '../state/connections.ts';
import type { Context } from '../state/context.ts';
import type { AuthMode } from '../../api/providers.ts';
import { completeSession } from '../state/sessions.ts';

function authenticate({ store, clock }: Context, query: Record<string, QueryValue>): Identity {
  const token = query['connect_session_token'];
  if (typeof token === 'string') return authenticateSession(store, token, clock.now());
  const missing = query['public_key'] === undefined;
  const reason = missing ? 'The request is missing a valid public key parameter.' : 'The public key is invalid.';
  const code = missing ? 'missing_public_key' : 'invalid_public_key';
  throw apiErrorWithPayload(401, code, `Authentication failed. ${reason}`);
}

interface Mode {
  operation: string;
  path: string;
  mode: AuthMode;
  body: Schema<unknown>;
  /** The credentials of a body. */
  credentials(body: Record<string, unknown>): Record<string, unknown>;
}

const raw = (body: Record<string, unknown>): Record<string, unknown> => ({ ...body });

const modes = (): readonly Mode[] => [
  {
    operation: 'authorizeApiKey',
    path: '/api-auth/api-key/:providerConfigKey',
    mode: 'API_KEY',
    body: object({ apiKey: string({ min: 1, max: 1024 }) }),
    credentials: (body) => ({ type: 'API_KEY', ...body }),
  },
  {
    operation: 'authorizeBasic',
    path: '/api-auth/basic/:providerConfigKey',
    mode: 'BASIC',
    body: object({ username: string({ max: 1024 }), password: string({ max: 1024 }) }),
    credentials: (body) => ({ type: 'BASIC', ...body }),
  },
  {
    operation: 'authorizeOAuth2ClientCredentials',
    path: '/oauth2/auth/:providerConfigKey',
    mode: 'OAUTH2_CC',
    body: object({
      client_id: string({ min: 1 }),
      client_secret: optional(string({ min: 1 })),
      client_certificate: optional(string()),
      client_private_key: optional(string()),
    }),
    credentials: (body) => ({ type: 'OAUTH2_CC', token: 'test-token', ...body, raw: {} }),
  },
  {
    operation: 'authorizeOAuthOutbound',
    path: '/auth/oauth-outbound/:providerConfigKey',
    mode: 'OAUTH2',
    body: optional(jsonObject()),
    credentials: () => ({ type: 'OAUTH2', access_token: 'test-access-token', raw: {} }),
  },
  {
    operation: 'authorizeTba',
    path: '/auth/tba/:providerConfigKey',
    mode: 'TBA',
    body: object({
      token_id: string({ min: 1 }),
      token_secret: string({ min: 1 }),
      oauth_client_id_override: optional(string({ min: 1 })),
      oauth_client_secret_override: optional(string({ min: 1 })),
    }),
    credentials: (body) => ({ type: 'TBA', token_id: body['token_id'], token_secret: body['token_secret'] }),
  },
  {
    operation: 'authorizeTwoStep',
    path: '/auth/two-step/:providerConfigKey',
    mode: 'TWO_STEP',
    body: jsonObject(),
    credentials: (body) => ({ type: 'TWO_STEP', ...body, token: 'test-token', raw: raw(body) }),
  },
  {
    operation: 'authorizeJwt',
    path: '/auth/jwt/:providerConfigKey',
    mode: 'JWT',
    body: jsonObject(),
    credentials: (body) => ({ type: 'JWT', ...body, token: 'test-token' }),
  },
  {
    operation: 'authorizeBill',
    path: '/auth/bill/:providerConfigKey',
    mode: 'BILL',
    body: object({
      username: string({ min: 1 }),
      password: string({ min: 1 }),
      organization_id: string({ min: 1 }),
      dev_key: string({ min: 1 }),
    }),
    credentials: (body) => ({ type: 'BILL', ...body, session_id: 'test-session', raw: {} }),
  },
  {
    operation: 'authorizeAwsSigV4',
    path: '/auth/aws-sigv4/:providerConfigKey',
    mode: 'AWS_SIGV4',
    body: object({ role_arn: string({ min: 1 }), region: optional(string({ pattern: /^[a-z0-9-]+$/, max: 64 })) }),
    credentials: (body) => ({
      type: 'AWS_SIGV4',
      region: 'us-east-1',
      service: 's3',
      ...body,
      access_key_id: 'test-key',
      secret_access_key: 'test-secret',
      session_token: 'test-session',
      raw: {},
    }),
  },
  {
    operation: 'authorizeSignature',
    path: '/auth/signature/:providerConfigKey',
    mode: 'SIGNATURE',
    body: object({ username: string({ min: 1 }), password: string({ min: 1 }), type: string() }),
    credentials: (body) => ({ ...body, type: 'SIGNATURE', token: 'test-token' }),
  },
  {
    operation: 'authorizeUnauthenticated',
    path: '/auth/unauthenticated/:providerConfigKey',
    mode: 'NONE',
    body: optional(object({})),
    credentials: () => ({}),
  },
];

function authorize(context: Context, { operation, path, mode, body: schema, credentials }: Mode): Route {
  return route(operation, `POST ${path}`, {
    auth: 'session',
    authenticate,
    body: schema,
    query: object({
      connect_session_token: optional(string()),
      params: optional(record(string(), string())),
      connection_id: optional(string()),
      public_key: optional(string()),
      hmac: optional(string()),
      user_scope: optional(string()),
    }),
    params: object({ providerConfigKey: providerConfigKey() }),
    handle({ environment, session, body, query, params: { providerConfigKey: uniqueKey } }) {
      if (query.connection_id !== undefined) {
        const message = 'A connection_id cannot be given with a connect session';
        throw validationError('invalid_query_params', [{ code: 'custom', message, path: ['connection_id'] }]);
      }
      const integration = environment.integrations.get(uniqueKey);
      if (!integration || !session) {
        throw apiError(404, 'unknown_provider_config');
      }
      const provider = context.store.providers.get(integration.provider);
      if (!provider) throw apiError(404, 'unknown_provider_template', 'The provider is not in the catalog.');
      const outbound = mode === 'OAUTH2' && provider['installation'] !== 'outbound';
      if (authModeOf(context, integration) !== mode || outbound) {
        throw apiError(400, 'invalid_auth_mode');
      }
      if (session.allowedIntegrations && !session.allowedIntegrations.includes(uniqueKey)) {
        throw apiError(400, 'integration_not_allowed');
      }
      // A front end must not choose the webhook URL of a connection.
      const { webhook_url: _ignored, ...connectionConfig } = query.params ?? {};
      const input = (body ?? {}) as Record<string, string>;
      if (mode === 'SIGNATURE' && input['type'] !== 'SIGNATURE') {
        const message = 'The given credentials were found to be invalid. Please check the credentials and try again.';
        throw apiErrorWithPayload(400, 'connection_test_failed', message);
      }
      const override = {
        client_id: input['oauth_client_id_override'],
        client_secret: input['oauth_client_secret_override'],
      };
      const connection = completeSession(context, environment, session, uniqueKey, {
        credentials: credentials(input),
        connectionConfig: { ...connectionConfig, ...clientConfig(integration, mode, override) },
      });
      return json({ connectionId: connection.connectionId, providerConfigKey: uniqueKey });
    },
  });
}

/** The operations of headless authorization. */
export const authorizeRoutes = (context: Context): Route[] => modes().map((mode) => authorize(context, mode));
