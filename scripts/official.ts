// Runs the official client against `npm run dev`: whoever else speaks Nango has to find one there.
//
//   npm ci --prefix scripts/checks/compat && npx tsx scripts/official.ts
//
// The seed that is served is the one that this file exports.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ActionError } from '../lib/testing/mod.ts';
import type { EmulatorSeed } from '../lib/testing/mod.ts';

/** What the official client meets. */
export const seed: EmulatorSeed = {
  variables: { MY_VAR: 'my-value' },
  sharedApps: ['slack'],
  integrations: [
    {
      provider: 'github',
      unique_key: 'github',
      credentials: { type: 'OAUTH2', client_id: 'id', client_secret: 'secret' },
    },
    { provider: 'private-api-bearer', unique_key: 'bearer' },
    { provider: 'twitter', unique_key: 'twitter' },
  ],
  connections: [
    {
      provider_config_key: 'github',
      connection_id: 'c1',
      credentials: { type: 'OAUTH2', access_token: 'at', refresh_token: 'rt', raw: {} },
      metadata: { plan: 'pro' },
      tags: { team: 'red' },
    },
    { provider_config_key: 'github', connection_id: 'c2', end_user: { id: 'u2', email: 'u2@example.com' } },
    { provider_config_key: 'bearer', connection_id: 'k1' },
    { provider_config_key: 'twitter', connection_id: 't1' },
  ],
  records: [
    {
      providerConfigKey: 'github',
      connectionId: 'c1',
      model: 'Issue',
      records: Array.from({ length: 25 }, (_, id) => ({ id, title: `Issue ${id}` })),
    },
  ],
  syncs: { issues: { integration: 'github', models: ['Issue'], run: (io) => void io.save('Issue', [{ id: 'new' }]) } },
  actions: {
    echo: { integration: 'github', code: '// echo', run: (input) => ({ echoed: input }) },
    temp: { integration: 'github', source: 'standalone' },
    fail: {
      integration: 'github',
      run: () => {
        throw new ActionError({ detail: 7 });
      },
    },
  },
  async provider(request) {
    const url = new URL(request.url);
    if (url.pathname === '/missing') {
      return new Response('{"message":"Not Found"}', { status: 404, headers: { 'content-type': 'application/json' } });
    }
    const answer = {
      method: request.method,
      url: url.pathname + url.search,
      body: await request.text(),
      header: request.headers.get('x-custom'),
    };
    return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
  },
};

type Method =
  | 'createConnectSession'
  | 'createIntegration'
  | 'createQuickstartIntegration'
  | 'createReconnectSession'
  | 'createSyncVariant'
  | 'delete'
  | 'deleteConnection'
  | 'deleteFunction'
  | 'deleteIntegration'
  | 'deleteSyncVariant'
  | 'get'
  | 'getAsyncActionResult'
  | 'getConnection'
  | 'getEnvironmentVariables'
  | 'getFunction'
  | 'getFunctionCode'
  | 'getIntegration'
  | 'getMetadata'
  | 'getProvider'
  | 'getProviderTemplates'
  | 'getRawTokenResponse'
  | 'getScriptsConfig'
  | 'getToken'
  | 'listConnections'
  | 'listFunctions'
  | 'listIntegrations'
  | 'listProviders'
  | 'listRecords'
  | 'patch'
  | 'patchConnection'
  | 'pauseSync'
  | 'post'
  | 'proxy'
  | 'pruneRecords'
  | 'put'
  | 'setMetadata'
  | 'startSync'
  | 'syncStatus'
  | 'triggerAction'
  | 'triggerActionAsync'
  | 'triggerSync'
  | 'updateIntegration'
  | 'updateMetadata'
  | 'updateSyncConnectionFrequency'
  | 'waitForConnection';

type Client = Record<Method, (...input: any[]) => Promise<any>>;

