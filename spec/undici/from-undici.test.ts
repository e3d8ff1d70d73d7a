// The fetch that is made of undici.request: what it sends, and what it makes of the answer.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, getProvider, iterateRecords, NangoApiError, NangoNetworkError, proxy } from '../../lib/mod.ts';
import { fromUndici } from '../../lib/undici/mod.ts';
import type { UndiciResponse } from '../../lib/undici/mod.ts';
import { apiKey, collect, rejection } from '../support/support.ts';

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: unknown;
  dispatcher: unknown;
}

/** Creates a client on a request that gives one answer after the other. */
function answering(...answers: { status: number; headers?: UndiciResponse['headers']; pieces?: string[] | Error }[]) {
  const sent: Sent[] = [];
  let canceled = 0;
  const dispatcher = {};
  const request = async (url: string, options: Omit<Sent, 'url'>): Promise<UndiciResponse> => {
    const { status, headers = {}, pieces = [] } = answers[sent.push({ ...options, url }) - 1]!;
    if (pieces instanceof Error) throw pieces;
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for (const piece of pieces as string[]) yield new TextEncoder().encode(piece);
        canceled--;
      } finally {
        canceled++;
      }
    }
    const body = Object.assign(read(), { text: async () => (pieces as string[]).join('') });
    return { statusCode: status, headers, body };
  };
  const fetch = fromUndici(request, { dispatcher });
  return { client: createClient({ apiKey, fetch }), sent, dispatcher, canceled: () => canceled };
}

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const json = { 'content-type': 'application/json' };

test('sends what fetch is asked to send, through the dispatcher', async () => {
  const { client, sent, dispatcher } = answering({ status: 200, headers: json, pieces: ['{"data":', '{}}'] });
  assert.equal(await getProvider(client, { provider: 'github' }), { data: {} });
  const [{ url, method, headers, dispatcher: used }] = sent as [Sent];
  assert.equal([url, method, headers['authorization']], [
    'https://api.nango.dev/providers/github',
    'GET',
    `Bearer ${apiKey}`,
  ]);
  assert.is(used, dispatcher);
});

test('reads pages as they come, and errors with their headers', async () => {
  const { client } = answering(
    { status: 200, headers: json, pieces: ['{"next_cursor":"c1","records":[{"id":"1"}', ']}'] },
    { status: 200, headers: json, pieces: ['{"next_cursor":null,"records":[{"id":"2"}]}'] },
  );
  const ids = (await collect(iterateRecords(client, { ...connection, model: 'Issue' }))).map(({ id }) => id);
  assert.equal(ids, ['1', '2']);
  const limited = answering({ status: 429, headers: { ...json, 'retry-after': '7', via: ['a', 'b'] }, pieces: ['{}'] });
  const error = await rejection(getProvider(limited.client, { provider: 'x' }));
  assert.instance(error, NangoApiError);
  assert.equal([error.status, error.retryAfter, error.headers.get('Via')], [429, 7, 'a, b']);
});

test('gives a proxied answer as a response of the platform, and cancels what is not read', async () => {
  const { client, canceled } = answering(
    { status: 201, headers: { 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'] }, pieces: ['so', ' it', ' is'] },
    { status: 200, pieces: ['never', 'read'] },
    { status: 204 },
  );
  const call = { ...connection, endpoint: '/x' };
  const response = await proxy(client, call);
  assert.instance(response, Response);
  assert.equal([response.status, response.headers.get('x-a'), await response.text()], [201, 'b', 'so it is']);
  const unread = await proxy(client, call);
  const reader = unread.body!.getReader();
  await reader.read();
  await reader.cancel();
  assert.is(canceled(), 1);
  assert.is((await proxy(client, call)).body, null);
});

test('names what went wrong on the way', async () => {
  const { client } = answering({ status: 0, pieces: new Error('connect ECONNREFUSED 127.0.0.1:1') });
  const error = await rejection(getProvider(client, { provider: 'x' }));
  assert.instance(error, NangoNetworkError);
  assert.match(error.message, 'ECONNREFUSED 127.0.0.1:1');
  assert.throws(() => fromUndici({} as never), /request must be/);
});

test.run();
