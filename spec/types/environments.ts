// The types of lib/api/environments.ts, checked by the compiler.

import { createApiKey, createEnvironment, deleteEnvironment, getApiKey, listApiKeys } from '../../lib/mod.ts';
import type { Client } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client): Promise<void> {
  const { data: environment } = await createEnvironment(client, { name: 'staging' });
  const { id, uuid = '' } = environment;
  void deleteEnvironment(client, { environmentUuid: id });
  void deleteEnvironment(client, { environmentUuid: uuid });

  const { data: created } = await createApiKey(client, { environmentUuid: uuid, body: { display_name: 'ci' } });
  void (created.secret satisfies string);
  const { data: keys } = await listApiKeys(client, { environmentUuid: uuid });
  // @ts-expect-error A list gives no secrets.
  void keys[0]?.secret;
  // @ts-expect-error API keys are behind routes that no server had by number.
  void listApiKeys(client, { environmentUuid: id });
  // @ts-expect-error A key has an id of its own.
  void getApiKey(client, { environmentUuid: uuid });
  // @ts-expect-error The body is spelled as on the wire.
  void createEnvironment(client, { name: 'staging', isProduction: true });
}
