import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type EmulatorSeed } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const code = 'export default {}';

function seeded(more: EmulatorSeed = {}) {
  return createEmulator({
    integrations: [
      { provider: 'unauthenticated', unique_key: 'plain' },
      { provider: 'github', unique_key: 'github' },
    ],
    connections: [{ provider_config_key: 'plain', connection_id: 'c1' }],
    syncs: {
      dup: { integration: 'plain', models: ['Dup'], code: '// dup sync' },
      widgets: { integration: 'plain', models: ['Widget'], runs: 'every day' },
    },
    actions: {
      dup: { integration: 'plain', code: '// dup action' },
      temp: { integration: 'plain', source: 'standalone' },
      echo: {
        integration: 'plain',
        description: 'Echoes.\n- hello: what to say',
        input: 'EchoInput',
        json_schema: {
          definitions: {
            EchoInput: { type: 'object', properties: { hello: { type: 'string' } }, required: ['hello'] },
          },
        },
      },
    },
    events: { welcome: { integration: 'plain', event: 'post-connection-creation' } },
    ...more,
  });
}

test('functions are listed by type and name, in pages', async () => {
  const emulator = seeded();
  const list = async (query: string) => {
    const { body } = await call(emulator, `GET /integrations/plain/functions?${query}`);
    return [
      body.data.map(({ name, type }: { name: string; type: string }) => `${type}:${name}`).join(' '),
      body.pagination.total,
    ];
  };
  assert.equal(await list(''), ['action:dup action:echo action:temp on-event:welcome sync:dup sync:widgets', 6]);
  assert.equal(await list('type=sync'), ['sync:dup sync:widgets', 2]);
  assert.equal(await list('search=DU'), ['action:dup sync:dup', 2]);
  assert.equal(await list('limit=2&page=1'), ['action:temp on-event:welcome', 6]);
  assert.is(
    refusal(await call(emulator, 'GET /integrations/plain/functions?type=zzz')),
    '400 invalid_query_params invalid_value@type',
  );
  assert.is(refusal(await call(emulator, 'GET /integrations/nope/functions')), '404 not_found');
});

test('an ambiguous name gives the action, but not its source', async () => {
  const emulator = seeded();
  const path = 'GET /integrations/plain/functions/dup';
  assert.is((await call(emulator, path)).body.data.type, 'action');
  assert.is((await call(emulator, `${path}?type=sync`)).body.data.runs, 'every hour');
  const ambiguous = await call(emulator, `${path}/code`);
  assert.is(refusal(ambiguous), '409 ambiguous_function');
  assert.equal(ambiguous.body.error.payload.matches, [
    { type: 'action', name: 'dup' },
    { type: 'sync', name: 'dup' },
  ]);
  assert.equal((await call(emulator, `${path}/code?type=sync`)).body, { type: 'sync', code: '// dup sync' });
});

test('only standalone and catalogue functions can be deleted', async () => {
  const emulator = seeded();
  const remove = (name: string, query = '?type=action') =>
    call(emulator, `DELETE /integrations/plain/functions/${name}${query}`);
  assert.is(refusal(await remove('echo')), '400 function_managed_by_deploy');
  assert.is(refusal(await remove('temp', '')), '400 invalid_query_params invalid_value@type');
  assert.equal((await remove('temp')).body, { data: { success: true } });
  assert.is(refusal(await remove('temp')), '404 not_found');
});

test('all functions are given by provider, or as tools', async () => {
  const emulator = seeded();
  const [group] = (await call(emulator, 'GET /scripts/config')).body;
  assert.equal([group.providerConfigKey, group.provider, group['on-events']], ['plain', 'unauthenticated', []]);
  assert.equal(
    group.syncs.map(({ name }: { name: string }) => name),
    ['dup', 'widgets'],
  );
  const { data } = (await call(emulator, 'GET /scripts/config?format=openai')).body;
  assert.equal(data.find(({ name }: { name: string }) => name === 'echo').parameters, {
    type: 'object',
    properties: { hello: { type: 'string', description: 'what to say' } },
    required: ['hello'],
  });
  assert.equal((await call(createEmulator(), 'GET /scripts/config?format=openai')).body, []);
});

