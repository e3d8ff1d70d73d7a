// The types of lib/api/agents.ts, checked by the compiler.

import { callAgentSessionMcp, callConnectionMcp, createAgentSession } from '../../lib/mod.ts';
import type { Client, SessionClient } from '../../lib/mod.ts';

/** Never called: it only has to compile. */
export async function compiled(client: Client, session: SessionClient): Promise<void> {
  const tenant = { connections: { any: [{ tags: { end_user_id: 'u-1' } }] } };
  const { data } = await createAgentSession(client, { tenant, toolset: { github: { deny: { tools: ['a'] } } } });
  void (data.session_token satisfies string);
  // @ts-expect-error A typo.
  void createAgentSession(client, { tenant, tool_set: '*' });
  // @ts-expect-error Nango has no such tool.
  void createAgentSession(client, { tenant, meta_tools: { nango_search: true } });
  // @ts-expect-error A connect session may not.
  void createAgentSession(session, { tenant });

  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' } as const;
  const { session_id: sessionId, session_token: sessionToken } = data;
  void ((await callAgentSessionMcp(client, { sessionId, sessionToken, body })) satisfies Response);
  // @ts-expect-error It is the token of the session that counts.
  void callAgentSessionMcp(client, { sessionId, body });
  // @ts-expect-error A message has a method.
  void callConnectionMcp(client, { providerConfigKey: 'a', connectionId: 'b', body: { jsonrpc: '2.0', id: 1 } });
  // @ts-expect-error A connect session may not.
  void callConnectionMcp(session, { providerConfigKey: 'a', connectionId: 'b', body });
}
