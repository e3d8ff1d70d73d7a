// Deployed code that runs: what functions get, what becomes of what they do, and how they fail. The code is what the official
// command line sends: CommonJS text.

import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRuntime, type LogLine } from '../../../lib/dev/functions/runtime.ts';
import { createEmulator, type Emulator } from '../../../lib/testing/mod.ts';

const here = fileURLToPath(new URL('../../../', import.meta.url));

interface Setup {
  emulator: Emulator;
  logs: LogLine[];
  asked: Request[];
  deploy(functions: Record<string, string>, more?: object): Promise<void>;
  act(name: string, input?: unknown): Promise<{ status: number; body: Body }>;
  sync(name?: string): Promise<void>;
  records(model: string): Promise<Body[]>;
}

// deno-lint-ignore no-explicit-any
type Body = any;

type Answer = (request: Request) => Response | Promise<Response>;

async function setup(run: (setup: Setup) => Promise<void>, answer?: Answer, timeout?: number): Promise<void> {
  const logs: LogLine[] = [];
  const asked: Request[] = [];
  const runtime = createRuntime({
    ask: (request) => {
      asked.push(request.clone());
      return Promise.resolve(answer?.(request) ?? Response.json({}));
    },
    folders: [here],
    sleep: () => Promise.resolve(),
    onLog: (line) => logs.push(line),
    timeout,
  });
  const emulator = createEmulator({
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c', metadata: { team: 'a' } }],
    variables: { REGION: 'eu' },
    loadFunction: runtime.load,
  });
  runtime.attach(emulator);
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await emulator.fetch(`https://nango.test${path}`, {
      method,
      headers: {
        authorization: `Bearer ${emulator.apiKey}`,
        'content-type': 'application/json',
        'provider-config-key': 'github',
        'connection-id': 'c',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    } as RequestInit);
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  };
  try {
    await run({
      emulator,
      logs,
      asked,
      async deploy(functions, more = {}) {
        const flowConfigs = Object.entries(functions).map(([name, exec]) => {
          const type = name.startsWith('sync') ? 'sync' : 'action';
          return {
            syncName: name,
            type,
            providerConfigKey: 'github',
            models: type === 'sync' ? ['Issue'] : [],
            runs: type === 'sync' ? 'every hour' : null,
            auto_start: false,
            fileBody: { js: code(exec, type), ts: '' },
            ...more,
          };
        });
        const { status, body } = await call('POST', '/sync/deploy', { flowConfigs });
        assert.is(status, 200, JSON.stringify(body));
      },
      act: (action_name, input) => call('POST', '/action/trigger', { action_name, input }),
      async sync(name = 'sync') {
        const { status } = await call('POST', '/sync/trigger', { syncs: [name], provider_config_key: 'github' });
        assert.is(status, 200);
        await emulator.settled();
      },
      records: async (model) => (await call('GET', `/records?model=${model}`)).body.records as Body[],
    });
  } finally {
    await runtime.close();
  }
}

const code = (exec: string, type: string): string =>
  `"use strict"; Object.defineProperty(exports, '__esModule', { value: true });
exports.default = { type: ${JSON.stringify(type)}, exec: ${exec} };`;

test('an action gets its input and gives its output', () =>
  setup(async ({ deploy, act }) => {
    await deploy({ echo: 'async (nango, input) => ({ input, id: nango.connectionId, key: nango.providerConfigKey })' });
    const { status, body } = await act('echo', { a: [1, null] });
    assert.equal([status, body], [200, { input: { a: [1, null] }, id: 'c', key: 'github' }]);
  }));

test('a plain function of an older project runs', () =>
  setup(async ({ deploy, act }) => {
    const js = `exports.default = async function runAction(nango, input) { return input.a + 1 }`;
    await deploy({ old: '' }, { fileBody: { js, ts: '' } });
    assert.equal((await act('old', { a: 1 })).body, 2);
  }));

test('requests go to the provider with its credentials and come back in the shape of axios', () =>
  setup(
    async ({ deploy, act, asked }) => {
      await deploy({
        ask: `async (nango) => {
          const got = await nango.post({ endpoint: '/repos?x=1', params: { q: 'a b', ids: [1, 2] }, data: { n: 1 }, headers: { 'X-A': 'b' } });
          const bytes = await nango.get({ endpoint: 'repos', responseType: 'arraybuffer' });
          return { data: got.data, status: got.status, type: got.headers['content-type'], get: got.headers.get('X-B'),
            method: got.config.method, bytes: Buffer.isBuffer(bytes.data) };
        }`,
      });
      const { body } = await act('ask');
      assert.equal(body, {
        data: { ok: 1 },
        status: 200,
        type: 'application/json',
        get: 'c',
        method: 'POST',
        bytes: true,
      });
      const [post] = asked;
      assert.is(post?.url, 'https://api.github.com/repos?x=1&q=a+b&ids=1&ids=2');
      assert.match(post?.headers.get('authorization') ?? '', /^Bearer /);
      assert.is(post?.headers.get('x-a'), 'b');
      assert.equal(await post?.json(), { n: 1 });
    },
    () => Response.json({ ok: 1 }, { headers: { 'x-b': 'c' } }),
  ));