test('code is compiled, run dry and deployed', async () => {
  const emulator = seeded({
    sandbox: ({ input }) => {
      if (input === 'bad') throw new Error('it broke');
      return { got: input };
    },
    loadFunction: () => () => 'deployed',
  });
  assert.is((await call(emulator, 'POST /functions/compile', { body: { code } })).body.bundle_size_bytes, code.length);
  assert.is(
    refusal(await call(emulator, 'POST /functions/compile', { body: { code: 'nothing' } })),
    '400 compilation_error',
  );
  const dry = async (input: unknown) => {
    const body = { integration_id: 'plain', connection_id: 'c1', function_type: 'action', code, input };
    const { status, body: started } = await call(emulator, 'POST /functions/dryruns', { body });
    assert.is(status, 202);
    await emulator.settled();
    return (await call(emulator, `GET /functions/dryruns/${started.id}`)).body;
  };
  const good = await dry({ a: 1 });
  assert.equal([good.status, good.result], ['success', { got: { a: 1 } }]);
  const bad = await dry('bad');
  assert.equal([bad.status, bad.error.message], ['failed', 'it broke']);

  const deploy = (function_name: string) =>
    call(emulator, 'POST /functions/deployments', {
      body: { type: 'function', integration_id: 'plain', function_name, function_type: 'action', code },
    });
  const started = await deploy('fresh');
  assert.is(started.body.status, 'waiting');
  await emulator.settled();
  const ended = (await call(emulator, `GET /functions/deployments/${started.body.id}`)).body;
  assert.equal(ended.deployed_functions, [{ name: 'fresh', version: '1.0.0' }]);
  const ran = await call(emulator, 'POST /action/trigger', { of: ['plain', 'c1'], body: { action_name: 'fresh' } });
  assert.is(ran.body, 'deployed');
  assert.is(refusal(await deploy('echo')), '400 invalid_request');
  const none = seeded({ sandbox: false });
  assert.is(refusal(await call(none, 'POST /functions/compile', { body: { code } })), '500 server_error');
});

test('a template is deployed once', async () => {
  const emulator = seeded({ templates: { github: [{ name: 'whoami', type: 'action' }] } });
  const deploy = (template: string) =>
    call(emulator, 'POST /functions/deployments', { body: { type: 'template', integration_id: 'github', template } });
  assert.is((await deploy('whoami')).body.status, 'success');
  assert.is(refusal(await deploy('whoami')), '409 template_already_deployed');
  assert.is(refusal(await deploy('nope')), '404 template_not_found');
});

test('a bundle says what it changes, and then changes it', async () => {
  const emulator = seeded();
  const item = (name: string, description = '') => ({
    name,
    integrationId: 'plain',
    description,
    trigger: { kind: 'http' },
    requires: {},
    capabilities: {
      usesRecords: false,
      usesOutbound: true,
      usesCheckpoints: false,
      usesMetadata: false,
      usesInvoke: false,
    },
    limits: {},
    input_schema_ref: null,
    output_schema_ref: null,
    model_schema_refs: [],
    metadata_schema_ref: null,
    checkpoint_schema_ref: null,
    json_schema: { definitions: {} },
    fileBody: { js: 'x', ts: 'x' },
  });
  const send = async (path: string, functions: object[]) => {
    const body = { reconciliationScope: { kind: 'environment' }, functions };
    const answer = (await call(emulator, `POST /functions/deployments/bundle${path}`, { body })).body;
    return Object.fromEntries(
      Object.entries(answer).map(([key, list]) => [key, (list as { name: string }[]).map(({ name }) => name).join()]),
    );
  };
  assert.equal(await send('/preview', [item('a')]), { created: 'a', updated: '', unchanged: '', deleted: '' });
  assert.equal(await send('', [item('a'), item('b')]), { created: 'a,b', updated: '', unchanged: '', deleted: '' });
  assert.equal(await send('', [item('a', 'new'), item('c')]), {
    created: 'c',
    updated: 'a',
    unchanged: '',
    deleted: 'b',
  });
  assert.equal(await send('/preview', [item('c')]), { created: '', updated: '', unchanged: 'c', deleted: 'a' });
  const scope = { reconciliationScope: { kind: 'all' }, functions: [] };
  const refused = await call(emulator, 'POST /functions/deployments/bundle', { body: scope });
  assert.is(refusal(refused), '400 invalid_body invalid_union@reconciliationScope.kind');
  const invoke = (name: string) =>
    call(emulator, 'POST /functions/invocations', {
      body: { connection_id: 'c1', integration_id: 'plain', name, invocation_type: 'wait' },
    });
  assert.is(refusal(await invoke('nope')), '404 unknown_function');
  assert.is(refusal(await invoke('c')), '501 not_implemented');
});

