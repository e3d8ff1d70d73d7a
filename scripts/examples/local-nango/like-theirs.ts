// Goes through the same pages with the runner's own package and with ours, and fails where they ask for or give anything else:
// the official `paginate`, `zodValidateInput` and helpers are the measure.

import { deepEqual } from 'node:assert/strict';
import { NangoSyncBase } from '@nangohq/runner-sdk';
import * as z from 'zod';
import { FunctionNango, type Link } from '../../../lib/dev/functions/nango.ts';

// deno-lint-ignore no-explicit-any
type Any = any;

type Scripted = { data: unknown; headers?: Record<string, string> }[];

/** What a run asked for, what it gave and how it failed. */
interface Seen {
  asked: unknown[];
  pages: unknown[];
  told: unknown[];
  failed: string | undefined;
}

// More than any of the cases has, so that a loop without end is seen.
const mostPages = 8;

function theirs(script: Scripted, asked: unknown[]): Any {
  class Theirs extends (NangoSyncBase as Any) {
    async proxy(config: Any) {
      asked.push(clean(config));
      const { data = [], headers = {} } = script.shift() ?? {};
      return { data, headers, status: 200 };
    }
    nango = { userAgent: '' };
    log() {}
  }
  return new (Theirs as Any)({
    scriptType: 'sync',
    team: { id: 1, name: 't' },
    connectionId: 'c',
    environmentId: 1,
    environmentName: 'dev',
    providerConfigKey: 'k',
    provider: 'unauthenticated',
    activityLogId: 'a',
    syncConfig: { sync_name: 'n', attributes: {} },
    runnerFlags: {},
    syncVariant: 'base',
    logger: { level: 'info' },
  });
}

function ours(script: Scripted, asked: unknown[]): Any {
  const link: Link = {
    signal: new AbortController().signal,
    log() {},
    call: () => Promise.reject(new Error('not asked')),
  };
  const facts = {
    connectionId: 'c',
    nangoConnectionId: 1,
    providerConfigKey: 'k',
    provider: 'unauthenticated',
    paginate: undefined,
    retryCodes: undefined,
    environmentName: 'dev',
    environmentId: 1,
    variant: 'base',
    lastSyncDate: undefined,
    models: [],
    trackDeletes: false,
    integrationConfig: {},
  };
  class Ours extends FunctionNango {
    override proxy(config: Any): Promise<Any> {
      asked.push(clean(config));
      const { data = [], headers = {} } = script.shift() ?? {};
      return Promise.resolve({ data, headers, status: 200 });
    }
  }
  return new Ours({ facts, type: 'sync', name: 'n' }, link);
}

// What identifies the request, without what the official class adds to it.
function clean(
  { endpoint, method, params, data, baseUrlOverride }: Any,
): unknown {
  const some = (
    value: Any,
  ) => (value && Object.keys(value).length > 0 ? value : undefined);
  return structuredClone({
    endpoint,
    method: String(method ?? 'GET').toUpperCase(),
    params: some(params),
    data: some(data),
    baseUrlOverride,
  });
}

async function walk(
  make: typeof ours,
  config: Any,
  script: Scripted,
): Promise<Seen> {
  const seen: Seen = { asked: [], pages: [], told: [], failed: undefined };
  const nango = make(structuredClone(script), seen.asked);
  const { paginate } = config;
  const on_page = (state: Any) => Promise.resolve(void seen.told.push(state.nextPageParam ?? null));
  try {
    for await (
      const page of nango.paginate({
        ...structuredClone(config),
        paginate: { ...paginate, on_page },
      })
    ) {
      seen.pages.push(page);
      if (seen.pages.length >= mostPages) break;
    }
  } catch (error) {
    seen.failed = (error as Error).message;
  }
  return seen;
}

