// Agent sessions, and the MCP endpoints of connections and of sessions: actions as tools.

import { runAction } from '../state/actions.ts';
import { type Answer, empty, json, Refusal, refuse, refuseWithPayload } from '../server/answer.ts';
import { isoTime } from '../state/clock.ts';
import { type Call, readBody, readHeaders, readParams, type Route } from '../server/router.ts';
import { connectionId, providerConfigKey, tags } from '../server/fields.ts';
import {
  findConnection,
  type StoredAgentSession,
  type StoredConnection,
  type StoredEnvironment,
  type StoredFunction,
} from '../state/store.ts';
import { array, boolean, object, oneOf, optional, record, string, union } from '../server/schema.ts';
import type { World } from '../state/context.ts';

const toolList = () => object({ tools: array(string()) });
const everything = () => oneOf(['*']);

const sessionBody = () =>
  object({
    tenant: object({
      connections: object({
        any: optional(array(object({ tags: tags() }))),
        pinned: optional(array(object({ integration_id: string(), connection_id: string() }))),
      }),
    }),
    toolset: optional(
      union(
        everything(),
        record(
          string(),
          union(everything(), object({ allow: optional(union(everything(), toolList())), deny: optional(toolList()) })),
        ),
      ),
    ),
    pinned_tools: optional(record(string(), array(string()))),
    meta_tools: optional(record(string(), boolean())),
    expires_in: optional(string()),
  });

const metaTools = ['nango_tool_search', 'nango_execute', 'nango_proxy'];
const defaultLength = 3_600_000;
const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function lengthOf(text: string | undefined): number {
  const [, amount = '', unit = ''] = /^(\d+)([smhd])$/.exec(text ?? '') ?? [];
  return amount === '' ? defaultLength : Number(amount) * (units[unit] ?? 1000);
}

/** The actions that an MCP client sees as tools of a connection. */
function toolsOf(environment: StoredEnvironment, connection: StoredConnection): StoredFunction[] {
  return environment.functions.filter(
    ({ type, integration, enabled }) => type === 'action' && enabled && integration === connection.providerConfigKey,
  );
}

function createSession(call: Call): Answer {
  const body = readBody(call, sessionBody());
  const { world, environment } = call;
  const { any = [], pinned = [] } = body.tenant.connections;
  const unknown = pinned.find((one) => !findConnection(environment, one.integration_id, one.connection_id));
  if (unknown) {
    throw refuse(400, 'unknown_pinned_connection', 'A pinned connection does not exist', { payload: unknown });
  }
  const missing = body.toolset === undefined || body.toolset === '*' ? [] : Object.keys(body.toolset);
  for (const key of missing) {
    if (!environment.integrations.has(key)) {
      throw refuse(400, 'unknown_integration', `Integration '${key}' does not exist`, {
        payload: { integration_id: key },
      });
    }
  }
  for (const name of Object.keys(body.meta_tools ?? {})) {
    if (!metaTools.includes(name)) {
      throw refuse(400, 'unknown_meta_tool', `Unknown meta tool '${name}'`, { payload: { name } });
    }
  }
  const matches = [...environment.connections.values()].filter(
    (connection) =>
      any.some((one) => Object.entries(one.tags).every(([name, value]) => connection.tags[name] === value)) ||
      pinned.some(
        (one) => one.integration_id === connection.providerConfigKey && one.connection_id === connection.connectionId,
      ),
  );
  const toolset = matches.map((connection) => {
    const key = connection.providerConfigKey;
    const count = { connected: true, tools_pinned: body.pinned_tools?.[key]?.length ?? 0 };
    return [key, { ...count, tools_searchable: toolsOf(environment, connection).length }];
  });
  const session: StoredAgentSession = {
    id: world.clock.uuid(),
    token: `nango_agent_session_${world.clock.hex(64)}`,
    connections: matches,
    expiresAt: world.clock.now() + lengthOf(body.expires_in),
    endedAt: null,
  };
  environment.agentSessions.set(session.id, session);
  const tools = metaTools.map((name) => [name, body.meta_tools?.[name] ?? name !== 'nango_proxy']);
  return json({
    data: {
      session_id: session.id,
      session_token: session.token,
      mcp_url: `${world.host}/session/${session.id}/mcp`,
      expires_at: isoTime(session.expiresAt),
      toolset: Object.fromEntries(toolset) as Record<string, unknown>,
      meta_tools: Object.fromEntries(tools) as Record<string, unknown>,
    },
  });
}

function endSession(call: Call): Answer {
  const { sessionId } = readParams(call, object({ sessionId: string({ format: 'uuid' }) }));
  const session = call.environment.agentSessions.get(sessionId);
  if (!session || session.endedAt !== null) throw refuse(404, 'not_found', 'Session not found');
  const now = call.world.clock.now();
  session.endedAt = now;
  const reason = session.expiresAt <= now ? 'expired' : 'terminated';
  return json({ data: { session_id: session.id, ended_at: isoTime(now), reason } });
}

interface Message {
  id?: string | number;
  method?: string;
  params?: { name?: string; arguments?: unknown };
}