test('a failure of the provider is what axios throws, and escapes as script_http_error', () =>
  setup(
    async ({ deploy, act }) => {
      await deploy({
        caught: `async (nango) => { try { await nango.get({ endpoint: '/x' }) } catch (e) {
          return [e.name, e.code, e.isAxiosError, e.message, e.response.status, e.response.data] } }`,
        escaped: `async (nango) => { await nango.get({ endpoint: '/x' }) }`,
      });
      assert.equal((await act('caught')).body, [
        'AxiosError',
        'ERR_BAD_REQUEST',
        true,
        'Request failed with status code 404',
        404,
        { no: 'such' },
      ]);
      const { status, body } = await act('escaped');
      assert.is(status, 424);
      assert.equal(body.error.code, 'script_http_error');
      assert.equal(body.error.upstream, {
        status: 404,
        headers: { 'content-type': 'application/json' },
        body: { no: 'such' },
      });
    },
    () => Response.json({ no: 'such' }, { status: 404 }),
  ));

test('retries ask again, and retryOn adds statuses', () => {
  let calls = 0;
  return setup(
    async ({ deploy, act }) => {
      await deploy({
        again: `async (nango) => (await nango.get({ endpoint: '/x', retries: 3 })).data`,
        teapot: `async (nango) => (await nango.get({ endpoint: '/t', retries: 3, retryOn: [418] })).data`,
        provider: `async (nango) => (await nango.get({ endpoint: '/403', retries: 3 })).data`,
        once: `async (nango) => (await nango.get({ endpoint: '/t', retries: 3 })).data`,
      });
      assert.is((await act('again')).body, 3);
      calls = 0;
      assert.is((await act('teapot')).body, 3);
      calls = 0;
      assert.is((await act('provider')).body, 3, 'the statuses that the provider is known for');
      calls = 0;
      assert.is((await act('once')).status, 424);
      assert.is(calls, 1);
    },
    (request) => {
      calls += 1;
      return calls < 3
        ? new Response('', { status: request.url.endsWith('/t') ? 418 : request.url.endsWith('/403') ? 403 : 503 })
        : Response.json(calls);
    },
  );
});

test('how an action fails is how the server says it', () =>
  setup(async ({ deploy, act }) => {
    await deploy({
      own: `async (nango) => { throw new nango.ActionError({ reason: 'no' }) }`,
      other: `async () => { throw new Error('boom') }`,
      syntax: '{',
      unknown: `async () => require('not-there')`,
      exits: `async () => process.exit(3)`,
    });
    const own = await act('own');
    assert.equal([own.status, own.body.error.code, own.body.error.payload], [
      500,
      'action_script_runtime_error',
      { reason: 'no' },
    ]);
    const other = await act('other');
    assert.is(other.body.error.code, 'script_internal_error');
    assert.is(other.body.error.payload.message, 'boom');
    assert.match(other.body.error.payload.stacktrace[1], /other-github\.cjs:\d/);
    assert.match((await act('syntax')).body.error.payload.message, /Unexpected/);
    assert.match((await act('unknown')).body.error.payload.message, /needs the package not-there/);
    assert.match((await act('exits')).body.error.payload.message, /ended its own process with code 3/);
  }));

test('a function that never ends is ended, and the rest goes on', () =>
  setup(
    async ({ deploy, act }) => {
      await deploy({ loops: '() => { for (;;); }', waits: '() => new Promise(() => {})', fine: '() => 1' });
      const [loops, waits] = await Promise.all([act('loops'), act('waits')]);
      assert.is(loops.body.error.code, 'function_runtime_timed_out');
      assert.is(waits.body.error.code, 'function_runtime_timed_out');
    },
    undefined,
    1500,
  ));

test('a million lines are not kept', () =>
  setup(async ({ deploy, act, logs }) => {
    await deploy({ prints: `() => { for (let i = 0; i < 1e6; i++) console.log('x'); return 'done' }` });
    assert.is((await act('prints')).body, 'done');
    assert.is(logs.length, 10_001);
    assert.match(logs.at(-1)?.text ?? '', '990000 more lines');
  }));

test('logs have levels, and setLogger leaves out those below', () =>
  setup(async ({ deploy, act, logs }) => {
    await deploy({
      logs: `async (nango) => {
        await nango.log('a', { b: 1 });
        await nango.log('c', { level: 'error' });
        await nango.log('hidden', { level: 'debug' });
        nango.setLogger({ level: 'warn' });
        await nango.log('hidden');
        console.warn('d');
      }`,
    });
    await act('logs');
    assert.equal(logs.map(({ level, text }) => [level, text]), [['info', 'a { b: 1 }'], ['error', 'c'], ['warn', 'd']]);
  }));

