// /providers: the catalog.

import { apiError, json } from '../server/answer.ts';
import { plainName, providerConfigKey } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { object, optional } from '../server/schema.ts';
import { writeProvider } from '../state/providers.ts';

/** The operations on providers. */
export const providerRoutes = (): Route[] => [
  route('listProviders', 'GET /providers', {
    auth: 'keyOrSession',
    query: object({ search: optional(providerConfigKey()) }),
    handle({ context: { store, host }, query: { search } }) {
      // The server compiles the text to a regular expression, in which a dot is a wildcard.
      const pattern = search === undefined ? undefined : new RegExp(search, 'i');
      const names = [...store.providers.keys()].filter((name) => !pattern || pattern.test(name)).sort();
      const listed = names.flatMap((name) => {
        const provider = store.providers.get(name);
        return provider ? [writeProvider(host, name, provider)] : [];
      });
      return json({ data: listed });
    },
  }),

  route('getProvider', 'GET /providers/:provider', {
    auth: 'keyOrSession',
    query: object({}),
    params: object({ provider: plainName() }),
    handle({ context: { store, host }, params: { provider: name } }) {
      const provider = store.providers.get(name);
      if (!provider) throw apiError(404, 'not_found', `Unknown provider ${name}`);
      return json({ data: writeProvider(host, name, provider) });
    },
  }),

  route('getProviderTemplates', 'GET /providers/:provider/templates', {
    query: object({}),
    params: object({ provider: plainName() }),
    handle: ({ context, params }) => json({ data: context.templates[params.provider] ?? [] }),
  }),
];
