// The providers that the server knows: those of the emulator, and how they page and limit, which only running functions need.

import { readFileSync } from 'node:fs';
import type { CatalogProvider } from '../testing/mod.ts';
import { builtInProviders } from '../testing/state/providers.ts';

interface Habits {
  paginate?: Record<string, unknown>;
  retry?: Record<string, unknown>;
}

/** The providers, by name. */
export function readCatalogue(): Record<string, CatalogProvider> {
  const habits = JSON.parse(readFileSync(new URL('./paging.json', import.meta.url), 'utf8')) as Record<string, Habits>;
  const providers: Record<string, CatalogProvider> = Object.fromEntries(builtInProviders());
  for (const [name, more] of Object.entries(habits)) {
    const provider = providers[name];
    if (provider?.proxy) providers[name] = { ...provider, proxy: { ...provider.proxy, ...more } };
  }
  return providers;
}