async function main(): Promise<void> {
  const load = createRequire(new URL('./checks/compat/package.json', import.meta.url));
  const { Nango } = (await import(pathToFileURL(load.resolve('@nangohq/node')).href)) as {
    Nango: new (options: Record<string, unknown>) => Client;
  };
  const self = fileURLToPath(import.meta.url);
  const script = fileURLToPath(new URL('./dev.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, '--port', '0', '--seed', self], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let printed = '';
    await new Promise<void>((ready, failed) => {
      child.once('exit', () => failed(new Error('The server ended')));
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (/^data /m.test(printed)) ready();
      });
    });
    const host = /^host +(\S+)$/m.exec(printed)?.[1];
    const apiKey = /^key +([0-9a-f-]{36})/m.exec(printed)?.[1];
    const webhookSigningKey = /signing key +([0-9a-f-]{36})/.exec(printed)?.[1];
    const nango = new Nango({ host, apiKey, webhookSigningKey });
    const stranger = new Nango({ host, apiKey: '11111111-1111-4111-8111-111111111111' });
    await run(calls(nango, stranger));
  } finally {
    child.kill('SIGTERM');
  }
}

type Call = [name: string, call: () => Promise<unknown>, check: (result: any) => void];

const status = (expected: number, code?: string) => (error: any) => {
  assert.equal(error?.response?.status, expected);
  if (code !== undefined) assert.equal(error.response.data.error.code, code);
};
const refused = (call: () => Promise<unknown>) => () =>
  call().then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );

