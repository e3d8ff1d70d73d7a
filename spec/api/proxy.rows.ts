// The row of lib/api/proxy.ts. What the proxy does with bodies and answers is in ../api/proxy.test.ts.

import { proxy } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const connection = { providerConfigKey: 'github', connectionId: 'org/team 1' };

export const rows: Row[] = [
  {
    name: 'proxy',
    call: async (client, options) => {
      const input = {
        ...connection,
        method: 'post',
        endpoint: '/a%2Fb?q=1',
        headers: { 'X-Custom': 'v', Accept: 'application/vnd.x+json' },
        params: { page: 2, tag: ['a b', 'c'], gone: undefined },
        body: { title: 'ü' },
        retries: 2,
        retryOn: [404, 409],
        baseUrlOverride: 'https://api.example.com/v2',
        decompress: false,
        forwardHeadersOnRedirect: true,
      };
      // What edge-runtime's own json() gives is of another realm, and never equal.
      return JSON.parse(await (await proxy(client, input, options)).text());
    },
    request: {
      method: 'POST',
      target: '/proxy/a%2Fb?q=1&page=2&tag=a+b&tag=c',
      headers: {
        'provider-config-key': 'github',
        'connection-id': 'org/team 1',
        retries: '2',
        'retry-on': '404,409',
        'base-url-override': 'https://api.example.com/v2',
        decompress: 'false',
        'forward-headers-on-redirect': 'true',
        'nango-proxy-x-custom': 'v',
        'nango-proxy-accept': 'application/vnd.x+json',
        'nango-proxy-content-type': 'application/json',
      },
      body: { title: 'ü' },
    },
    answer: { status: 201, body: { id: 1 } },
    bad: {
      providerConfigKey: (client) => proxy(client, { ...connection, providerConfigKey: ' a', endpoint: '/x' }),
      connectionId: (client) => proxy(client, { ...connection, connectionId: 'connexión', endpoint: '/x' }),
      endpoint: (client) => proxy(client, { ...connection, endpoint: '/../connections' }),
      method: (client) => proxy(client, { ...connection, endpoint: '/x', method: 'GET /' }),
      body: (client) => proxy(client, { ...connection, endpoint: '/x', body: { a: 1 } }),
    },
    error: {
      status: 404,
      reason: 'unknown_provider_config',
      body: { error: { code: 'unknown_provider_config', message: 'No such integration' } },
    },
  },
];
