// Agents beyond their rows: a session from end to end, which token goes where, and streams that are given away unread.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  callAgentSessionMcp,
  callConnectionMcp,
  createAgentSession,
  createClient,
  deleteAgentSession,
} from '../../lib/mod.ts';
import type { JsonRpcMessage } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';
import { apiKey, rejection, scripted, slow, textOf } from '../support/support.ts';
import { hurry } from '../support/time.ts';

const sessionToken = `nango_agent_session_${'ab'.repeat(32)}`;
const mcp = { sessionId: 's-1', sessionToken, body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } as const };
const connection = { providerConfigKey: 'github', connectionId: 'c-1' };

/** Reads the messages of an event stream. */
async function messages(response: Response): Promise<any[]> {
  const text = await response.text();
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
}

test('an agent uses the tools of its session with the token of the session, until it ends', async () => {
  const emulator = createEmulator({
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c-1', tags: { end_user_id: 'u-1' } }],
    actions: { echo: { integration: 'github', run: (input) => ({ echoed: input }) } },
  });
  const client = createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch: emulator.fetch });
  const tenant = { connections: { any: [{ tags: { end_user_id: 'u-1' } }] } };
  const { data } = await createAgentSession(client, { tenant });

  const session = { sessionId: data.session_id, sessionToken: data.session_token };
  const call = (id: number, args: object): JsonRpcMessage => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'echo', arguments: args },
  });
  const response = await callAgentSessionMcp(client, { ...session, body: [call(1, { a: 1 }), call(2, { b: 2 })] });
  assert.match(response.headers.get('content-type')!, 'text/event-stream');
  const answers = await messages(response);
  assert.equal(answers.map(({ id, result }) => [id, JSON.parse(result.content[0].text)]), [
    [1, { echoed: { a: 1 } }],
    [2, { echoed: { b: 2 } }],
  ]);
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' } as const;
  const notified = await callAgentSessionMcp(client, { ...session, body: notification });
  assert.is(notified.status, 202);

  const [listed] = await messages(await callConnectionMcp(client, { ...connection, body: mcp.body }));
  assert.equal(listed.result.tools.map(({ name }: { name: string }) => name), ['echo']);

  for (const { operation, headers } of emulator.requests) {
    const token = operation === 'callAgentSessionMcp' ? data.session_token : emulator.apiKey;
    assert.is(headers['authorization'], `Bearer ${token}`, operation);
  }

  assert.is((await deleteAgentSession(client, session)).data.reason, 'terminated');
  const ended = await rejection(callAgentSessionMcp(client, { ...session, body: mcp.body }));
  assert.is(ended.reason, 'agent_session_ended');
  assert.not(textOf(ended).includes(data.session_token));
});

test('the API key is not sent with, or even asked for, in place of the token of a session', async () => {
  const seen: string[] = [];
  const client = createClient({
    apiKey: () => {
      throw new Error('nobody needs it');
    },
    headers: { authorization: 'Bearer of the client' },
    fetch: async (_, init) => {
      seen.push(JSON.stringify([...new Headers(init!.headers)]));
      return new Response('{}', { headers: { 'content-type': 'application/json' } });
    },
  });
  await callAgentSessionMcp(client, mcp, { headers: { Authorization: 'Bearer of the call' } });
  assert.is(seen.length, 1);
  assert.match(seen[0]!, `["authorization","Bearer ${sessionToken}"]`);
  assert.not.match(seen[0]!, 'Bearer of');
  const error = await rejection(callAgentSessionMcp(client, { ...mcp, sessionToken: apiKey }));
  assert.instance(error, TypeError);
  assert.not.match(error.message, apiKey);
});

test('a stream is given away before it ends, and ends with the signal or the timeout', async () => {
  const stream = (signal: AbortSignal) => slow({ headers: { 'content-type': 'text/event-stream' } }, signal);
  const begin = async (options: { signal?: AbortSignal; timeout?: number }) => {
    let source!: ReturnType<typeof slow>;
    const { client } = scripted([({ signal }) => (source = stream(signal)).response], { timeout: 5 });
    const response = await callConnectionMcp(client, { ...connection, body: mcp.body }, options);
    const reader = response.body!.getReader();
    source.push('event: message\n');
    assert.is(new TextDecoder().decode((await reader.read()).value), 'event: message\n');
    return { source, reader };
  };

  const unlimited = await begin({});
  await new Promise((resolve) => setTimeout(resolve, 20));
  unlimited.source.push('data: late');
  assert.is(new TextDecoder().decode((await unlimited.reader.read()).value), 'data: late');

  for (const timeout of [undefined, 60_000]) {
    const controller = new AbortController();
    const aborted = await begin({ signal: controller.signal, ...(timeout && { timeout }) });
    const reason = new Error('enough');
    const read = rejection(aborted.reader.read());
    controller.abort(reason);
    assert.is(await read, reason);
  }

  await hurry(async () => {
    const limited = await begin({ timeout: 30 });
    assert.is((await rejection(limited.reader.read())).code, 'timeout');
  });
});

test('a call needs a client', async () => {
  for (const client of [undefined, {}]) {
    const error = await rejection(callAgentSessionMcp(client as never, mcp));
    assert.instance(error, TypeError);
    assert.match(error.message, 'client');
  }
});

test.run();