function calls(nango: Client, stranger: Client): Call[] {
  const of = { providerConfigKey: 'github', connectionId: 'c1' };
  const who = { provider_config_key: 'github', connection_id: 'c1' };
  let queued: { id: string; statusUrl: string } | undefined;
  let cursor = '';
  return [
    ['listProviders', () => nango.listProviders({}), ({ data }) => assert.ok(data.length > 10)],
    [
      'listProviders search',
      () => nango.listProviders({ search: 'github' }),
      ({ data }) => assert.equal(data[0].name, 'github'),
    ],
    [
      'getProvider',
      () => nango.getProvider({ provider: 'github' }),
      ({ data }) => assert.equal(data.auth_mode, 'OAUTH2'),
    ],
    ['getProvider unknown', refused(() => nango.getProvider({ provider: 'nope' })), status(404, 'not_found')],
    [
      'getProviderTemplates',
      () => nango.getProviderTemplates({ provider: 'github' }),
      ({ data }) => assert.deepEqual(data, []),
    ],
    ['listIntegrations', () => nango.listIntegrations(), ({ configs }) => assert.equal(configs.length, 3)],
    [
      'listIntegrations with an unknown key',
      refused(() => stranger.listIntegrations()),
      status(401, 'unknown_account'),
    ],
    [
      'getIntegration',
      () => nango.getIntegration({ uniqueKey: 'github' }),
      ({ data }) => assert.equal(data.unique_key, 'github'),
    ],
    [
      'getIntegration include',
      () => nango.getIntegration({ uniqueKey: 'github' }, { include: ['credentials'] }),
      ({ data }) => assert.equal(data.credentials.client_id, 'id'),
    ],
    ['getIntegration unknown', refused(() => nango.getIntegration({ uniqueKey: 'nope' })), status(404, 'not_found')],
    [
      'createIntegration',
      () => nango.createIntegration({ provider: 'unauthenticated', unique_key: 'temp' }),
      ({ data }) => assert.equal(data.unique_key, 'temp'),
    ],
    [
      'createIntegration twice',
      refused(() => nango.createIntegration({ provider: 'unauthenticated', unique_key: 'temp' })),
      status(400, 'invalid_body'),
    ],
    [
      'createQuickstartIntegration',
      () => nango.createQuickstartIntegration({ provider: 'slack', unique_key: 'slack' }),
      ({ data }) => assert.equal(data.provider, 'slack'),
    ],
    [
      'updateIntegration',
      () => nango.updateIntegration({ uniqueKey: 'temp' }, { display_name: 'Temp' }),
      ({ data }) => assert.equal(data.display_name, 'Temp'),
    ],
    [
      'deleteIntegration',
      () => nango.deleteIntegration('temp'),
      ({ data }) => assert.deepEqual(data, { success: true }),
    ],
    [
      'listFunctions',
      () => nango.listFunctions({ uniqueKey: 'github' }),
      ({ pagination }) => assert.equal(pagination.total, 4),
    ],
    [
      'listFunctions filtered',
      () => nango.listFunctions({ uniqueKey: 'github' }, { type: 'action', search: 'ec', limit: 1, page: 0 }),
      ({ data }) => assert.equal(data[0].name, 'echo'),
    ],
    [
      'getFunction',
      () => nango.getFunction({ uniqueKey: 'github', name: 'issues' }, { type: 'sync' }),
      ({ data }) => assert.equal(data.type, 'sync'),
    ],
    [
      'getFunction unknown',
      refused(() => nango.getFunction({ uniqueKey: 'github', name: 'nope' })),
      status(404, 'not_found'),
    ],
    [
      'getFunctionCode',
      () => nango.getFunctionCode({ uniqueKey: 'github', name: 'echo' }),
      ({ code }) => assert.equal(code, '// echo'),
    ],
    [
      'deleteFunction',
      () => nango.deleteFunction({ uniqueKey: 'github', name: 'temp' }, { type: 'action' }),
      ({ data }) => assert.equal(data.success, true),
    ],
    [
      'deleteFunction of a repository',
      refused(() => nango.deleteFunction({ uniqueKey: 'github', name: 'echo' }, { type: 'action' })),
      status(400, 'function_managed_by_deploy'),
    ],
    ['getScriptsConfig', () => nango.getScriptsConfig(), ([group]) => assert.equal(group.syncs[0].name, 'issues')],
    [
      'getScriptsConfig openai',
      () => nango.getScriptsConfig('openai'),
      ({ data }) => assert.equal(data[0].name, 'echo'),
    ],
    ['listConnections', () => nango.listConnections(), ({ connections }) => assert.equal(connections.length, 4)],
    [
      'listConnections one',
      () => nango.listConnections({ connectionId: 'c1' }),
      ({ connections }) => assert.equal(connections.length, 1),
    ],
    [
      'listConnections by tags',
      () => nango.listConnections({ tags: { team: 'red' } }),
      ({ connections }) => assert.equal(connections.length, 1),
    ],
    [
      'listConnections by user',
      () => nango.listConnections({ userId: 'u2' }),
      ({ connections }) => assert.equal(connections[0].connection_id, 'c2'),
    ],
    [
      'listConnections by integrations',
      () => nango.listConnections({ integrationId: ['github', 'bearer'], limit: 2 }),
      ({ connections }) => assert.equal(connections.length, 2),
    ],
    [
      'getConnection',
      () => nango.getConnection('github', 'c1'),
      ({ credentials }) => assert.equal(credentials.refresh_token, undefined),
    ],
    [
      'getConnection refresh token',
      () => nango.getConnection('github', 'c1', false, true),
      ({ credentials }) => assert.equal(credentials.refresh_token, 'rt'),
    ],
    [
      'getConnection forced',
      () => nango.getConnection('github', 'c1', true),
      ({ credentials }) => assert.match(credentials.access_token, /^test-/),
    ],
    ['getConnection unknown', refused(() => nango.getConnection('github', 'nope')), status(404, 'not_found')],
    [
      'patchConnection',
      () => nango.patchConnection({ connectionId: 'c1', provider_config_key: 'github' }, { tags: { a: 'b' } }),
      ({ success }) => assert.ok(success),
    ],
    ['getToken', () => nango.getToken('github', 'c2'), (token) => assert.equal(token, 'test-access-token')],
    [
      'getToken OAuth 1',
      () => nango.getToken('twitter', 't1'),
      (token) => assert.equal(token.oAuthToken, 'test-token'),
    ],
    [
      'getRawTokenResponse',
      () => nango.getRawTokenResponse('github', 'c2'),
      (raw) => assert.equal(raw.access_token, 'test-access-token'),
    ],
    ['getMetadata', () => nango.getMetadata('github', 'c1'), (metadata) => assert.deepEqual(metadata, { plan: 'pro' })],
    [
      'setMetadata',
      () => nango.setMetadata('github', ['c1', 'c2'], { a: 1 }),
      ({ status: given }) => assert.equal(given, 201),
    ],
    [
      'updateMetadata',
      () => nango.updateMetadata('github', 'c1', { b: 2 }),
      ({ data }) => assert.deepEqual(data.metadata, { b: 2 }),
    ],
    [
      'getMetadata after',
      () => nango.getMetadata('github', 'c1'),
      (metadata) => assert.deepEqual(metadata, { a: 1, b: 2 }),
    ],
    ['setMetadata unknown', refused(() => nango.setMetadata('github', 'nope', {})), status(404, 'unknown_connection')],
    [
      'waitForConnection',
      () => nango.waitForConnection('github', 'u2'),
      (connection) => assert.equal(connection.connection_id, 'c2'),
    ],
    [
      'listRecords',
      () => nango.listRecords({ ...of, model: 'Issue' }),
      ({ records }) => assert.equal(records.length, 25),
    ],
    [
      'listRecords page',
      () => nango.listRecords({ ...of, model: 'Issue', limit: 10, filter: 'added' }),
      (page) => {
        cursor = page.next_cursor;
        assert.equal(page.records.length, 10);
      },
    ],
    [
      'listRecords next',
      () => nango.listRecords({ ...of, model: 'Issue', cursor }),
      ({ records }) => assert.equal(records.length, 15),
    ],
    [
      'listRecords ids',
      () => nango.listRecords({ ...of, model: 'Issue', ids: ['1'] }),
      ({ records }) => assert.equal(records[0].title, 'Issue 1'),
    ],
    [
      'listRecords unknown',
      refused(() => nango.listRecords({ ...of, connectionId: 'nope', model: 'Issue' })),
      status(400, 'unknown_connection'),
    ],
    [
      'pruneRecords',
      () => nango.pruneRecords({ ...of, model: 'Issue', untilCursor: cursor, limit: 4 }),
      (result) => assert.deepEqual(result, { count: 4, has_more: true }),
    ],
    ['triggerSync', () => nango.triggerSync('github', ['issues'], 'c1'), ({ data }) => assert.ok(data.success)],
    [
      'triggerSync full',
      () => nango.triggerSync('github', ['issues'], 'c1', 'full_refresh'),
      ({ data }) => assert.ok(data.success),
    ],
    [
      'syncStatus',
      () => nango.syncStatus('github', '*', 'c1'),
      ({ syncs }) => assert.equal(syncs[0].status, 'SUCCESS'),
    ],
    ['pauseSync', () => nango.pauseSync('github', ['issues'], 'c1'), ({ data }) => assert.ok(data.success)],
    [
      'syncStatus paused',
      () => nango.syncStatus('github', ['issues'], 'c1'),
      ({ syncs }) => assert.equal(syncs[0].status, 'PAUSED'),
    ],
    ['startSync', () => nango.startSync('github', ['issues'], 'c1'), ({ data }) => assert.ok(data.success)],
    ['triggerSync unknown', refused(() => nango.triggerSync('github', ['nope'], 'c1')), status(400, 'no_syncs_found')],
    [
      'updateSyncConnectionFrequency',
      () => nango.updateSyncConnectionFrequency('github', 'issues', 'c1', 'every 2 hours'),
      ({ frequency }) => assert.equal(frequency, '2 hours'),
    ],
    [
      'createSyncVariant',
      () => nango.createSyncVariant({ ...who, name: 'issues', variant: 'v1' }),
      ({ variant }) => assert.equal(variant, 'v1'),
    ],
    [
      'deleteSyncVariant',
      () => nango.deleteSyncVariant({ ...who, name: 'issues', variant: 'v1' }),
      ({ success }) => assert.ok(success),
    ],
    [
      'getEnvironmentVariables',
      () => nango.getEnvironmentVariables(),
      (list) => assert.deepEqual(list, [{ name: 'MY_VAR', value: 'my-value' }]),
    ],
    [
      'triggerAction',
      () => nango.triggerAction('github', 'c1', 'echo', { a: 1 }),
      (output) => assert.deepEqual(output, { echoed: { a: 1 } }),
    ],
    [
      'triggerAction failing',
      refused(() => nango.triggerAction('github', 'c1', 'fail')),
      status(500, 'action_script_runtime_error'),
    ],
    ['triggerAction unknown', refused(() => nango.triggerAction('github', 'c1', 'nope')), status(404, 'not_found')],
    [
      'triggerActionAsync',
      () => nango.triggerActionAsync('github', 'c1', 'echo', { b: 2 }),
      (handle) => void (queued = handle),
    ],
    [
      'getAsyncActionResult by id',
      () => nango.getAsyncActionResult({ id: queued?.id }),
      (output) => assert.deepEqual(output, { echoed: { b: 2 } }),
    ],
    [
      'getAsyncActionResult by URL',
      () => nango.getAsyncActionResult({ statusUrl: queued?.statusUrl }),
      (output) => assert.deepEqual(output, { echoed: { b: 2 } }),
    ],
    [
      'createConnectSession',
      () => nango.createConnectSession({ end_user: { id: 'u3' }, allowed_integrations: ['github'] }),
      ({ data }) => assert.match(data.token, /^nango_connect_session_/),
    ],
    [
      'createReconnectSession',
      () => nango.createReconnectSession({ connection_id: 'c1', integration_id: 'github' }),
      ({ data }) => assert.ok(data.expires_at),
    ],
    [
      'get',
      () => nango.get({ ...of, endpoint: '/repos', params: { a: '1' } }),
      ({ data }) => assert.equal(data.url, '/repos?a=1'),
    ],
    [
      'post',
      () => nango.post({ ...of, endpoint: '/repos', data: { a: 1 }, headers: { 'x-custom': 'v' } }),
      ({ data }) => assert.deepEqual([data.body, data.header], ['{"a":1}', 'v']),
    ],
    [
      'put',
      () => nango.put({ ...of, endpoint: '/repos/1', data: { a: 1 } }),
      ({ data }) => assert.equal(data.method, 'PUT'),
    ],
    [
      'patch',
      () => nango.patch({ ...of, endpoint: '/repos/1', data: { a: 1 } }),
      ({ data }) => assert.equal(data.method, 'PATCH'),
    ],
    ['delete', () => nango.delete({ ...of, endpoint: '/repos/1' }), ({ data }) => assert.equal(data.method, 'DELETE')],
    [
      'proxy',
      () => nango.proxy({ ...of, method: 'GET', endpoint: '/user', retries: 1 }),
      ({ data }) => assert.equal(data.url, '/user'),
    ],
    ['proxy to a 404', refused(() => nango.get({ ...of, endpoint: '/missing' })), status(404)],
    ['deleteConnection', () => nango.deleteConnection('bearer', 'k1'), ({ data }) => assert.ok(data.success)],
    [
      'deleteConnection unknown',
      refused(() => nango.deleteConnection('bearer', 'k1')),
      status(400, 'unknown_connection'),
    ],
  ];
}

async function run(list: readonly Call[]): Promise<void> {
  let passed = 0;
  for (const [name, call, check] of list) {
    try {
      check(await call());
      passed += 1;
    } catch (error) {
      console.log(`  FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(`The official client: ${passed} of ${list.length} calls give what they should`);
  if (passed < list.length) process.exitCode = 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exitCode = 1;
  });
}
