// Faults as they are on real sockets: every kind of fault against every kind of call, on Node's fetch and on undici. The
// table is in faults/kinds.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, listConnections, NangoApiError, withHooks, withRateLimit, withRetry } from '../../lib/mod.ts';
import { apiKey, rejection, settle } from '../support/support.ts';
import { kinds } from './faults/kinds.ts';
import { keysShown, runKind } from './faults/run.ts';
import { head, reply, serve } from './faults/server.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

test.before(() => void process.on('unhandledRejection', note));
test.after(() => void process.off('unhandledRejection', note));

for (const kind of kinds) {
  test(kind.name, async () => {
    const cells = await runKind(kind);
    const line = ({ call, on }: { call: string; on: string }, how: string): string => `${call} on ${on}: ${how}`;
    assert.equal(
      cells.map((cell) => line(cell, cell.actual)),
      cells.map((cell) => line(cell, cell.expected)),
    );
  });
}

test('a storm of 429 on 50 callers ends well for each', async () => {
  let calls = 0;
  const server = await serve((socket, good, request) => {
    const storm = ++calls <= 50;
    const answer = storm ? reply('429 Too Many Requests', '', { 'retry-after': '0' }) : reply('200 OK', good);
    answer(socket, good, request);
  });
  try {
    const client = createClient({ apiKey, host: server.host, fetch: withRetry({ limit: 9, sleep: async () => {} }) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => listConnections(client)));
    assert.ok(answers.every(({ connections }) => connections.length === 1));
    assert.is(server.requests(), 100);
  } finally {
    await server.close();
  }
});

test('a keep-alive socket that the server closed between two calls is no failure of the second', async () => {
  const server = await serve((socket, good) => {
    socket.write(head('200 OK', { 'content-type': 'application/json', 'content-length': good.length }) + good);
    setTimeout(() => socket.destroy(), 5);
  });
  try {
    const client = createClient({ apiKey, host: server.host, fetch: withRetry({ random: () => 0 }) });
    for (let call = 0; call < 5; call++) {
      assert.is((await listConnections(client)).connections.length, 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    await server.close();
  }
});

test('retries, gate and hooks hold on sockets too', async () => {
  let calls = 0;
  const server = await serve((socket, good, request) => {
    if (++calls === 1) return void socket.resetAndDestroy();
    const answer = calls === 2 ? reply('503 Service Unavailable') : reply('200 OK', good);
    answer(socket, good, request);
  });
  try {
    const events: string[] = [];
    const fetch = withHooks({
      fetch: withRateLimit({ fetch: withRetry({ sleep: async () => {} }) }),
      retry: ({ attempt, status, error }) => events.push(`${attempt} ${status ?? error}`),
      response: ({ attempt, status }) => events.push(`${attempt} ${status}`),
    });
    await listConnections(createClient({ apiKey, host: server.host, fetch }));
    assert.equal(events, ['1 ECONNRESET', '2 503', '3 200']);
  } finally {
    await server.close();
  }
});

test('a huge error body is cut short in the message', async () => {
  const words = 'word '.repeat(100_000);
  const server = await serve(reply('400 Bad Request', JSON.stringify({ error: { message: words } })));
  try {
    const error = await rejection(listConnections(createClient({ apiKey, host: server.host })));
    assert.instance(error, NangoApiError);
    assert.ok(error.message.length < 300);
  } finally {
    await server.close();
  }
});

test('no fault has shown the key, and none has left a rejection that nobody handles', async () => {
  await settle();
  assert.is(keysShown(), 0);
  assert.equal(unhandled, []);
});

test.run();
