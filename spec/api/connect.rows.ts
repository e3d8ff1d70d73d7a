// The rows of lib/api/connect.ts.

import {
  createConnectSession,
  createReconnectSession,
  deleteConnectSession,
  getConnectSession,
} from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const created = {
  data: {
    token: `nango_connect_session_${'1b'.repeat(32)}`,
    connect_link: 'https://connect.example.com/?session_token=1',
    expires_at: '2026-11-22T18:08:51.263Z',
  },
};
const details = {
  end_user: { id: 'u-1', email: 'u@example.com', display_name: 'U', tags: { a: 'b' } },
  organization: { id: 'o-1', display_name: 'Org' },
  tags: { end_user_id: 'u-1' },
  integrations_config_defaults: {
    slack: { user_scopes: 'a,b', authorization_params: { x: 'y' }, connection_config: { oauth_scopes_override: 'a' } },
  },
  overrides: { github: { docs_connect: 'https://docs.example.com' } },
  webhook_url_override: 'https://hooks.example.com',
};
const unknownToken = {
  status: 401,
  reason: 'unknown_connect_session_token',
  body: { error: { message: 'Authentication failed.', code: 'unknown_connect_session_token', payload: {} } },
};

export const rows: Row[] = [
  {
    name: 'createConnectSession',
    call: (client, options) =>
      createConnectSession(client, { ...details, allowed_integrations: ['github', 'slack'] }, options),
    request: {
      method: 'POST',
      target: '/connect/sessions',
      body: { ...details, allowed_integrations: ['github', 'slack'] },
    },
    answer: { status: 201, body: created },
    bad: { tags: (client) => createConnectSession(client, { allowed_integrations: ['github'] } as never) },
    error: {
      status: 400,
      reason: 'invalid_body',
      body: {
        error: {
          code: 'invalid_body',
          errors: [{ code: 'custom', message: 'Integration does not exist', path: ['allowed_integrations', '0'] }],
        },
      },
    },
  },
  {
    name: 'createReconnectSession',
    call: (client, options) =>
      createReconnectSession(client, { ...details, connection_id: 'org/team 1', integration_id: 'github' }, options),
    request: {
      method: 'POST',
      target: '/connect/sessions/reconnect',
      body: { ...details, connection_id: 'org/team 1', integration_id: 'github' },
    },
    answer: { status: 201, body: created },
    bad: {
      connection_id: (client) => createReconnectSession(client, { integration_id: 'github' } as never),
    },
    error: {
      status: 400,
      reason: 'invalid_body',
      body: { error: { code: 'invalid_body', message: 'ConnectionID or IntegrationId does not exists' } },
    },
  },
  {
    name: 'getConnectSession',
    session: true,
    call: (client, options) => getConnectSession(client, options),
    request: { method: 'GET', target: '/connect/session' },
    answer: {
      status: 200,
      body: {
        data: {
          endUser: null,
          connectUISettings: {
            showWatermark: true,
            defaultTheme: 'system',
            theme: { light: { primary: '#00B2E3' }, dark: { primary: '#00B2E3' } },
          },
          allowed_integrations: ['github'],
          websocketsPath: '/',
        },
      },
    },
    bad: { client: () => getConnectSession(undefined as never) },
    error: unknownToken,
  },
  {
    name: 'deleteConnectSession',
    session: true,
    call: (client, options) => deleteConnectSession(client, options),
    request: { method: 'DELETE', target: '/connect/session' },
    answer: { status: 204 },
    result: undefined,
    bad: { signal: (client) => deleteConnectSession(client, { signal: {} as AbortSignal }) },
    error: unknownToken,
  },
];