const pages = (...data: unknown[]): Scripted => data.map((one) => ({ data: one }));
const cursor = {
  type: 'cursor',
  cursor_path_in_response: 'meta.next',
  cursor_name_in_request: 'cur',
  response_path: 'd',
};
const offset = {
  type: 'offset',
  offset_name_in_request: 'off',
  response_path: 'd',
};
const link = {
  type: 'link',
  link_path_in_response_body: 'next',
  response_path: 'd',
};
const limit = { limit: 2, limit_name_in_request: 'lim' };
const d = (items: unknown, next?: unknown) => ({
  d: items,
  meta: { next },
  next,
});

const nexts = ['n1', ' n1 ', '', ' ', 5, 0, null, undefined];
const cases: [name: string, config: Any, script: Scripted][] = [
  ...nexts.map((next): [string, Any, Scripted] => [
    `cursor then ${JSON.stringify(next)}`,
    { endpoint: '/x', params: { a: 1 }, paginate: { ...cursor, ...limit } },
    pages(d([1, 2], 'n0'), d([3], next), d([4])),
  ]),
  [
    'cursor, empty page',
    { endpoint: '/x', paginate: cursor },
    pages(d([1], 'a'), d([], 'b'), d([2])),
  ],
  [
    'cursor, no items',
    { endpoint: '/x', paginate: cursor },
    pages({ meta: { next: 'a' } }),
  ],
  [
    'cursor, name with brackets',
    {
      endpoint: '/x',
      paginate: { ...cursor, cursor_name_in_request: 'page[after]' },
    },
    pages(d([1], 'a'), d([2])),
  ],
  [
    'cursor, name with a dot',
    {
      endpoint: '/x',
      paginate: { ...cursor, cursor_name_in_request: 'page.after' },
    },
    pages(d([1], 'a'), d([2])),
  ],
  ['cursor in a body', {
    endpoint: '/x',
    method: 'POST',
    data: { q: { z: 1 } },
    paginate: { ...cursor, cursor_name_in_request: 'q.after', ...limit },
  }, pages(d([1], 'a'), d([2]))],
  ['cursor in a query of a POST', {
    endpoint: '/x',
    method: 'POST',
    data: { z: 1 },
    paginate: { ...cursor, in_body: false, ...limit },
  }, pages(d([1], 'a'), d([2]))],
  [
    'cursor in a body of a GET',
    {
      endpoint: '/x',
      params: { p: 1 },
      paginate: { ...cursor, in_body: true, ...limit },
    },
    pages(d([1], 'a'), d([2])),
  ],
  [
    'cursor at an index',
    {
      endpoint: '/x',
      paginate: { ...cursor, cursor_path_in_response: 'l[0].n' },
    },
    pages({ d: [1], l: [{ n: 'a' }] }, { d: [2], l: [] }),
  ],
  [
    'cursor in PUT',
    { endpoint: '/x', method: 'put', paginate: cursor },
    pages(d([1], 'a'), d([2])),
  ],
  ['cursor, upper-case type', {
    endpoint: '/x',
    paginate: { ...cursor, type: 'CURSOR' },
  }, pages(d([1], 'a'), d([2]))],
  ['cursor without a name', {
    endpoint: '/x',
    paginate: { type: 'cursor', cursor_path_in_response: 'a' },
  }, []],
  ['cursor without a path', {
    endpoint: '/x',
    paginate: { type: 'cursor', cursor_name_in_request: 'a' },
  }, []],
  [
    'offset by size',
    { endpoint: '/x', paginate: { ...offset, ...limit } },
    pages(d([1, 2]), d([3, 4]), d([5])),
  ],
  [
    'offset by size, no limit',
    { endpoint: '/x', paginate: offset },
    pages(d([1, 2]), d([3]), d([])),
  ],
  ['offset by page', {
    endpoint: '/x',
    paginate: {
      ...offset,
      ...limit,
      offset_calculation_method: 'per-page',
      offset_start_value: 1,
    },
  }, pages(d([1, 2]), d([3, 4]), d([5]))],
  [
    'offset by page, no limit',
    {
      endpoint: '/x',
      paginate: { ...offset, offset_calculation_method: 'per-page' },
    },
    pages(d([1]), d([2]), d([])),
  ],
  [
    'offset, limit as text',
    {
      endpoint: '/x',
      paginate: { ...offset, limit: '2', limit_name_in_request: 'lim' },
    },
    pages(d([1, 2]), d([3]), d([])),
  ],
  ['offset, full last page', {
    endpoint: '/x',
    paginate: { ...offset, ...limit },
  }, pages(d([1, 2]), d([]))],
  ['offset in a body', {
    endpoint: '/x',
    method: 'POST',
    paginate: { ...offset, ...limit, offset_name_in_request: 'o.p' },
  }, pages(d([1, 2]), d([3]))],
  [
    'offset from text',
    {
      endpoint: '/x',
      paginate: { ...offset, offset_start_value: 10, ...limit },
    },
    pages(d([1, 2]), d([3])),
  ],
  ['offset without items', { endpoint: '/x', paginate: offset }, pages({})],
  [
    'offset without a name',
    { endpoint: '/x', paginate: { type: 'offset' } },
    [],
  ],
  [
    'link, absolute',
    { endpoint: '/x', params: { a: '1' }, paginate: { ...link, ...limit } },
    pages(d([1], 'https://h/y?p=2'), d([2], '/z?p=3'), d([3])),
  ],
  [
    'link, relative',
    { endpoint: '/x', params: { a: '1' }, paginate: link },
    pages(d([1], '/y?p=2'), d([2])),
  ],
  [
    'link in a body',
    {
      endpoint: '/x',
      method: 'POST',
      data: { a: 1 },
      paginate: { ...link, ...limit },
    },
    pages(d([1], 'https://h/y?p=2'), d([2])),
  ],
  [
    'link, empty page',
    { endpoint: '/x', paginate: link },
    pages(d([], '/y'), d([2])),
  ],
  [
    'link, no items',
    { endpoint: '/x', paginate: link },
    pages({ next: '/y' }, d([2])),
  ],
  ['link in a header', {
    endpoint: '/x',
    paginate: { type: 'link', link_rel_in_response_header: 'next' },
  }, [
    {
      data: [1],
      headers: {
        link: '<https://h/a?b=1,2>; rel="prev", <https://h/x?page=2>; rel="next"; title="a"',
      },
    },
    { data: [2], headers: { link: '<https://h/x?page=1>; rel=prev' } },
  ]],
  ['link in a header, with parameters', {
    endpoint: '/x',
    params: { q: 1 },
    paginate: { type: 'link', link_rel_in_response_header: 'next', ...limit },
  }, [
    { data: [1], headers: { link: '<https://h/x?page=2>; rel="next"' } },
    { data: [2] },
  ]],
  ['link with neither', {
    endpoint: '/x',
    paginate: { type: 'link', response_path: 'd' },
  }, pages(d([1]))],
  ['an unknown type', { endpoint: '/x', paginate: { type: 'odd' } }, []],
];

/** Compares all cases. Throws with the differences, where there are any. */
export async function compareWithTheirs(): Promise<string> {
  const differences: string[] = [];
  for (const [name, config, script] of cases) {
    const expected = await walk(theirs as typeof ours, config, script);
    const actual = await walk(ours, config, script);
    try {
      deepEqual(actual, expected);
    } catch {
      differences.push(
        `${name}\n  theirs ${JSON.stringify(expected)}\n  ours   ${JSON.stringify(actual)}`,
      );
    }
  }
  const zodSchema = z.object({ a: z.string(), list: z.array(z.number()) });
  const inputs = [{ a: 'x', list: [1] }, { a: 1, list: ['b'] }, null];
  for (const input of inputs) {
    const [expected, actual] = await Promise.all(
      [theirs([], []), ours([], [])].map(async (nango: Any) => {
        try {
          return { given: await nango.zodValidateInput({ zodSchema, input }) };
        } catch (error) {
          const { type, payload } = error as { type: string; payload: unknown };
          return { type, payload };
        }
      }),
    );
    deepEqual(actual, expected);
  }
  if (differences.length > 0) throw new Error(differences.join('\n'));
  return `${cases.length} walks through pages, ${inputs.length} inputs`;
}
