// lib/api/functions.ts beyond its rows: paging, the formats of the configuration, and the emulator.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  deleteFunction,
  getFunction,
  getFunctionCode,
  getScriptsConfig,
  iterateFunctions,
  NangoApiError,
} from '../../lib/mod.ts';
import type { Client } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';

/** Creates a client whose fetch gives an answer for each URL, and notes the URLs. */
function answering(answer: (url: URL) => unknown): { client: Client; targets: string[] } {
  const targets: string[] = [];
  const client = createClient({
    apiKey: '3f2b8c14-7d56-4e0a-9b1f-6c8a2d4e5f70',
    fetch: async (input) => {
      const url = new URL(String(input));
      targets.push(url.pathname + url.search);
      return new Response(JSON.stringify(answer(url)));
    },
  });
  return { client, targets };
}

/** Answers as a server does that has `total` functions. */
function functions(total: number): (url: URL) => unknown {
  return ({ searchParams }) => {
    const page = Number(searchParams.get('page'));
    const limit = Number(searchParams.get('limit'));
    const names = Array.from({ length: total }, (_, index) => ({ name: `f${index}`, type: 'action' }));
    return { data: names.slice(page * limit, (page + 1) * limit), pagination: { total, page, limit } };
  };
}

async function namesOf(client: Client, limit?: number): Promise<string[]> {
  const names: string[] = [];
  const input = { uniqueKey: 'github', type: 'action', limit } as const;
  for await (const { name } of iterateFunctions(client, input)) names.push(name);
  return names;
}

test('iterateFunctions gives the functions of all pages and asks for no page beyond the last', async () => {
  for (const total of [0, 1, 2, 3, 4, 5]) {
    const { client, targets } = answering(functions(total));
    const expected = Array.from({ length: total }, (_, index) => `f${index}`);
    assert.equal(await namesOf(client, 2), expected);
    assert.equal(
      targets,
      Array.from(
        { length: Math.max(1, Math.ceil(total / 2)) },
        (_, page) => `/integrations/github/functions?type=action&page=${page}&limit=2`,
      ),
    );
  }
});

test('iterateFunctions asks for pages of 100', async () => {
  const { client, targets } = answering(functions(101));
  assert.is((await namesOf(client)).length, 101);
  assert.equal(targets, [
    '/integrations/github/functions?type=action&page=0&limit=100',
    '/integrations/github/functions?type=action&page=1&limit=100',
  ]);
});

test('iterateFunctions asks for nothing more once the loop is left', async () => {
  const { client, targets } = answering(functions(10));
  for await (const { name } of iterateFunctions(client, { uniqueKey: 'github', limit: 2 })) {
    if (name === 'f1') break;
  }
  assert.is(targets.length, 1);
});

test('getScriptsConfig asks for no format by itself and gives the array', async () => {
  const config = [{ providerConfigKey: 'github', provider: 'github', syncs: [], actions: [], 'on-events': [] }];
  const { client, targets } = answering(() => config);
  assert.equal(await getScriptsConfig(client), config);
  assert.equal(await getScriptsConfig(client, { format: 'nango' }), config);
  assert.equal(targets, ['/scripts/config', '/scripts/config?format=nango']);
});

test('getScriptsConfig gives an empty array for language models where nothing is deployed', async () => {
  const { client } = answering(() => []);
  assert.equal(await getScriptsConfig(client, { format: 'openai' }), []);
});

test('functions are listed by page, read, and deleted where no repository has them', async () => {
  const emulator = createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'open' }],
    actions: { both: () => 1, gone: { source: 'standalone', code: '// gone' } },
    syncs: { both: { runs: 'every day', code: '// both' } },
    events: { connected: { event: 'post-connection-creation' } },
  });
  const client = createClient({ apiKey: emulator.apiKey, fetch: emulator.fetch });
  const uniqueKey = 'open';
  const listed: string[] = [];
  for await (const each of iterateFunctions(client, { uniqueKey, limit: 1 })) {
    listed.push(`${each.type} ${each.name} ${each.type === 'on-event' ? each.event : each.returns.length}`);
  }
  assert.equal(listed.sort(), [
    'action both 0',
    'action gone 0',
    'on-event connected post-connection-creation',
    'sync both 0',
  ]);

  assert.is((await getFunction(client, { uniqueKey, name: 'both' })).data.type, 'action');
  assert.is((await getFunctionCode(client, { uniqueKey, name: 'both', type: 'sync' })).code, '// both');
  const ambiguous = await getFunctionCode(client, { uniqueKey, name: 'both' }).catch((error: unknown) => error);
  assert.instance(ambiguous, NangoApiError);
  assert.is((ambiguous as NangoApiError).status, 409);
  const { matches } = (ambiguous as NangoApiError).payload as { matches: { type: string }[] };
  assert.equal(matches.map(({ type }) => type), ['action', 'sync']);

  assert.equal(await deleteFunction(client, { uniqueKey, name: 'gone', type: 'action' }), { data: { success: true } });
  const kept = await deleteFunction(client, { uniqueKey, name: 'both', type: 'sync' }).catch((error: unknown) => error);
  assert.is((kept as NangoApiError).reason, 'function_managed_by_deploy');

  const [config] = await getScriptsConfig(client);
  assert.is(config?.syncs[0]?.runs, 'every day');
  const tools = await getScriptsConfig(client, { format: 'openai' });
  assert.ok('data' in tools && tools.data.some(({ name }) => name === 'both'));
});

test.run();
