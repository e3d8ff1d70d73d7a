// The providers that the development server knows: Nango's whole catalogue, of which only what requests and the Connect page need.

import { readFileSync } from 'node:fs';
import type { AuthMode, Provider } from '../testing/mod.ts';

interface Entry {
  display_name: string;
  auth_mode: AuthMode;
  categories?: string[];
  base_url?: string;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  paginate?: Record<string, unknown>;
  retry?: Record<string, unknown>;
  credentials?: string[];
  connection_config?: string[];
}

/** Reads the catalogue, by name. */
export function readCatalogue(): Record<string, Provider> {
  const entries = JSON.parse(readFileSync(new URL('./providers.json', import.meta.url), 'utf8')) as Record<
    string,
    Entry
  >;
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, providerOf(name, entry)]));
}

function providerOf(name: string, entry: Entry): Provider {
  const { display_name, auth_mode, categories, base_url, headers, query, paginate, retry } = entry;
  return {
    display_name,
    auth_mode,
    docs: `https://nango.dev/docs/integrations/all/${name}`,
    ...(categories && { categories }),
    ...(base_url !== undefined && {
      proxy: {
        base_url,
        ...(headers && { headers }),
        ...(query && { query }),
        ...(paginate && { paginate }),
        ...(retry && { retry }),
      },
    }),
    ...(entry.connection_config && { connection_config: fieldsOf(entry.connection_config) }),
    ...(entry.credentials && { credentials: fieldsOf(entry.credentials) }),
  };
}

function fieldsOf(names: string[]): Provider['credentials'] {
  return Object.fromEntries(names.map((name) => {
    const words = name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    const title = words.charAt(0).toUpperCase() + words.slice(1);
    return [name, { type: 'string', title, description: `The ${words} of the account` }];
  }));
}
