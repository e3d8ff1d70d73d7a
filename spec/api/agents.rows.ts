// The rows of lib/api/agents.ts.

import { callAgentSessionMcp, callConnectionMcp, createAgentSession, deleteAgentSession } from '../../lib/mod.ts';
import type { JsonRpcMessage } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const sessionId = '35f461d4-e681-4957-ab14-c0ae1609431d';
const sessionToken = `nango_agent_session_${'ab'.repeat(32)}`;
const accept = 'application/json, text/event-stream';
const connection = { providerConfigKey: 'my key:v1.0@x ~a', connectionId: 'org/team 1' };
const message: JsonRpcMessage = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } };
const batch: JsonRpcMessage[] = [message, { jsonrpc: '2.0', method: 'notifications/initialized' }];
const answer = { status: 200, body: { jsonrpc: '2.0', id: 1, result: {} } };
const session = {
  tenant: {
    connections: {
      any: [{ tags: { end_user_id: 'u-1' } }],
      pinned: [{ integration_id: 'github', connection_id: 'c-1' }],
    },
  },
  toolset: { github: '*', slack: { allow: { tools: ['post'] }, deny: { tools: ['delete'] } } },
  pinned_tools: { github: ['list-issues'] },
  meta_tools: { nango_proxy: false },
  expires_in: '1h',
} as const;

export const rows: Row[] = [
  {
    name: 'createAgentSession',
    call: (client, options) => createAgentSession(client, session, options),
    request: { method: 'POST', target: '/sessions', body: session },
    answer: {
      status: 200,
      body: {
        data: {
          session_id: sessionId,
          session_token: sessionToken,
          mcp_url: `https://api.nango.dev/session/${sessionId}/mcp`,
          expires_at: '2026-01-15T09:30:00.000Z',
          toolset: { github: { connected: true, tools_pinned: 1, tools_searchable: 3 } },
          meta_tools: { nango_tool_search: true, nango_execute: true, nango_proxy: false },
        },
      },
    },
    bad: { tenant: (client) => createAgentSession(client, { toolset: '*' } as never) },
    error: {
      status: 400,
      reason: 'unknown_integration',
      body: { error: { code: 'unknown_integration', message: 'no', payload: { integration_id: 'slack' } } },
    },
  },
  {
    name: 'deleteAgentSession',
    call: (client, options) => deleteAgentSession(client, { sessionId }, options),
    request: { method: 'DELETE', target: `/sessions/${sessionId}` },
    answer: {
      status: 200,
      body: { data: { session_id: sessionId, ended_at: '2026-01-15T09:30:00.000Z', reason: 'terminated' } },
    },
    bad: { sessionId: (client) => deleteAgentSession(client, { sessionId: '' }) },
    error: { status: 404, reason: 'not_found', body: { error: { code: 'not_found', message: 'Session not found' } } },
  },
  {
    name: 'callAgentSessionMcp',
    call: async (client, options) =>
      JSON.parse(await (await callAgentSessionMcp(client, { sessionId, sessionToken, body: message }, options)).text()),
    request: {
      method: 'POST',
      target: `/session/${sessionId}/mcp`,
      headers: { accept, authorization: `Bearer ${sessionToken}` },
      body: message,
    },
    answer,
    bad: {
      sessionId: (client) => callAgentSessionMcp(client, { sessionId: '..', sessionToken, body: message }),
      sessionToken: (client) => callAgentSessionMcp(client, { sessionId, sessionToken: sessionId, body: message }),
      body: (client) => callAgentSessionMcp(client, { sessionId, sessionToken, body: '{}' as never }),
    },
    error: {
      status: 401,
      reason: 'agent_session_ended',
      body: { error: { message: 'Authentication failed.', code: 'agent_session_ended', payload: {} } },
    },
  },
  {
    name: 'callConnectionMcp',
    call: async (client, options) =>
      JSON.parse(await (await callConnectionMcp(client, { ...connection, body: batch }, options)).text()),
    request: {
      method: 'POST',
      target: '/mcp',
      headers: { accept, 'provider-config-key': 'my key:v1.0@x ~a', 'connection-id': 'org/team 1' },
      body: batch,
    },
    answer,
    bad: {
      providerConfigKey: (client) => callConnectionMcp(client, { connectionId: 'c', body: message } as never),
      connectionId: (client) => callConnectionMcp(client, { ...connection, connectionId: '', body: message }),
    },
    // Errors of the protocol have numbers for codes.
    error: {
      status: 406,
      body: { jsonrpc: '2.0', error: { code: -32000, message: 'Not Acceptable' }, id: null },
    },
  },
];
