// The rows of lib/api/integrations.ts.

import {
  createIntegration,
  createQuickstartIntegration,
  deleteIntegration,
  getIntegration,
  listIntegrations,
  updateIntegration,
} from '../../lib/mod.ts';
import type { CreateIntegrationInput } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const uniqueKey = 'my key:v1.0@x ~a';
const target = '/integrations/my%20key%3Av1.0%40x%20~a';
const data = {
  unique_key: uniqueKey,
  provider: 'github',
  display_name: 'Widgets',
  logo: 'https://app.example/logos/github.svg',
  forward_webhooks: false,
  created_at: '2026-01-02T03:04:05.678Z',
  updated_at: '2026-01-02T03:04:05.678Z',
};
const credentials = {
  type: 'OAUTH2',
  client_id: 'app',
  client_secret: 'secret of the app',
  scopes: 'repo,user:email',
  webhook_secret: 'secret of the webhooks',
} as const;
const app: CreateIntegrationInput = {
  provider: 'github',
  unique_key: uniqueKey,
  display_name: 'Widgets',
  forward_webhooks: false,
  credentials,
  integration_config: { region: 'eu' },
  custom: { team: 'a' },
};
const unknown = {
  status: 404,
  reason: 'not_found',
  body: { error: { code: 'not_found', message: 'Integration "nope" does not exist' } },
};

export const rows: Row[] = [
  {
    name: 'listIntegrations',
    call: (client, options) => listIntegrations(client, options),
    request: { method: 'GET', target: '/integrations' },
    answer: { status: 200, body: { data: [data] } },
    bad: { client: () => listIntegrations(null as never) },
    error: {
      status: 401,
      reason: 'unknown_connect_session_token',
      body: { error: { message: 'Authentication failed.', code: 'unknown_connect_session_token', payload: {} } },
    },
    session: true,
  },
  {
    name: 'getIntegration',
    call: (client, options) => getIntegration(client, { uniqueKey, include: ['webhook', 'credentials'] }, options),
    request: { method: 'GET', target: `${target}?include=webhook&include=credentials` },
    answer: { status: 200, body: { data: { ...data, webhook_url: null, credentials } } },
    bad: {
      uniqueKey: (client) => getIntegration(client, { uniqueKey: 7 as never }),
    },
    error: unknown,
  },
  {
    name: 'createIntegration',
    call: (client, options) => createIntegration(client, app, options),
    request: { method: 'POST', target: '/integrations', body: app },
    answer: { status: 200, body: { data } },
    bad: {
      provider: (client) => createIntegration(client, { unique_key: 'github' } as never),
    },
    error: {
      status: 400,
      reason: 'invalid_body',
      body: {
        error: {
          code: 'invalid_body',
          errors: [{ code: 'invalid_string', message: 'Unique key already exists', path: ['uniqueKey'] }],
        },
      },
    },
  },
  {
    name: 'createQuickstartIntegration',
    call: (client, options) =>
      createQuickstartIntegration(
        client,
        { provider: 'github', unique_key: uniqueKey, display_name: 'Widgets', forward_webhooks: true },
        options,
      ),
    request: {
      method: 'POST',
      target: '/integrations/quickstart',
      body: { provider: 'github', unique_key: uniqueKey, display_name: 'Widgets', forward_webhooks: true },
    },
    answer: { status: 200, body: { data } },
    bad: {
      provider: (client) => createQuickstartIntegration(client, { unique_key: 'a' } as never),
      unique_key: (client) => createQuickstartIntegration(client, { provider: 'github' } as never),
    },
    error: {
      status: 400,
      reason: 'invalid_body',
      body: { error: { code: 'invalid_body', message: 'No developer app is configured for this provider' } },
    },
  },
  {
    name: 'updateIntegration',
    call: (client, options) =>
      updateIntegration(
        client,
        {
          uniqueKey,
          body: {
            unique_key: 'github',
            display_name: 'Widgets',
            forward_webhooks: false,
            credentials,
            integration_config: {},
            custom: {},
          },
        },
        options,
      ),
    request: {
      method: 'PATCH',
      target,
      body: {
        unique_key: 'github',
        display_name: 'Widgets',
        forward_webhooks: false,
        credentials,
        integration_config: {},
        custom: {},
      },
    },
    answer: { status: 200, body: { data } },
    bad: {
      uniqueKey: (client) => updateIntegration(client, { uniqueKey: '.', body: {} }),
      body: (client) => updateIntegration(client, { uniqueKey, display_name: 'Widgets' } as never),
    },
    error: {
      status: 400,
      reason: 'invalid_body',
      body: { error: { code: 'invalid_body', message: "Can't rename an integration with active connections" } },
    },
  },
  {
    name: 'deleteIntegration',
    call: (client, options) => deleteIntegration(client, { uniqueKey }, options),
    request: { method: 'DELETE', target },
    answer: { status: 200, body: { success: true } },
    bad: { uniqueKey: (client) => deleteIntegration(client, {} as never) },
    error: unknown,
  },
];
