// /providers: the catalogue.

import { json, refuse } from '../server/answer.ts';
import { writeProvider } from '../state/providers.ts';
import { readParams, readQuery, type Route } from '../server/router.ts';
import { noQuery, plainName } from '../server/fields.ts';
import { object, optional, string } from '../server/schema.ts';

/** The operations on providers. */
export const providerRoutes: readonly Route[] = [
  {
    operation: 'listProviders',
    method: 'GET',
    path: '/providers',
    auth: 'keyOrSession',
    scopes: [],
    handle(call) {
      const { search } = readQuery(call, object({ search: optional(string({ max: 255 })) }));
      const { store, host } = call.world;
      // The server compiles the text to an expression, in which a dot is a wildcard.
      const pattern = search === undefined ? undefined : expression(search);
      const names = [...store.providers.keys()].filter((name) => !pattern || pattern.test(name)).sort();
      const listed = names.flatMap((name) => {
        const provider = store.providers.get(name);
        return provider ? [writeProvider(host, name, provider)] : [];
      });
      return json({ data: listed });
    },
  },
  {
    operation: 'getProvider',
    method: 'GET',
    path: '/providers/:provider',
    auth: 'keyOrSession',
    scopes: [],
    handle(call) {
      readQuery(call, noQuery());
      const { provider: name } = readParams(call, object({ provider: plainName() }));
      const provider = call.world.store.providers.get(name);
      if (!provider) throw refuse(404, 'not_found', `Unknown provider ${name}`);
      return json({ data: writeProvider(call.world.host, name, provider) });
    },
  },
  {
    operation: 'getProviderTemplates',
    method: 'GET',
    path: '/providers/:provider/templates',
    auth: 'environmentKey',
    scopes: [],
    handle(call) {
      readQuery(call, noQuery());
      const { provider } = readParams(call, object({ provider: plainName() }));
      return json({ data: call.world.templates[provider] ?? [] });
    },
  },
];

function expression(search: string): RegExp {
  try {
    return new RegExp(search, 'i');
  } catch {
    throw refuse(500, 'server_error', 'Failed to list providers');
  }
}
