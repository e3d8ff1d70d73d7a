// The rows of lib/api/functions.ts.

import { deleteFunction, getFunction, getFunctionCode, getScriptsConfig, listFunctions } from '../../lib/mod.ts';
import type { Row } from '../support/row.ts';

const uniqueKey = 'my key:v1.0@x ~a';
const target = '/integrations/my%20key%3Av1.0%40x%20~a/functions';
const named = { uniqueKey, name: 'create-issue' };
const action = {
  name: 'create-issue',
  description: 'Creates an issue',
  scopes: [],
  type: 'action',
  input: 'IssueInput',
  returns: ['Issue'],
  json_schema: { definitions: { Issue: { type: 'object' }, IssueInput: { type: 'object' } } },
  id: 16,
  enabled: true,
  last_deployed: '2026-01-02T03:04:05.678Z',
  source: 'repo',
};
const unknown = {
  status: 404,
  reason: 'not_found',
  body: { error: { code: 'not_found', message: 'Function does not exist' } },
};

export const rows: Row[] = [
  {
    name: 'listFunctions',
    call: (client, options) =>
      listFunctions(client, { uniqueKey, type: 'on-event', search: 'issue', page: 0, limit: 100 }, options),
    request: { method: 'GET', target: `${target}?type=on-event&search=issue&page=0&limit=100` },
    answer: { status: 200, body: { data: [action], pagination: { total: 1, page: 0, limit: 100 } } },
    bad: {
      uniqueKey: (client) => listFunctions(client, { uniqueKey: '' }),
    },
    error: {
      status: 404,
      reason: 'not_found',
      body: { error: { code: 'not_found', message: 'Integration does not exist' } },
    },
  },
  {
    name: 'getFunction',
    call: (client, options) => getFunction(client, { ...named, type: 'action' }, options),
    request: { method: 'GET', target: `${target}/create-issue?type=action` },
    answer: { status: 200, body: { data: action } },
    bad: {
      uniqueKey: (client) => getFunction(client, { name: 'create-issue' } as never),
      name: (client) => getFunction(client, { uniqueKey, name: '..' }),
    },
    error: unknown,
  },
  {
    name: 'getFunctionCode',
    call: (client, options) => getFunctionCode(client, { ...named, type: 'sync' }, options),
    request: { method: 'GET', target: `${target}/create-issue/code?type=sync` },
    answer: { status: 200, body: { type: 'sync', code: 'export default createSync({});\n' } },
    bad: { name: (client) => getFunctionCode(client, { uniqueKey, name: 'a\nb' }) },
    error: {
      status: 409,
      reason: 'ambiguous_function',
      body: {
        error: {
          code: 'ambiguous_function',
          message: "Several functions are named 'create-issue'",
          payload: { matches: [{ type: 'action', name: 'create-issue' }, { type: 'sync', name: 'create-issue' }] },
        },
      },
    },
  },
  {
    name: 'deleteFunction',
    call: (client, options) => deleteFunction(client, { ...named, type: 'action' }, options),
    request: { method: 'DELETE', target: `${target}/create-issue?type=action` },
    answer: { status: 200, body: { data: { success: true } } },
    bad: { type: (client) => deleteFunction(client, named as never) },
    error: {
      status: 400,
      reason: 'function_managed_by_deploy',
      body: { error: { code: 'function_managed_by_deploy', message: 'repo functions are deleted otherwise' } },
    },
  },
  {
    name: 'getScriptsConfig',
    call: (client, options) => getScriptsConfig(client, { format: 'openai' }, options),
    request: { method: 'GET', target: '/scripts/config?format=openai' },
    answer: {
      status: 200,
      body: {
        data: [
          {
            name: 'create-issue',
            description: 'Creates an issue',
            parameters: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
          },
        ],
      },
    },
    bad: { input: (client) => getScriptsConfig(client, null as never) },
    error: {
      status: 403,
      reason: 'forbidden',
      body: {
        error: { code: 'forbidden', message: 'Insufficient scope. Required: environment:integrations:list_functions' },
      },
    },
  },
];
