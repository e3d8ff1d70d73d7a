// Faults as they are on real sockets: connections that are cut, stall, or carry nonsense.

import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  iterateRecords,
  listRecords,
  NangoApiError,
  NangoNetworkError,
  NangoParseError,
  NangoTimeoutError,
  withRetry,
} from '../../lib/mod.ts';
import type { Client, ClientOptions } from '../../lib/mod.ts';
import { apiKey, collect, rejection, textOf } from '../support/support.ts';

const input = { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' };
const page = JSON.stringify({ next_cursor: null, records: [{ id: 'a'.repeat(5000) }] });

/** Runs a server for one test, and ends it with all its connections. */
async function serving(server: Server, run: (host: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Answers every connection, once its request is there, as the function says. */
function raw(answer: (socket: Socket) => void): Server {
  return createServer((socket) => socket.once('data', () => answer(socket)));
}

function fault(
  name: string,
  server: () => Server,
  check: (client: Client) => Promise<void>,
  options: Partial<ClientOptions> = {},
): void {
  test(name, () =>
    serving(server(), async (host) => {
      const client = createClient({ apiKey, host, timeout: 60_000, ...options });
      await check(client);
    }));
}

async function failsWith(client: Client, Kind: new (...args: never[]) => Error, status?: number): Promise<void> {
  for (const call of [() => listRecords(client, input), () => collect(iterateRecords(client, input))]) {
    const error = await rejection(call());
    assert.instance(error, Kind, `${error}`);
    assert.is(error.operation, 'GET /records');
    assert.is(error.status, status);
    assert.not.match(textOf(error), apiKey);
  }
}

const head = (length: number, more = '') =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;

fault(
  'a connection that is reset before the headers',
  () => raw((socket) => socket.resetAndDestroy()),
  (client) => failsWith(client, NangoNetworkError),
);

fault(
  'a connection that is closed before the headers',
  () => raw((socket) => socket.end()),
  (client) => failsWith(client, NangoNetworkError),
);

fault(
  'a connection that is refused',
  () => createServer(),
  async ({ timeout }) => {
    await failsWith(createClient({ apiKey, host: 'http://127.0.0.1:1', timeout }), NangoNetworkError);
  },
);

fault(
  'a host that does not exist',
  () => createServer(),
  async ({ timeout }) => {
    await failsWith(createClient({ apiKey, host: 'http://nango.invalid', timeout }), NangoNetworkError);
  },
);

for (const end of ['end', 'resetAndDestroy'] as const) {
  fault(
    `a body that is cut (${end})`,
    () =>
      raw((socket) => socket.write(head(page.length) + page.slice(0, 3000), () => setTimeout(() => socket[end](), 5))),
    (client) => failsWith(client, NangoNetworkError),
  );
}

fault(
  'a chunked body that is cut',
  () =>
    raw((socket) =>
      socket.end(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${(1000).toString(16)}\r\n${page.slice(0, 1000)}\r\n`,
      )
    ),
  (client) => failsWith(client, NangoNetworkError),
);

fault(
  'a body without a length that is cut looks whole to HTTP, but not to JSON',
  () => raw((socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${page.slice(0, 1000)}`)),
  (client) => failsWith(client, NangoParseError, 200),
);

fault(
  'headers that never come',
  () => raw(() => {}),
  (client) => failsWith(client, NangoTimeoutError),
  { timeout: 50 },
);

fault(
  'a body that never ends',
  () => raw((socket) => socket.write(head(page.length) + page.slice(0, 100))),
  (client) => failsWith(client, NangoTimeoutError),
  { timeout: 50 },
);

fault(
  'a body that comes a byte at a time',
  () =>
    raw((socket) => {
      socket.write(head(page.length));
      let at = 0;
      const timer = setInterval(() => socket.write(page[at++] ?? ''), 5);
      socket.on('close', () => clearInterval(timer));
    }),
  (client) => failsWith(client, NangoTimeoutError),
  { timeout: 80 },
);

fault(
  'an error whose body never ends',
  () => raw((socket) => socket.write('HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n{"err')),
  (client) => failsWith(client, NangoTimeoutError),
  { timeout: 50 },
);

fault(
  'garbage',
  () => raw((socket) => socket.end('\0\x01\x02 this is not HTTP\r\n\r\n')),
  (client) => failsWith(client, NangoNetworkError),
);

fault(
  'headers that are garbage',
  () => raw((socket) => socket.end('HTTP/1.1 200 OK\r\nno colon here\r\n\r\n')),
  (client) => failsWith(client, NangoNetworkError),
);

fault(
  'gzip that is cut',
  () =>
    raw((socket) => {
      const zipped = gzipSync(page);
      const cut = zipped.subarray(0, zipped.length - 20);
      socket.write(head(cut.length, 'content-encoding: gzip\r\n'));
      socket.end(cut);
    }),
  async (client) => {
    // Node hands out what could be decoded and no error, so that it is the JSON that is cut.
    const { name } = await rejection(listRecords(client, input));
    assert.ok(name === 'NangoParseError' || name === 'NangoNetworkError', name);
  },
);

fault(
  'what says gzip but is not',
  () => raw((socket) => socket.end(head(page.length, 'content-encoding: gzip\r\n') + page)),
  (client) => failsWith(client, NangoNetworkError),
);

fault(
  'gzip that is whole',
  () =>
    raw((socket) => {
      const zipped = gzipSync(page);
      socket.write(head(zipped.length, 'content-encoding: gzip\r\n'));
      socket.end(zipped);
    }),
  async (client) => assert.equal(await listRecords(client, input), JSON.parse(page)),
);

fault(
  'an error whose body is cut',
  () => raw((socket) => socket.end('HTTP/1.1 503 Oops\r\nretry-after: 3\r\ncontent-length: 100\r\n\r\n{"err')),
  (client) => failsWith(client, NangoApiError, 503),
);

fault(
  'a redirect to another host is not followed',
  () => http((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()),
  (client) => failsWith(client, NangoApiError, 307),
);

function http(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  return createHttpServer(listener);
}

test('an abort closes the connection, whether headers have come or not', async () => {
  for (const answered of [false, true]) {
    let closed!: () => void;
    const close = new Promise<void>((resolve) => (closed = resolve));
    const controller = new AbortController();
    const reason = new Error('enough');
    const server = raw((socket) => {
      socket.on('close', closed);
      if (answered) socket.write(head(page.length) + page.slice(0, 100));
      else controller.abort(reason);
    });
    await serving(server, async (host) => {
      const client = createClient({ apiKey, host });
      const onResponse = answered ? () => controller.abort(reason) : () => {};
      assert.is(await rejection(listRecords(client, input, { signal: controller.signal, onResponse })), reason);
      await close;
    });
  }
});

test('a storm of 429 is waited out', async () => {
  let requests = 0;
  const sleeps: number[] = [];
  const server = http((_, response) => {
    if (++requests % 3) response.writeHead(429, { 'retry-after': '0' }).end('{"error":{"code":"too_many_request"}}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(page);
  });
  await serving(server, async (host) => {
    const client = createClient({ apiKey, host, fetch: withRetry({ sleep: async (ms) => void sleeps.push(ms) }) });
    for (let call = 0; call < 20; call++) assert.is((await listRecords(client, input)).next_cursor, null);
  });
  assert.is(requests, 60);
  assert.is(sleeps.length, 40);
  assert.ok(sleeps.every((ms) => ms >= 1000 && ms <= 2000));
});

test('connections that fail at first are tried again', async () => {
  let connections = 0;
  const server = raw((socket) => (++connections < 3 ? socket.resetAndDestroy() : socket.end(head(page.length) + page)));
  await serving(server, async (host) => {
    const client = createClient({ apiKey, host, fetch: withRetry({ sleep: async () => {} }) });
    assert.is((await listRecords(client, input)).records.length, 1);
  });
  assert.is(connections, 3);
});

test('no call leaves the process waiting', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await serving(
    http((_, response) => response.end(page)),
    async (host) => {
      await listRecords(createClient({ apiKey, host }), input);
    },
  );
  assert.is(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, before);
});

test.run();