test('an invocation runs an action, at once or later', async () => {
  const emulator = seeded({
    actions: {
      echo: { integration: 'plain', run: (input) => input },
      off: { integration: 'plain', enabled: false },
      boom: {
        integration: 'plain',
        run: () => {
          throw new Error('boom');
        },
      },
    },
  });
  const invoke = (name: string, invocation_type: string) =>
    call(emulator, 'POST /functions/invocations', {
      body: { connection_id: 'c1', integration_id: 'plain', name, invocation_type, input: { a: 1 } },
    });
  assert.equal((await invoke('echo', 'wait')).body, { a: 1 });
  assert.is(refusal(await invoke('boom', 'wait')), '500 function_failed');
  assert.is(refusal(await invoke('off', 'wait')), '403 function_disabled');
  assert.is(refusal(await invoke('echo', 'later')), '400 invalid_body invalid_value@invocation_type');
  const { id } = (await invoke('echo', 'no_wait')).body;
  await emulator.settled();
  assert.equal((await call(emulator, `GET /functions/invocations/${id}`)).body, { a: 1 });
  const old = seeded({ version: '0.71.4' });
  const body = { connection_id: 'c1', integration_id: 'plain', name: 'echo', invocation_type: 'wait' };
  assert.is(refusal(await call(old, 'POST /functions/invocations', { body })), '404 unknown_function');
});

test('agents see actions as tools, in sessions that end', async () => {
  const emulator = seeded({ actions: { echo: { integration: 'plain', run: (input) => input } } });
  const headers = { accept: 'application/json, text/event-stream' };
  const rpc = async (line: string, method: string, params: object, key?: string) => {
    const body = { jsonrpc: '2.0', id: 1, method, params };
    const answer = await call(emulator, line, {
      body,
      headers,
      of: ['plain', 'c1'],
      ...(key === undefined ? {} : { key }),
    });
    return answer.status === 200 ? JSON.parse(answer.body.split('data: ')[1]) : refusal(answer);
  };
  assert.equal((await rpc('POST /mcp', 'tools/list', {})).result.tools[0].name, 'echo');
  const called = await rpc('POST /mcp', 'tools/call', { name: 'echo', arguments: { a: 1 } });
  assert.equal(called.result, { content: [{ type: 'text', text: '{"a":1}' }], isError: false });
  assert.is((await call(emulator, 'GET /mcp')).status, 405);
  const pinned = [{ integration_id: 'plain', connection_id: 'c1' }];
  const { data } = (await call(emulator, 'POST /sessions', { body: { tenant: { connections: { pinned } } } })).body;
  assert.equal(data.toolset, { plain: { connected: true, tools_pinned: 0, tools_searchable: 1 } });
  const line = `POST /session/${data.session_id}/mcp`;
  assert.equal((await rpc(line, 'tools/list', {}, data.session_token)).result.tools.length, 1);
  assert.is((await call(emulator, `DELETE /sessions/${data.session_id}`)).body.data.reason, 'terminated');
  assert.is(await rpc(line, 'tools/list', {}, data.session_token), '401 agent_session_ended');
});

test.run();