function rpcError(code: number, message: string, status: number, id: unknown = null): Answer {
  return { status, body: { jsonrpc: '2.0', error: { code, message }, id }, contentType: null, untagged: true };
}

/** Answers MCP messages as the server's transport does: as events, or with 202 when nothing asks for an answer. */
async function answerMcp(
  world: World,
  environment: StoredEnvironment,
  connections: readonly StoredConnection[],
  call: Call,
): Promise<Answer> {
  const accept = call.headers.get('accept') ?? '';
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    const message = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    return { ...rpcError(-32000, message, 406), contentType: undefined };
  }
  const messages = (Array.isArray(call.body) ? call.body : [call.body]) as Message[];
  const asked = messages.filter(({ id }) => id !== undefined);
  if (asked.length === 0) return empty(202);
  let events = '';
  for (const message of asked) {
    const result = await answerMessage(world, environment, connections, message);
    events += `event: message\ndata: ${JSON.stringify({ ...result, jsonrpc: '2.0', id: message.id })}\n\n`;
  }
  return { status: 200, body: events, contentType: 'text/event-stream' };
}

async function answerMessage(
  world: World,
  environment: StoredEnvironment,
  connections: readonly StoredConnection[],
  { method, params }: Message,
): Promise<Record<string, unknown>> {
  if (method === 'initialize') {
    const serverInfo = { name: 'Nango', version: world.version };
    return { result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo } };
  }
  if (method === 'ping') return { result: {} };
  if (method === 'tools/list') {
    const tools = connections
      .flatMap((connection) => toolsOf(environment, connection))
      .map((action) => {
        const definitions = (action.jsonSchema?.['definitions'] ?? {}) as Record<string, unknown>;
        const inputSchema = (action.input !== undefined && definitions[action.input]) || { type: 'object' };
        return { name: action.name, description: action.description, inputSchema };
      });
    return { result: { tools } };
  }
  if (method === 'tools/call') {
    for (const connection of connections) {
      const action = toolsOf(environment, connection).find(({ name }) => name === params?.name);
      if (!action) continue;
      const { status, body } = await runAction(world, environment, connection, action.action, params?.arguments);
      return { result: { content: [{ type: 'text', text: JSON.stringify(body) }], isError: status !== 200 } };
    }
    return { error: { code: -32602, message: `Unknown tool ${String(params?.name)}` } };
  }
  return { error: { code: -32601, message: 'Method not found' } };
}

function requireAgent(call: Call): { session: StoredAgentSession; environment: StoredEnvironment } {
  const refuseAuth = (code: string, message: string): Error =>
    refuseWithPayload(401, code, `Authentication failed. ${message}`);
  const token = (call.headers.get('authorization') ?? '').split('Bearer ').pop() ?? '';
  if (!/^nango_agent_session_[0-9a-f]{64}$/.test(token)) {
    throw refuseAuth('invalid_agent_session_token_format', 'The agent session token is malformed.');
  }
  for (const environment of call.world.store.environments) {
    const session = environment.agentSessions.get(call.params['sessionId'] ?? '');
    if (session?.token !== token) continue;
    if (session.endedAt !== null || session.expiresAt <= call.world.clock.now()) {
      throw refuseAuth('agent_session_ended', 'The agent session has ended.');
    }
    return { session, environment };
  }
  throw refuseAuth('unknown_agent_session_token', 'The agent session token is unknown.');
}

/** The operations on agent sessions and the MCP endpoints. */
export const agentRoutes: readonly Route[] = [
  {
    operation: 'createAgentSession',
    method: 'POST',
    path: '/sessions',
    auth: 'environmentKey',
    scopes: ['environment:agent_sessions:write'],
    handle: createSession,
  },
  {
    operation: 'deleteAgentSession',
    method: 'DELETE',
    path: '/sessions/:sessionId',
    auth: 'environmentKey',
    scopes: ['environment:agent_sessions:write'],
    handle: endSession,
  },
  {
    operation: 'callAgentSessionMcp',
    method: 'POST',
    path: '/session/:sessionId/mcp',
    auth: 'none',
    scopes: [],
    handle(call) {
      const { session, environment } = requireAgent(call);
      return answerMcp(call.world, environment, session.connections, call);
    },
  },
  {
    operation: 'callConnectionMcp',
    method: 'POST',
    path: '/mcp',
    auth: 'environmentKey',
    scopes: ['environment:mcp'],
    handle(call) {
      const headers = readHeaders(call, {
        'connection-id': connectionId(),
        'provider-config-key': providerConfigKey(),
      });
      const connection = findConnection(call.environment, headers['provider-config-key'], headers['connection-id']);
      if (!connection) throw refuse(400, 'unknown_connection');
      return answerMcp(call.world, call.environment, [connection], call);
    },
  },
  {
    operation: 'readConnectionMcp',
    method: 'GET',
    path: '/mcp',
    auth: 'environmentKey',
    scopes: ['environment:mcp'],
    handle() {
      throw new Refusal(rpcError(-32000, 'Method not allowed.', 405));
    },
  },
];
