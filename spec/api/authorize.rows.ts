// The rows of lib/api/authorize.ts.

import {
  authorizeApiKey,
  authorizeAwsSigV4,
  authorizeBasic,
  authorizeBill,
  authorizeJwt,
  authorizeOAuth2ClientCredentials,
  authorizeOAuthOutbound,
  authorizeSignature,
  authorizeTba,
  authorizeTwoStep,
  authorizeUnauthenticated,
} from '../../lib/mod.ts';
import type { AuthorizeInput, AuthorizeResult, RequestOptions, SessionClient } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const providerConfigKey = 'my key:v1.0@x ~a';
const input = { providerConfigKey, params: { 'a b': 'c&d', key: 'line 1\nline 2', empty: '' } };

type Authorize<Input> = (session: SessionClient, input: Input, options?: RequestOptions) => Promise<AuthorizeResult>;

/** All authorizations are alike, but for the route and the members of their body that must be there. */
function row<Body extends object>(
  name: string,
  call: Authorize<AuthorizeInput & { body: Body }>,
  route: string,
  body?: Body,
  ...required: (keyof Body & string)[]
): Row {
  const whole = (body ? { ...input, body } : input) as AuthorizeInput & { body: Body };
  const bad: Row['bad'] = {
    providerConfigKey: (client) => call(client, { ...whole, providerConfigKey: '' }),
    params: (client) => call(client, { ...whole, params: 'a=b' as never }),
  };
  if (body) bad['body'] = (client) => call(client, input as never);
  for (const member of required) {
    bad[member] = (client) => call(client, { ...whole, body: { ...body!, [member]: undefined } });
  }
  return {
    name,
    session: true,
    call: (client, options) => call(client, whole, options),
    request: {
      method: 'POST',
      target: `${route}/my%20key%3Av1.0%40x%20~a` +
        '?params%5Ba+b%5D=c%26d&params%5Bkey%5D=line+1%0Aline+2&params%5Bempty%5D=',
      ...(body && { body }),
    },
    answer: { status: 200, body: { providerConfigKey, connectionId: 'c03dadcf-000d-4bf9-acda-01380b4d10c7' } },
    bad,
    error: {
      status: 400,
      reason: 'invalid_auth_mode',
      body: { error: { code: 'invalid_auth_mode', message: 'Provider does not support this auth mode' } },
    },
  };
}

const login = { username: 'u', password: '' };

export const rows: Row[] = [
  row('authorizeApiKey', authorizeApiKey, '/api-auth/api-key', { apiKey: 'sk-1' }, 'apiKey'),
  row('authorizeBasic', authorizeBasic, '/api-auth/basic', login, 'username', 'password'),
  row(
    'authorizeOAuth2ClientCredentials',
    authorizeOAuth2ClientCredentials,
    '/oauth2/auth',
    { client_id: 'i', client_secret: 's' },
    'client_id',
  ),
  row('authorizeOAuthOutbound', authorizeOAuthOutbound, '/auth/oauth-outbound'),
  row(
    'authorizeTba',
    authorizeTba,
    '/auth/tba',
    { token_id: 'i', token_secret: 's', oauth_client_id_override: 'o', oauth_client_secret_override: 'p' },
    'token_id',
    'token_secret',
  ),
  row('authorizeTwoStep', authorizeTwoStep, '/auth/two-step', { login: 'u', pin: '1' }),
  row('authorizeJwt', authorizeJwt, '/auth/jwt', { privateKey: { id: 'i', secret: 's' } }),
  row(
    'authorizeBill',
    authorizeBill,
    '/auth/bill',
    { ...login, organization_id: 'o', dev_key: 'd' },
    'username',
    'password',
    'organization_id',
    'dev_key',
  ),
  row('authorizeAwsSigV4', authorizeAwsSigV4, '/auth/aws-sigv4', { role_arn: 'arn:aws:iam::1:role/r' }, 'role_arn'),
  row(
    'authorizeSignature',
    authorizeSignature,
    '/auth/signature',
    { ...login, type: 'SIGNATURE' },
    'username',
    'password',
    'type',
  ),
  row('authorizeUnauthenticated', authorizeUnauthenticated, '/auth/unauthenticated'),
];
