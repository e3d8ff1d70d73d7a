// The rows of lib/api/providers.ts.

import { getProvider, getProviderTemplates, listProviders } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const catalogued = {
  display_name: 'Widget Works',
  categories: ['dev-tools'],
  auth_mode: 'API_KEY',
  proxy: { base_url: 'https://api.widgets.example', headers: { authorization: 'Bearer ${apiKey}' } },
  docs: 'https://docs.example/widget-works',
  credentials: { apiKey: { type: 'string', title: 'API key', description: 'A key', secret: true } },
  name: 'widget-works',
  logo_url: 'https://app.example/logos/widget-works.svg',
};

const unrecognized = {
  status: 400,
  reason: 'invalid_query_params',
  body: {
    error: {
      code: 'invalid_query_params',
      errors: [{ code: 'unrecognized_keys', message: 'Unrecognized key: "x"', path: [] }],
    },
  },
};

export const rows: Row[] = [
  {
    name: 'listProviders',
    call: (client, options) => listProviders(client, { search: 'widget & co' }, options),
    request: { method: 'GET', target: '/providers?search=widget+%26+co' },
    answer: { status: 200, body: { data: [catalogued] } },
    bad: {
      client: () => listProviders(undefined as never),
    },
    error: unrecognized,
    session: true,
  },
  {
    name: 'getProvider',
    call: (client, options) => getProvider(client, { provider: 'widget-works' }, options),
    request: { method: 'GET', target: '/providers/widget-works' },
    answer: { status: 200, body: { data: catalogued } },
    bad: {
      provider: (client) => getProvider(client, {} as never),
    },
    error: {
      status: 404,
      reason: 'not_found',
      body: { error: { code: 'not_found', message: 'Unknown provider nope' } },
    },
    session: true,
  },
  {
    name: 'getProviderTemplates',
    call: (client, options) => getProviderTemplates(client, { provider: 'a b' }, options),
    request: { method: 'GET', target: '/providers/a%20b/templates' },
    answer: {
      status: 200,
      body: { data: [{ name: 'whoami', returns: ['User'], json_schema: { definitions: {} }, type: 'action' }] },
    },
    bad: {
      provider: (client) => getProviderTemplates(client, { provider: '..' }),
    },
    error: unrecognized,
  },
];
