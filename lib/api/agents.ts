// Agents: sessions that give an AI agent some connections as tools, and the MCP endpoints where it uses them.

import type { Client } from '../client.ts';
import { check, object, required } from '../core/guards.ts';
import { connectionHeaders } from '../core/request.ts';
import type { RequestParts } from '../core/request.ts';
import { leaveOpen, readJson, send } from '../core/send.ts';
import type { BaseClient, RequestOptions } from '../core/types.ts';
import type { ConnectionInput } from './connections.ts';

/** Some of the tools of an integration, by name. */
export interface ToolNames {
  /** The names. */
  tools: readonly string[];
}

/** The tools that an agent may use of an integration: all, or those that are allowed and not denied. */
export type ToolFilter = '*' | { allow?: '*' | ToolNames | undefined; deny?: ToolNames | undefined };

/** What {@link createAgentSession} takes. */
export interface CreateAgentSessionInput {
  /** Whose connections the agent uses. */
  tenant: {
    connections: {
      /** Connections that have all tags of one of these. */
      any?: readonly { tags: Readonly<Record<string, string>> }[] | undefined;
      /** Connections by their ids. */
      pinned?: readonly { integration_id: string; connection_id: string }[] | undefined;
    };
  };
  /** The tools that the agent may use, all or by the id of the integration. */
  toolset?: '*' | Readonly<Record<string, ToolFilter>> | undefined;
  /** The tools that the agent is shown without searching for them, by the id of the integration. */
  pinned_tools?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whether the agent may search for tools, run them, and call providers' own APIs. */
  meta_tools?: Partial<AgentMetaTools> | undefined;
  /** How long the session lasts, for example `1h`. */
  expires_in?: string | undefined;
}

/** Which of Nango's own tools an agent has. */
export interface AgentMetaTools {
  /** Searches for tools. */
  nango_tool_search: boolean;
  /** Runs a tool. */
  nango_execute: boolean;
  /** Calls the API of a provider. */
  nango_proxy: boolean;
}

/** A new agent session. */
export interface AgentSession {
  /** The id of the session, a UUID. */
  session_id: string;
  /** The token that the agent authenticates with. */
  session_token: string;
  /** The MCP endpoint, for an MCP client. */
  mcp_url: string;
  /** When the session ends, an ISO date. */
  expires_at: string;
  /** How many tools there are, by the id of the integration. */
  toolset: Record<string, { connected: boolean; tools_pinned: number; tools_searchable: number }>;
  /** Which of Nango's own tools the agent has. */
  meta_tools: AgentMetaTools;
}

/** Names an agent session. */
export interface AgentSessionInput {
  /** The id of the session, a UUID. */
  sessionId: string;
}

/** An agent session that has ended. */
export interface EndedAgentSession {
  /** The id of the session. */
  session_id: string;
  /** When it ended, an ISO date. */
  ended_at: string;
  /** Why it ended. */
  reason: 'terminated' | 'expired' | (string & {});
}

/** A request or a notification of JSON-RPC 2.0. */
export interface JsonRpcMessage {
  /** The version of the protocol. */
  jsonrpc: '2.0';
  /** The id that the answer has too. Left out of notifications, which get none. */
  id?: string | number | undefined;
  /** The method, for example `tools/list`. */
  method: string;
  /** The parameters of the method. */
  params?: object | undefined;
}

/** A message to an MCP endpoint, or several. */
export type McpBody = JsonRpcMessage | readonly JsonRpcMessage[];

/** What {@link callAgentSessionMcp} takes. */
export interface CallAgentSessionMcpInput extends AgentSessionInput {
  /** The token of the session. The API key of the client is not sent. */
  sessionToken: string;
  /** The message, or several. */
  body: McpBody;
}

/** What {@link callConnectionMcp} takes. */
export interface CallConnectionMcpInput extends ConnectionInput {
  /** The message, or several. */
  body: McpBody;
}

/**
 * Creates a session in which an AI agent uses some connections as tools, over MCP.
 *
 * `POST /sessions`
 *
 * @experimental
 */
export async function createAgentSession(
  client: Client,
  input: CreateAgentSessionInput,
  options?: RequestOptions,
): Promise<{ data: AgentSession }> {
  return send(client, 'POST /sessions', { body: required(input, 'input', 'tenant') }, options);
}

/**
 * Ends an agent session.
 *
 * `DELETE /sessions/{sessionId}`
 *
 * @experimental
 */
export async function deleteAgentSession(
  client: Client,
  input: AgentSessionInput,
  options?: RequestOptions,
): Promise<{ data: EndedAgentSession }> {
  const { sessionId } = object(input, 'input');
  return send(client, 'DELETE /sessions/{sessionId}', { path: { sessionId } }, options);
}

/**
 * Sends a message to the MCP endpoint of an agent session, and gives the response as it came: JSON, or an event stream.
 * The call has no time limit unless `timeout` sets one, which then covers the body too. It is for agents without an MCP
 * client; those that have one give it the `mcp_url` and the token.
 *
 * `POST /session/{sessionId}/mcp`
 *
 * @throws NangoApiError where the status is an error, with the reason `agent_session_ended` once the session has ended.
 * @experimental
 */
export async function callAgentSessionMcp(
  client: Client,
  input: CallAgentSessionMcpInput,
  options?: RequestOptions,
): Promise<Response> {
  const { sessionId, sessionToken, body } = object(input, 'input');
  check(/^nango_agent_session_\w+$/.test(sessionToken), 'sessionToken must be the token of an agent session');
  const agent: BaseClient = client && { ...client, fetch: (path, init) => client.fetch(path, init, sessionToken) };
  return callMcp(agent, 'POST /session/{sessionId}/mcp', { path: { sessionId } }, body, options);
}

/**
 * Sends a message to the MCP endpoint of a connection, whose tools are its actions, and gives the response as it came:
 * JSON, or an event stream. The call has no time limit unless `timeout` sets one, which then covers the body too.
 *
 * `POST /mcp`
 *
 * @throws NangoApiError where the status is an error.
 * @deprecated Agent sessions take its place.
 */
export async function callConnectionMcp(
  client: Client,
  input: CallConnectionMcpInput,
  options?: RequestOptions,
): Promise<Response> {
  const headers = connectionHeaders(input);
  return callMcp(client, 'POST /mcp', { headers }, input.body, options);
}

/** Sends a message, and leaves the body of the response to the caller. */
async function callMcp(
  client: BaseClient,
  operation: string,
  parts: RequestParts,
  body: McpBody,
  options: RequestOptions = {},
): Promise<Response> {
  check(typeof body === 'object' && body, 'body must be a JSON-RPC message, or an array of them');
  const { timeout = Infinity } = object(options, 'options');
  // The protocol has clients accept both.
  const headers = { ...parts.headers, accept: 'application/json, text/event-stream' };
  const open: BaseClient = client && { ...client, fetch: (path, init) => client.fetch(path, { ...init, whole: true }) };
  return send(
    open,
    operation,
    { ...parts, headers, body },
    { ...options, timeout },
    (response, call) => response.ok ? leaveOpen(response, call) : readJson<never>(response, call),
  );
}