test('a function reads and writes what belongs to its connection', () =>
  setup(async ({ deploy, act, emulator }) => {
    await deploy({
      inner: `async (nango, input) => ({ got: input })`,
      reads: `async (nango) => {
        const before = await nango.getMetadata();
        await nango.updateMetadata({ more: 1 });
        const merged = await nango.getMetadata();
        const response = await nango.setMetadata({ only: 2 });
        return {
          before, merged, status: response.status, after: await nango.getMetadata(),
          connection: (await nango.getConnection()).connection_id,
          token: typeof await nango.getToken(),
          url: await nango.getWebhookURL(),
          variables: await nango.getEnvironmentVariables(),
          integration: (await nango.getIntegration()).unique_key,
          inner: await nango.triggerAction('github', 'c', 'inner', 5),
          lock: [await nango.tryAcquireLock({ key: 'k', ttlMs: 1000 }), await nango.tryAcquireLock({ key: 'k', ttlMs: 1000 }), await nango.releaseLock({ key: 'k' })],
        };
      }`,
    });
    const { status, body } = await act('reads');
    assert.is(status, 200, JSON.stringify(body));
    assert.equal(body.before, { team: 'a' });
    assert.equal(body.merged, { team: 'a', more: 1 });
    assert.equal([body.status, body.after], [201, { only: 2 }]);
    assert.equal([body.connection, body.token, body.integration], ['c', 'string', 'github']);
    assert.match(String(body.url), /\/webhook\/|null/);
    assert.equal(body.variables, [{ name: 'REGION', value: 'eu' }]);
    assert.equal(body.inner, { got: 5 });
    assert.equal(body.lock, [true, false, true]);
    assert.equal(emulator.store.environments[0]?.connections.size, 1);
  }));

test('a sync saves pages, updates in depth, and deletes what it has not seen', () => {
  let round = 0;
  return setup(
    async ({ deploy, sync, records, emulator }) => {
      await deploy({
        sync: `async (nango) => {
          await nango.trackDeletesStart('Issue');
          for await (const page of nango.paginate({ endpoint: '/issues', paginate: { type: 'link', link_rel_in_response_header: 'next', limit_name_in_request: 'per_page', limit: 2 } })) {
            await nango.batchSave(page, 'Issue');
          }
          await nango.batchUpdate([{ id: 1, deep: { b: 2 } }], 'Issue');
          const found = await nango.getRecordsByIds([1, 99], 'Issue');
          await nango.log([...found].map(([id, record]) => [id, record.deep]));
          const listed = []; for await (const record of nango.listRecords('Issue')) listed.push(record.id);
          await nango.saveCheckpoint({ listed: listed.length, before: (await nango.getCheckpoint())?.listed ?? -1, first: nango.lastSyncDate === undefined });
          const gone = await nango.trackDeletesEnd('Issue');
          await nango.log(gone);
        }`,
      });
      await sync();
      const first = await records('Issue');
      assert.equal(first.map(({ id }) => id as string).sort(), ['1', '2', '3']);
      assert.equal(first.find(({ id }) => id === '1')?.deep, { a: 1, b: 2 });
      const [stored] = emulator.store.environments[0]?.syncs ?? [];
      assert.equal(stored?.checkpoint, { listed: 3, before: -1, first: true });
      round = 1;
      await sync();
      assert.equal(stored?.checkpoint, { listed: 3, before: 3, first: false });
      const deleted = (await records('Issue')).filter((one) => one._nango_metadata.last_action === 'DELETED');
      assert.equal(deleted.map(({ id }) => id as string), ['3']);
      assert.equal(stored?.job?.result['Issue']?.deleted, 1);
    },
    (request) => {
      const page = new URL(request.url).searchParams.get('page');
      if (page === null) {
        const headers = { link: '<https://api.github.com/issues?per_page=2&page=2>; rel="next"' };
        return Response.json([{ id: 1, deep: { a: 1 } }, { id: 2 }], round === 0 ? { headers } : {});
      }
      return Response.json([{ id: 3 }]);
    },
  );
});

test('a sync that fails says so in its webhook, and a record without an id is refused', () =>
  setup(async ({ deploy, sync, emulator, logs }) => {
    await deploy({ sync: `async (nango) => { await nango.batchSave([{ id: '1' }, { name: 'x' }], 'Issue') }` });
    await sync();
    const event = emulator.webhooks.deliveries.find(({ event: one }) => one['type'] === 'sync')?.event;
    assert.equal((event?.['error'] as Body).type, 'invalid_sync_record');
    assert.match(logs.at(-1)?.text ?? '', 'Record 1 of batchSave for Issue has no id');
  }));

