// What hooks are told, in which order, and that they change nothing.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  createSessionClient,
  getConnectSession,
  listConnections,
  withHooks,
  withRateLimit,
  withRetry,
} from '../../lib/mod.ts';
import type { HooksOptions, PlatformFetch } from '../../lib/mod.ts';
import { apiKey, json, rejection, script, settle, textOf } from '../support/support.ts';
import type { Step } from '../support/support.ts';

const url = 'https://api.nango.dev/connections';
const kinds = ['request', 'response', 'error', 'retry', 'wait'] as const;

/** Creates hooks that note all events, with their times left out. */
function noting(): { hooks: Pick<HooksOptions, typeof kinds[number]>; events: [string, Record<string, unknown>][] } {
  const events: [string, Record<string, unknown>][] = [];
  const hook = (kind: string) => (event: object) => {
    const { milliseconds, ...rest } = event as Record<string, unknown>;
    if (kind !== 'request') assert.ok(milliseconds as number >= 0, `${kind} ${milliseconds}`);
    events.push([kind, rest]);
  };
  return { hooks: Object.fromEntries(kinds.map((kind) => [kind, hook(kind)])), events };
}

/** Creates a client whose fetch is hooked around retries. */
function hooked(steps: Step[], wrap: (inner: PlatformFetch) => PlatformFetch) {
  const { fetch, sent } = script(...steps);
  return { client: createClient({ apiKey, fetch: wrap(fetch) }), sent };
}

const instant = { random: () => 0.5, sleep: async () => {} };
const operation = 'GET /connections';

test('a call has a request and a response', async () => {
  const { hooks, events } = noting();
  const { client } = hooked([json({ connections: [] })], (fetch) => withHooks({ fetch, ...hooks }));
  await listConnections(client);
  assert.equal(events, [
    ['request', { operation, attempt: 1 }],
    ['response', { operation, attempt: 1, status: 200 }],
  ]);
});

test('a failure has the code or the name of its deepest cause', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  for (
    const [failure, error] of [
      [new TypeError('fetch failed', { cause: refused }), 'ECONNREFUSED'],
      [new TypeError('Load failed'), 'TypeError'],
      [new DOMException('gone', 'TimeoutError'), 'TimeoutError'],
    ] as const
  ) {
    const { hooks, events } = noting();
    const { client } = hooked([failure], (fetch) => withHooks({ fetch, ...hooks }));
    await rejection(listConnections(client));
    assert.equal(events.at(-1), ['error', { operation, attempt: 1, error }]);
  }
});

test('around retries, hooks see the retries of one call', async () => {
  const { hooks, events } = noting();
  const { client } = hooked(
    [new TypeError('fetch failed'), new Response('no', { status: 502 }), json({ connections: [] })],
    (fetch) => withHooks({ fetch: withRateLimit({ fetch: withRetry({ fetch, ...instant }) }), ...hooks }),
  );
  await listConnections(client);
  assert.equal(events, [
    ['request', { operation, attempt: 1 }],
    ['retry', { operation, attempt: 1, status: undefined, error: 'TypeError' }],
    ['retry', { operation, attempt: 2, status: 502, error: undefined }],
    ['response', { operation, attempt: 3, status: 200 }],
  ]);
});

test('inside of retries, hooks see each attempt', async () => {
  const { hooks, events } = noting();
  const { client } = hooked(
    [new Response('no', { status: 502 }), json({ connections: [] })],
    (fetch) => withRetry({ fetch: withHooks({ fetch, ...hooks }), ...instant }),
  );
  await listConnections(client);
  assert.equal(events, [
    ['request', { operation, attempt: 1 }],
    ['response', { operation, attempt: 1, status: 502 }],
    ['request', { operation, attempt: 2 }],
    ['response', { operation, attempt: 2, status: 200 }],
  ]);
});

test('hooks within hooks do not hide anything from those around them', async () => {
  const outer = noting();
  const inner = noting();
  const { client } = hooked(
    [new Response('no', { status: 502 }), json({ connections: [] })],
    (fetch) =>
      withHooks({
        fetch: withHooks({ fetch: withRetry({ fetch, ...instant }), ...inner.hooks }),
        ...outer.hooks,
      }),
  );
  await listConnections(client);
  assert.equal(outer.events, inner.events);
  assert.equal(outer.events.map(([kind]) => kind), ['request', 'retry', 'response']);
});

test('hooks that throw or reject change nothing, and leave no unhandled rejection', async () => {
  for (
    const hook of [
      () => assert.unreachable(),
      () => Promise.reject(new Error('no')),
      async () => await Promise.reject(),
    ]
  ) {
    const all = Object.fromEntries(kinds.map((kind) => [kind, hook]));
    const { client } = hooked(
      [new Response('no', { status: 502 }), json({ connections: [] })],
      (fetch) => withHooks({ fetch: withRetry({ fetch, ...instant }), ...all }),
    );
    assert.equal(await listConnections(client), { connections: [] });
  }
  await settle();
});

test('no event holds a key, a token or an identifier', async () => {
  const token = `nango_connect_session_${'a'.repeat(64)}`;
  const { hooks, events } = noting();
  const { fetch } = script(json({ connections: [] }), new TypeError(`fetch of ${url}?x=${token} failed`));
  const observed = withHooks({ fetch, ...hooks });
  await listConnections(createClient({ apiKey, fetch: observed }), { search: 'jane@example.com' });
  await rejection(getConnectSession(createSessionClient({ token, fetch: observed })));
  const text = textOf(events);
  assert.is(events.length, 4);
  for (const secret of [apiKey, token, 'jane']) assert.not.match(text, secret);
});

test('the response, the input and what was thrown pass through as they are', async () => {
  const answer = new Response('x');
  const failure = new Error('no');
  const { fetch, sent } = script(answer, failure);
  const observed: PlatformFetch = withHooks({ fetch });
  assert.is(await observed(new URL(url), { method: 'POST', body: 'x' }), answer);
  assert.is(sent[0]!.body, 'x');
  assert.is(await rejection(observed(url)), failure);
});

test('of a call that is not this library’s, the operation is its method', async () => {
  const { hooks, events } = noting();
  const { fetch } = script(new Response('x'), new Response('x'), new Response('x'));
  const observed = withHooks({ fetch, ...hooks });
  await observed(url);
  await observed(new Request(url, { method: 'DELETE' }));
  await observed(url, { method: 'PUT' });
  assert.equal(
    events.filter(([kind]) => kind === 'response').map(([, event]) => event['operation']),
    ['GET', 'DELETE', 'PUT'],
  );
});

test('bad options are TypeErrors that name them', () => {
  for (const name of ['fetch', ...kinds]) {
    for (const value of [5, null, 'x', {}]) {
      assert.throws(
        () => withHooks({ [name]: value } as never),
        (error: unknown) => error instanceof TypeError && error.message === `${name} must be a function`,
      );
    }
  }
  assert.throws(() => withHooks({ onRequest: () => {} } as never), /onRequest/);
  for (const value of [null, 5, 'x']) assert.throws(() => withHooks(value as never), /options must be an object/);
});

test.run();
