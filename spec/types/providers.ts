// The types of lib/api/providers.ts, checked by the compiler.

import { getProvider, getProviderTemplates, listProviders } from '../../lib/mod.ts';
import type { Client, SessionClient } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const { data: providers } = await listProviders(session);
  const names: string[] = providers.map(({ name }) => name);
  const { data: provider } = await getProvider(session, { provider: names[0] ?? '' });
  const mode: string = provider.auth_mode;
  const secret: boolean | undefined = provider.credentials?.['apiKey']?.secret;
  void [mode, secret];

  const { data: templates } = await getProviderTemplates(client, { provider: 'github' });
  for (const template of templates) {
    if (template.type === 'sync') void (template.auto_start satisfies boolean);
    // @ts-expect-error An action has no schedule.
    if (template.type === 'action') void template.runs;
  }

  // @ts-expect-error A connect session may not ask for templates.
  void getProviderTemplates(session, { provider: 'github' });
  // @ts-expect-error The option is spelled otherwise.
  void listProviders(client, { query: 'github' });
  // @ts-expect-error The provider is missing.
  void getProvider(client, {});
}
