// The rows of lib/api/connections.ts.

import {
  createConnection,
  deleteConnection,
  getConnection,
  getMetadata,
  getRawTokenResponse,
  getToken,
  iterateConnections,
  listConnections,
  patchConnection,
  setMetadata,
  updateMetadata,
  waitForConnection,
} from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const key = 'my key:v1.0@x ~a';
const connection = { providerConfigKey: key, connectionId: 'org/team 1' };
const path = '/connections/org%2Fteam%201';
const query = '?provider_config_key=my+key%3Av1.0%40x+%7Ea';
const notFound = {
  status: 404,
  reason: 'not_found',
  body: { error: { code: 'not_found', message: 'Failed to find connection' } },
};
const unknownConnection = {
  status: 404,
  reason: 'unknown_connection',
  body: { error: { code: 'unknown_connection', message: 'Connection with connection id nope not found' } },
};
const invalidBody = {
  status: 400,
  reason: 'invalid_body',
  body: {
    error: {
      code: 'invalid_body',
      errors: [{ code: 'unrecognized_keys', message: 'Unrecognized key: "a"', path: [] }],
    },
  },
};
const invalidQuery = {
  status: 400,
  reason: 'invalid_query_params',
  body: { error: { code: 'invalid_query_params', errors: [{ code: 'too_big', message: 'Too big', path: ['limit'] }] } },
};

const summary = {
  id: 7,
  connection_id: 'org/team 1',
  provider_config_key: key,
  provider: 'github',
  errors: [],
  end_user: null,
  tags: { end_user_id: 'u-1' },
  metadata: { plan: 'pro', n: 1 },
};
const listed = { ...summary, created: '2026-11-22T17:29:33.104662+00:00' };
const raw = { access_token: 'gho_1', token_type: 'bearer' };
const whole = {
  ...summary,
  connection_config: {},
  webhook_url_override: null,
  created_at: '2026-11-22T17:29:33.104+00:00',
  updated_at: '2026-11-22T17:29:33.104+00:00',
  last_fetched_at: null,
  credentials: { type: 'OAUTH2', access_token: 'gho_1', raw },
};