test('with ignore_if_modified_after, what another run changes meanwhile stays', () =>
  setup(async ({ deploy, sync, emulator, act, records }) => {
    const target = { providerConfigKey: 'github', connectionId: 'c', model: 'Issue' };
    emulator.saveRecords(target, [{ id: 'old', v: 0 }, { id: 'new', v: 0 }]);
    await new Promise((later) => setTimeout(later, 5));
    await deploy({
      change: `() => 1`,
      sync: `async (nango) => {
        await nango.setMergingStrategy({ strategy: 'ignore_if_modified_after' }, 'Issue');
        await nango.triggerAction('github', 'c', 'change');
        await nango.batchSave([{ id: 'old', v: 1 }, { id: 'new', v: 1 }], 'Issue');
      }`,
    });
    const change = emulator.store.environments[0]?.functions.find(({ name }) => name === 'change');
    assert.ok(change);
    change.action = async () => {
      await new Promise((later) => setTimeout(later, 5));
      emulator.saveRecords(target, [{ id: 'new', v: 2 }]);
      return {};
    };
    await sync();
    await act('change');
    const values = (await records('Issue')).map(({ id, v }) => [id as string, v as number]).sort();
    assert.equal(values, [['new', 2], ['old', 1]]);
  }));

test('webhooks of the provider run onWebhook, and events run their functions', () =>
  setup(async ({ deploy, emulator, logs, records }) => {
    const js = `exports.default = { type: 'sync', exec() {}, async onWebhook(nango, payload) {
      await nango.batchSave([{ id: payload.id }], 'Issue'); await nango.log(nango.scriptType) } }`;
    await deploy({ sync: '' }, { fileBody: { js, ts: '' }, webhookSubscriptions: ['issue.created'] });
    assert.is(await emulator.receiveWebhook({ providerConfigKey: 'github', payload: { type: 'other', id: 'x' } }), 0);
    assert.is(
      await emulator.receiveWebhook({ providerConfigKey: 'github', payload: { type: 'issue.created', id: 'w' } }),
      1,
    );
    assert.equal((await records('Issue')).map(({ id }) => id as string), ['w']);
    const event = emulator.webhooks.deliveries.find(({ event: one }) => one['type'] === 'sync')?.event;
    assert.is(event?.['syncType'], 'WEBHOOK');

    const script = (event: string) => ({
      name: event,
      event,
      fileBody: {
        js: `exports.default = { type: 'onEvent', exec: (nango) => nango.log('${event} ' + nango.connectionId) }`,
        ts: '',
      },
    });
    const headers = { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' };
    const scripts = [script('post-connection-creation'), script('pre-connection-deletion')];
    const body = { flowConfigs: [], onEventScriptsByProvider: [{ providerConfigKey: 'github', scripts }] };
    const send = (method: string, path: string, json?: object) =>
      emulator.fetch(
        `https://nango.test${path}`,
        { method, headers, ...(json && { body: JSON.stringify(json) }) } as RequestInit,
      );
    assert.is((await send('POST', '/sync/deploy', body)).status, 200);
    const credentials = { type: 'OAUTH2', access_token: 't' };
    await send('POST', '/connections', { provider_config_key: 'github', connection_id: 'new', credentials });
    await emulator.settled();
    await send('DELETE', '/connections/new?provider_config_key=github');
    await emulator.settled();
    assert.equal(logs.slice(-2).map(({ text }) => text), [
      'post-connection-creation new',
      'pre-connection-deletion new',
    ]);
  }));

test('a run that is aborted ends with script_aborted', async () => {
  const runtime = createRuntime({ ask: () => Promise.resolve(Response.json({})), folders: [here] });
  const emulator = createEmulator({
    integrations: [{ provider: 'github', unique_key: 'github' }],
    connections: [{ provider_config_key: 'github', connection_id: 'c' }],
    loadFunction: runtime.load,
  });
  runtime.attach(emulator);
  const started = new Promise<void>((seen) => {
    const run = runtime.load({
      name: 'long',
      type: 'action',
      integration: 'github',
      code: code(
        `async (nango) => { await nango.get({ endpoint: '/x' }); while (true) { await new Promise((r) => setTimeout(r, 5)); await nango.getMetadata() } }`,
        'action',
      ),
    }) as (input: unknown, io: object) => Promise<unknown>;
    ended = run({}, { environment: 'dev', providerConfigKey: 'github', connectionId: 'c' }).catch((error: unknown) =>
      error
    );
    setTimeout(seen, 300);
  });
  await started;
  await runtime.close();
  assert.is(((await ended) as { code?: string }).code, 'script_aborted');
});
let ended: Promise<unknown>;

test.run();
