// The types of lib/api/integrations.ts, checked by the compiler.

import { createIntegration, getIntegration, listIntegrations, updateIntegration } from '../../lib/mod.ts';
import type { Client, SessionClient } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const { data: integrations } = await listIntegrations(session);
  void (integrations[0]?.unique_key satisfies string | undefined);

  const { data } = await getIntegration(client, { uniqueKey: 'github', include: ['credentials'] });
  const { credentials } = data;
  if (credentials?.type === 'APP') void (credentials.private_key satisfies string | null);
  // @ts-expect-error An app that is installed has no scopes.
  if (credentials?.type === 'APP') void credentials.scopes;

  void createIntegration(client, {
    provider: 'github',
    unique_key: 'github',
    credentials: { type: 'OAUTH2', client_id: 'a', client_secret: 'b', scopes: undefined },
  });
  // @ts-expect-error The key is spelled as on the wire.
  void createIntegration(client, { provider: 'github', uniqueKey: 'github' });
  // @ts-expect-error The credentials of an OAuth app have a secret.
  void createIntegration(client, { provider: 'x', unique_key: 'x', credentials: { type: 'OAUTH2', client_id: 'a' } });
  // @ts-expect-error There is nothing else to include.
  void getIntegration(client, { uniqueKey: 'github', include: ['secrets'] });
  // @ts-expect-error A connect session may only list.
  void getIntegration(session, { uniqueKey: 'github' });
  // @ts-expect-error The provider of an integration stays.
  void updateIntegration(client, { uniqueKey: 'github', body: { provider: 'gitlab' } });
}