export const rows: Row[] = [
  {
    name: 'listConnections',
    call: (client, options) =>
      listConnections(
        client,
        {
          connectionId: 'org/team 1',
          search: 'Ä b',
          userId: 'u&1',
          endUserOrganizationId: 'o-1',
          integrationId: ['github', key],
          tags: { Project: 'P=1', 'a/b': 'c' },
          limit: 2000,
          page: 0,
        },
        options,
      ),
    request: {
      method: 'GET',
      target: '/connections?connectionId=org%2Fteam+1&search=%C3%84+b&endUserOrganizationId=o-1' +
        '&integrationId=github%2Cmy+key%3Av1.0%40x+%7Ea&limit=2000&page=0' +
        '&tags%5BProject%5D=P%3D1&tags%5Ba%2Fb%5D=c&endUserId=u%261',
    },
    answer: { status: 200, body: { connections: [listed] } },
    bad: {
      integrationId: (client) => listConnections(client, { integrationId: [''] }),
      tags: (client) => listConnections(client, { tags: 'a=b' as never }),
    },
    error: invalidQuery,
  },
  {
    name: 'iterateConnections',
    call: async (client, options) => {
      const all = [];
      const input = { integrationId: 'github', limit: 2 };
      for await (const item of iterateConnections(client, input, options)) all.push(item);
      return all;
    },
    request: { method: 'GET', target: '/connections?integrationId=github&limit=2&page=0' },
    answer: { status: 200, body: { connections: [listed] } },
    result: [listed],
    bad: { tag: (client) => iterateConnections(client, { tag: 'a' } as never).next() },
    error: invalidQuery,
  },
  {
    name: 'getConnection',
    call: (client, options) =>
      getConnection(
        client,
        { ...connection, forceRefresh: true, refreshToken: false, refreshGithubAppJwtToken: true },
        options,
      ),
    request: {
      method: 'GET',
      target: `${path}${query}&force_refresh=true&refresh_token=false&refresh_github_app_jwt_token=true`,
    },
    answer: { status: 200, body: whole },
    bad: {
      providerConfigKey: (client) => getConnection(client, { connectionId: 'a' } as never),
      connectionId: (client) => getConnection(client, { ...connection, connectionId: '..' }),
    },
    error: notFound,
  },
  {
    name: 'deleteConnection',
    call: (client, options) => deleteConnection(client, connection, options),
    request: { method: 'DELETE', target: path + query },
    answer: { status: 200, body: { success: true } },
    bad: {
      providerConfigKey: (client) => deleteConnection(client, { ...connection, providerConfigKey: 'ü' }),
      connectionId: (client) => deleteConnection(client, { ...connection, connectionId: '' }),
    },
    error: { status: 400, reason: 'unknown_connection', body: { error: { code: 'unknown_connection' } } },
  },
  {
    name: 'createConnection',
    call: (client, options) =>
      createConnection(
        client,
        {
          provider_config_key: key,
          connection_id: 'org/team 1',
          credentials: {
            type: 'OAUTH2',
            access_token: 'gho_1',
            refresh_token: 'ghr_1',
            expires_at: '2030-01-01T00:00:00Z',
          },
          metadata: { n: 1 },
          connection_config: { subdomain: 'acme', oauth_scopes_override: ['repo'] },
          webhook_url_override: 'https://hooks.example.com/x',
          end_user: { id: 'u-1', email: 'u@example.com', display_name: 'U', tags: { tier: 'gold' } },
          tags: { project: 'P1' },
        },
        options,
      ),
    request: {
      method: 'POST',
      target: '/connections',
      body: {
        provider_config_key: key,
        connection_id: 'org/team 1',
        credentials: {
          type: 'OAUTH2',
          access_token: 'gho_1',
          refresh_token: 'ghr_1',
          expires_at: '2030-01-01T00:00:00Z',
        },
        metadata: { n: 1 },
        connection_config: { subdomain: 'acme', oauth_scopes_override: ['repo'] },
        webhook_url_override: 'https://hooks.example.com/x',
        end_user: { id: 'u-1', email: 'u@example.com', display_name: 'U', tags: { tier: 'gold' } },
        tags: { project: 'P1' },
      },
    },
    answer: { status: 201, body: whole },
    bad: {
      provider_config_key: (client) => createConnection(client, { credentials: { type: 'NONE' } } as never),
      connection_id: (client) =>
        createConnection(client, { provider_config_key: key, connection_id: 'ü', credentials: { type: 'NONE' } }),
      credentials: (client) => createConnection(client, { provider_config_key: key } as never),
    },
    error: invalidBody,
  },
  {
    name: 'patchConnection',
    call: (client, options) =>
      patchConnection(
        client,
        { ...connection, body: { tags: {}, end_user: { id: 'u-1' }, webhook_url_override: '' } },
        options,
      ),
    request: {
      method: 'PATCH',
      target: path + query,
      body: { tags: {}, end_user: { id: 'u-1' }, webhook_url_override: '' },
    },
    answer: { status: 200, body: { success: true } },
    bad: {
      providerConfigKey: (client) => patchConnection(client, { connectionId: 'a', body: {} } as never),
      connectionId: (client) => patchConnection(client, { ...connection, connectionId: '.', body: {} }),
      body: (client) => patchConnection(client, connection as never),
    },
    error: notFound,
  },
  {
    name: 'getMetadata',
    call: (client, options) => getMetadata(client, connection, options),
    request: { method: 'GET', target: path + query },
    answer: { status: 200, body: whole },
    result: { plan: 'pro', n: 1 },
    bad: { connectionId: (client) => getMetadata(client, { providerConfigKey: key } as never) },
    error: notFound,
  },
  {
    name: 'setMetadata',
    call: (client, options) => setMetadata(client, { ...connection, metadata: { n: 1 } }, options),
    request: {
      method: 'POST',
      target: '/connections/metadata',
      body: { provider_config_key: key, connection_id: 'org/team 1', metadata: { n: 1 } },
    },
    answer: { status: 201, body: { provider_config_key: key, connection_id: 'org/team 1', metadata: { n: 1 } } },
    bad: {
      providerConfigKey: (client) => setMetadata(client, { connectionId: 'a', metadata: {} } as never),
      connectionId: (client) => setMetadata(client, { ...connection, connectionId: [], metadata: {} }),
      metadata: (client) => setMetadata(client, { ...connection, metadata: [1] }),
    },
    error: unknownConnection,
  },
  {
    name: 'updateMetadata',
    call: (client, options) =>
      updateMetadata(client, { ...connection, connectionId: ['gh-1', 'gh-2'], metadata: { a: null } }, options),
    request: {
      method: 'PATCH',
      target: '/connections/metadata',
      body: { provider_config_key: key, connection_id: ['gh-1', 'gh-2'], metadata: { a: null } },
    },
    answer: { status: 200, body: { provider_config_key: key, connection_id: ['gh-1', 'gh-2'], metadata: { a: null } } },
    bad: {
      connectionId: (client) => updateMetadata(client, { ...connection, connectionId: ['a', ''], metadata: {} }),
      metadata: (client) => updateMetadata(client, { ...connection, metadata: null as never }),
    },
    error: unknownConnection,
  },
  {
    name: 'getToken',
    call: (client, options) => getToken(client, { ...connection, forceRefresh: true }, options),
    request: { method: 'GET', target: `${path}${query}&force_refresh=true` },
    answer: { status: 200, body: whole },
    result: 'gho_1',
    bad: { connectionId: (client) => getToken(client, { ...connection, connectionId: '' }) },
    error: notFound,
  },
  {
    name: 'getRawTokenResponse',
    call: (client, options) => getRawTokenResponse(client, { ...connection, refreshToken: true }, options),
    request: { method: 'GET', target: `${path}${query}&refresh_token=true` },
    answer: { status: 200, body: whole },
    result: raw,
    bad: { providerConfigKey: (client) => getRawTokenResponse(client, { ...connection, providerConfigKey: '' }) },
    error: notFound,
  },
  {
    name: 'waitForConnection',
    call: (client, options) =>
      waitForConnection(
        client,
        { providerConfigKey: key, tags: { end_user_id: 'u-1' }, interval: 1, timeout: 1000 },
        options,
      ),
    request: {
      method: 'GET',
      target: '/connections?integrationId=my+key%3Av1.0%40x+%7Ea&limit=1&tags%5Bend_user_id%5D=u-1',
    },
    answer: { status: 200, body: { connections: [listed] } },
    result: listed,
    bad: {
      providerConfigKey: (client) => waitForConnection(client, { tags: { a: 'b' } } as never),
      tags: (client) => waitForConnection(client, { providerConfigKey: key, tags: {} }),
      userId: (client) => waitForConnection(client, { providerConfigKey: key, userId: '' }),
      interval: (client) => waitForConnection(client, { providerConfigKey: key, userId: 'u', interval: 0 }),
      timeout: (client) => waitForConnection(client, { providerConfigKey: key, userId: 'u', timeout: NaN }),
    },
    error: invalidQuery,
  },
];
