// The rows of lib/api/actions.ts.

import { getAsyncActionResult, triggerAction, triggerActionAsync, waitForAction } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const connection = { providerConfigKey: 'my key:v1.0@x ~a', connectionId: 'org/team 1' };
const headers = { 'provider-config-key': 'my key:v1.0@x ~a', 'connection-id': 'org/team 1' };
const id = 'b635fda5-9ebd-4120-b8f7-dcf59a5c7f51';
const thrown = {
  status: 500,
  reason: 'action_script_runtime_error',
  body: {
    error: {
      message: 'The action script failed with a runtime error',
      code: 'action_script_runtime_error',
      payload: { detail: { code: 7 }, message: 'custom failure' },
    },
  },
};

export const rows: Row[] = [
  {
    name: 'triggerAction',
    call: (client, options) =>
      triggerAction(client, { ...connection, actionName: 'echo', input: { hello: 'wörld ☃', n: null } }, options),
    request: {
      method: 'POST',
      target: '/action/trigger',
      headers,
      body: { action_name: 'echo', input: { hello: 'wörld ☃', n: null } },
    },
    answer: { status: 200, body: { echoed: true } },
    bad: {
      providerConfigKey: (client) => triggerAction(client, { connectionId: 'c', actionName: 'a' } as never),
      connectionId: (client) => triggerAction(client, { ...connection, connectionId: 'a\r\nb', actionName: 'a' }),
      actionName: (client) => triggerAction(client, connection as never),
    },
    error: {
      status: 424,
      reason: 'script_http_error',
      body: {
        error: {
          payload: { error: 'upstream 404' },
          code: 'script_http_error',
          upstream: { status: 404, headers: {}, body: { error: 'upstream 404' } },
        },
      },
    },
  },
  {
    name: 'triggerActionAsync',
    call: (client, options) =>
      triggerActionAsync(client, { ...connection, actionName: 'echo', input: 0, maxRetries: 5 }, options),
    request: {
      method: 'POST',
      target: '/action/trigger',
      headers: { ...headers, 'x-async': 'true', 'x-max-retries': '5' },
      body: { action_name: 'echo', input: 0 },
    },
    answer: { status: 202, body: { id, statusUrl: `/action/${id}` } },
    bad: {
      actionName: (client) => triggerActionAsync(client, { ...connection, actionName: '' }),
    },
    error: { status: 404, reason: 'not_found', body: { error: { code: 'not_found', message: 'Action not found' } } },
  },
  {
    name: 'getAsyncActionResult',
    call: (client, options) => getAsyncActionResult(client, { id }, options),
    request: { method: 'GET', target: `/action/${id}` },
    answer: { status: 200, body: 42 },
    bad: {
      id: (client) => getAsyncActionResult(client, { id: 'action_123456' }),
      statusUrl: (client) => getAsyncActionResult(client, {} as never),
    },
    error: thrown,
  },
  {
    name: 'waitForAction',
    call: (client, options) => waitForAction(client, { statusUrl: `/action/${id}`, interval: 1, timeout: 9 }, options),
    request: { method: 'GET', target: `/action/${id}` },
    answer: { status: 200, body: { done: true } },
    bad: {
      id: (client) => waitForAction(client, { id: '' }),
      statusUrl: (client) => waitForAction(client, { statusUrl: '/records' }),
      interval: (client) => waitForAction(client, { id, interval: -1 }),
      timeout: (client) => waitForAction(client, { id, timeout: 0 }),
    },
    error: thrown,
  },
];
