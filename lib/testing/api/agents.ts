// Agent sessions, and the MCP endpoints of connections and of sessions: actions as tools.

import { apiError, apiErrorWithPayload, empty, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { connectionHeaders, tags } from '../server/fields.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { array, boolean, object, oneOf, optional, record, string, union } from '../server/schema.ts';
import type { Read } from '../server/schema.ts';
import { runAction } from '../state/actions.ts';
import { isoTime } from '../state/clock.ts';
import type { Context } from '../state/context.ts';
import { findConnection } from '../state/store.ts';
import type { StoredAgentSession, StoredConnection, StoredEnvironment, StoredFunction } from '../state/store.ts';

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

/** The actions of a connection, which MCP clients see as tools. */
function toolsOf(environment: StoredEnvironment, connection: StoredConnection): StoredFunction[] {
  return environment.functions.filter(
    ({ type, integration, enabled }) => type === 'action' && enabled && integration === connection.providerConfigKey,
  );
}

function createSession({ context, environment }: Call, body: Read<ReturnType<typeof sessionBody>>): Answer {
  const { any = [], pinned = [] } = body.tenant.connections;
  const unknown = pinned.find((one) => !findConnection(environment, one.integration_id, one.connection_id));
  if (unknown) {
    throw apiError(400, 'unknown_pinned_connection', 'A pinned connection does not exist', { payload: unknown });
  }
  const missing = body.toolset === undefined || body.toolset === '*' ? [] : Object.keys(body.toolset);
  for (const key of missing) {
    if (!environment.integrations.has(key)) {
      throw apiError(400, 'unknown_integration', `Integration '${key}' does not exist`, {
        payload: { integration_id: key },
      });
    }
  }
  for (const name of Object.keys(body.meta_tools ?? {})) {
    if (!metaTools.includes(name)) {
      throw apiError(400, 'unknown_meta_tool', `Unknown meta tool '${name}'`, { payload: { name } });
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
    id: context.clock.uuid(),
    token: `nango_agent_session_${context.clock.hex(64)}`,
    connections: matches,
    expiresAt: context.clock.now() + lengthOf(body.expires_in),
    endedAt: null,
  };
  environment.agentSessions.set(session.id, session);
  const tools = metaTools.map((name) => [name, body.meta_tools?.[name] ?? name !== 'nango_proxy']);
  return json({
    data: {
      session_id: session.id,
      session_token: session.token,
      mcp_url: `${context.host}/session/${session.id}/mcp`,
      expires_at: isoTime(session.expiresAt),
      toolset: Object.fromEntries(toolset) as Record<string, unknown>,
      meta_tools: Object.fromEntries(tools) as Record<string, unknown>,
    },
  });
}

function endSession({ context, environment }: Call, sessionId: string): Answer {
  const session = environment.agentSessions.get(sessionId);
  if (!session || session.endedAt !== null) throw apiError(404, 'not_found', 'Session not found');
  const now = context.clock.now();
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

/** Answers MCP messages as the server's transport does: with events, or with 202 if there are only notifications. */
async function answerMcp(
  { context, request }: Call,
  environment: StoredEnvironment,
  connections: readonly StoredConnection[],
): Promise<Answer> {
  const accept = request.headers.get('accept') ?? '';
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    const message = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    return { ...rpcError(-32000, message, 406), contentType: undefined };
  }
  const messages = (Array.isArray(request.body) ? request.body : [request.body]) as Message[];
  const asked = messages.filter(({ id }) => id !== undefined);
  if (asked.length === 0) return empty(202);
  let events = '';
  for (const message of asked) {
    const result = await answerMessage(context, environment, connections, message);
    events += `event: message\ndata: ${JSON.stringify({ ...result, jsonrpc: '2.0', id: message.id })}\n\n`;
  }
  return { status: 200, body: events, contentType: 'text/event-stream' };
}

async function answerMessage(
  context: Context,
  environment: StoredEnvironment,
  connections: readonly StoredConnection[],
  { method, params }: Message,
): Promise<Record<string, unknown>> {
  if (method === 'initialize') {
    const serverInfo = { name: 'Nango', version: context.version };
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
      const { status, body } = await runAction(context, environment, connection, action.action, params?.arguments);
      return { result: { content: [{ type: 'text', text: JSON.stringify(body) }], isError: status !== 200 } };
    }
    return { error: { code: -32602, message: `Unknown tool ${String(params?.name)}` } };
  }
  return { error: { code: -32601, message: 'Method not found' } };
}

function authenticateAgent(
  { context, request }: Call,
): { session: StoredAgentSession; environment: StoredEnvironment } {
  const unauthorized = (code: string, message: string): Error =>
    apiErrorWithPayload(401, code, `Authentication failed. ${message}`);
  const token = (request.headers.get('authorization') ?? '').split('Bearer ').pop() ?? '';
  if (!/^nango_agent_session_[0-9a-f]{64}$/.test(token)) {
    throw unauthorized('invalid_agent_session_token_format', 'The agent session token is malformed.');
  }
  for (const environment of context.store.environments) {
    const session = environment.agentSessions.get(request.params['sessionId'] ?? '');
    if (session?.token !== token) continue;
    if (session.endedAt !== null || session.expiresAt <= context.clock.now()) {
      throw unauthorized('agent_session_ended', 'The agent session has ended.');
    }
    return { session, environment };
  }
  throw unauthorized('unknown_agent_session_token', 'The agent session token is unknown.');
}

/** The operations on agent sessions and the MCP endpoints. */
export const agentRoutes = (): Route[] => [
  route('createAgentSession', 'POST /sessions', {
    scopes: ['environment:agent_sessions:write'],
    body: sessionBody(),
    query: anyQuery(),
    handle: (call) => createSession(call, call.body),
  }),

  route('deleteAgentSession', 'DELETE /sessions/:sessionId', {
    scopes: ['environment:agent_sessions:write'],
    params: object({ sessionId: string({ format: 'uuid' }) }),
    query: anyQuery(),
    handle: (call) => endSession(call, call.params.sessionId),
  }),

  route('callAgentSessionMcp', 'POST /session/:sessionId/mcp', {
    auth: 'none',
    query: anyQuery(),
    handle(call) {
      const { session, environment } = authenticateAgent(call);
      return answerMcp(call, environment, session.connections);
    },
  }),

  route('callConnectionMcp', 'POST /mcp', {
    scopes: ['environment:mcp'],
    query: anyQuery(),
    headers: connectionHeaders(),
    handle(call) {
      const { environment, headers } = call;
      const connection = findConnection(environment, headers['provider-config-key'], headers['connection-id']);
      if (!connection) throw apiError(400, 'unknown_connection');
      return answerMcp(call, environment, [connection]);
    },
  }),

  route('readConnectionMcp', 'GET /mcp', {
    scopes: ['environment:mcp'],
    query: anyQuery(),
    handle: () => rpcError(-32000, 'Method not allowed.', 405),
  }),
];
