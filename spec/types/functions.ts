// The types of lib/api/functions.ts, checked by the compiler.

import { deleteFunction, getFunction, getScriptsConfig, iterateFunctions, listFunctions } from '../../lib/mod.ts';
import type { Client, OpenAIFunction, ScriptsConfig, SessionClient } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient, either: 'nango' | 'openai'): Promise<void> {
  const config: ScriptsConfig[] = await getScriptsConfig(client);
  void (config[0]?.syncs[0]?.runs satisfies string | null | undefined);
  const tools = await getScriptsConfig(client, { format: 'openai' });
  const described: OpenAIFunction[] = 'data' in tools ? tools.data : tools;
  void described;
  // @ts-expect-error It is an array only where nothing is deployed.
  void tools.map(String);
  void (await getScriptsConfig(client, { format: either }));
  // @ts-expect-error There is no such format.
  void getScriptsConfig(client, { format: 'yaml' });

  for await (const deployed of iterateFunctions(client, { uniqueKey: 'github' })) {
    if (deployed.type === 'on-event') void deployed.event;
    else void deployed.returns;
    // @ts-expect-error Only syncs are scheduled.
    void deployed.runs;
  }
  // @ts-expect-error Pages are what it iterates over.
  void iterateFunctions(client, { uniqueKey: 'github', page: 1 });
  // @ts-expect-error There is no such type.
  void listFunctions(client, { uniqueKey: 'github', type: 'webhook' });
  // @ts-expect-error The name is missing.
  void getFunction(client, { uniqueKey: 'github' });
  // @ts-expect-error The type is required to delete.
  void deleteFunction(client, { uniqueKey: 'github', name: 'a' });
  // @ts-expect-error Event handlers cannot be deleted by themselves.
  void deleteFunction(client, { uniqueKey: 'github', name: 'a', type: 'on-event' });
  // @ts-expect-error A connect session may not list functions.
  void listFunctions(session, { uniqueKey: 'github' });
}
