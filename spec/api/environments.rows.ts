// The rows of lib/api/environments.ts.

import {
  createApiKey,
  createEnvironment,
  deleteApiKey,
  deleteEnvironment,
  getApiKey,
  getEnvironmentVariables,
  listApiKeys,
  listEnvironments,
  rotateWebhookSigningKey,
} from '../../lib/mod.ts';
import type { CreateEnvironmentInput } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const environmentUuid = '35f461d4-e681-4957-ab14-c0ae1609431d';
const keyUuid = '8d6f1e6c-5b1f-4a55-9a36-0d2f6a1b7c3e';
const target = `/environments/${environmentUuid}`;
const key = {
  id: 11,
  uuid: keyUuid,
  display_name: 'ci',
  scopes: ['environment:*'],
  created_at: '2026-01-02T03:04:05.678Z',
};
const secret = 'ec1811c7-f71b-4f93-891b-2ba270a9431d';
const environment: CreateEnvironmentInput = {
  name: 'staging',
  is_production: false,
  callback_url: 'https://app.example/callback',
  hmac_key: 'a key',
  hmac_enabled: true,
  slack_notifications: false,
  otlp_endpoint: 'https://traces.example',
  otlp_headers: [{ name: 'x-team', value: 'a' }],
};
const forbidden = {
  status: 403,
  reason: 'forbidden',
  body: { error: { code: 'forbidden', message: 'Insufficient scope. Required: account:environments:create' } },
};
const unknown = {
  status: 404,
  reason: 'not_found',
  body: { error: { code: 'not_found', message: 'Environment not found' } },
};

export const rows: Row[] = [
  {
    name: 'getEnvironmentVariables',
    call: (client, options) => getEnvironmentVariables(client, options),
    request: { method: 'GET', target: '/environment-variables' },
    answer: { status: 200, body: [{ name: 'UNICODE', value: 'ü ☃' }] },
    bad: { client: () => getEnvironmentVariables({} as never) },
    error: forbidden,
  },
  {
    name: 'rotateWebhookSigningKey',
    call: (client, options) => rotateWebhookSigningKey(client, options),
    request: { method: 'POST', target: '/environment/webhook-signing-key/rotate' },
    answer: { status: 200, body: { data: { webhook_signing_key: secret } } },
    bad: { client: () => rotateWebhookSigningKey(undefined as never) },
    error: {
      status: 409,
      reason: 'multiple_webhook_signing_keys',
      body: { error: { code: 'multiple_webhook_signing_keys', message: 'There are several keys' } },
    },
  },
  {
    name: 'listEnvironments',
    call: (client, options) => listEnvironments(client, { name: 'staging' }, options),
    request: { method: 'GET', target: '/environments?name=staging' },
    answer: { status: 200, body: { data: [{ id: 3, uuid: environmentUuid, name: 'staging', is_production: false }] } },
    bad: { input: (client) => listEnvironments(client, null as never) },
    error: forbidden,
  },
  {
    name: 'createEnvironment',
    call: (client, options) => createEnvironment(client, environment, options),
    request: { method: 'POST', target: '/environments', body: environment },
    answer: { status: 200, body: { data: { id: 3, name: 'staging' } } },
    bad: { name: (client) => createEnvironment(client, { is_production: true } as never) },
    error: {
      status: 409,
      reason: 'conflict',
      body: { error: { code: 'conflict', message: 'Environment already exists' } },
    },
  },
  {
    name: 'deleteEnvironment',
    call: (client, options) => deleteEnvironment(client, { environmentUuid }, options),
    request: { method: 'DELETE', target },
    answer: { status: 204 },
    result: undefined,
    bad: {
      environmentUuid: (client) => deleteEnvironment(client, { environmentUuid: Number.NaN }),
    },
    error: unknown,
  },
  {
    name: 'createApiKey',
    call: (client, options) => createApiKey(client, { environmentUuid, body: { display_name: 'ci' } }, options),
    request: { method: 'POST', target: `${target}/api-keys`, body: { display_name: 'ci' } },
    answer: { status: 200, body: { data: { ...key, secret } } },
    bad: {
      environmentUuid: (client) => createApiKey(client, { environmentUuid: '.', body: { display_name: 'ci' } }),
      display_name: (client) => createApiKey(client, { environmentUuid, body: { displayName: 'ci' } as never }),
    },
    error: {
      status: 409,
      reason: 'conflict',
      body: { error: { code: 'conflict', message: 'A key with this name already exists' } },
    },
  },
  {
    name: 'listApiKeys',
    call: (client, options) => listApiKeys(client, { environmentUuid, displayName: 'Büro 1' }, options),
    request: { method: 'GET', target: `${target}/api-keys?display_name=B%C3%BCro+1` },
    answer: { status: 200, body: { data: [{ ...key, last_used_at: null }] } },
    bad: {
      environmentUuid: (client) => listApiKeys(client, { environmentUuid: 3 as never }),
    },
    error: unknown,
  },
  {
    name: 'getApiKey',
    call: (client, options) => getApiKey(client, { environmentUuid, keyUuid }, options),
    request: { method: 'GET', target: `${target}/api-keys/${keyUuid}` },
    answer: { status: 200, body: { data: { ...key, secret, last_used_at: '2026-01-02T03:04:05.678Z' } } },
    bad: {
      environmentUuid: (client) => getApiKey(client, { keyUuid } as never),
      keyUuid: (client) => getApiKey(client, { environmentUuid, keyUuid: '..' }),
    },
    error: unknown,
  },
  {
    name: 'deleteApiKey',
    call: (client, options) => deleteApiKey(client, { environmentUuid, keyUuid }, options),
    request: { method: 'DELETE', target: `${target}/api-keys/${keyUuid}` },
    answer: { status: 200, body: { success: true } },
    bad: { keyUuid: (client) => deleteApiKey(client, { environmentUuid } as never) },
    error: { status: 404, reason: 'not_found', body: { error: { code: 'not_found', message: 'API key not found' } } },
  },
];
