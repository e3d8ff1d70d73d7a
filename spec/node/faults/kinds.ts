// The kinds of faults, and how each kind of call must end. A row is a fault; its outcomes are named by call, and calls
// that are not named end like `json`.

import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { head, reply } from './server.ts';
import type { Answer } from './server.ts';

/** The kinds of calls. */
export type Call = 'json' | 'iterate' | 'consume' | 'stream' | 'proxy' | 'proxyFetch' | 'wait' | 'class';

/** A kind of fault. */
export interface Kind {
  name: string;
  /** Answers. A string is a host that no server of ours listens on. */
  answer: Answer | string;
  /** How long a call may take, in milliseconds: short where it must end by that. */
  timeout?: number;
  /** How the calls end, on Node's fetch and on `./undici`, where that differs. */
  ends: Partial<Record<Call | `${Call} on undici`, string>> & { json: string };
}

const later = (run: () => void, milliseconds = 20): unknown => setTimeout(run, milliseconds);
const html = { 'content-type': 'text/html' };
const json = { 'content-type': 'application/json' };

/** Answers with 200 and a body of its own. */
const body = (text: string | Buffer, headers: Record<string, string> = {}): Answer => reply('200 OK', text, headers);
/** Answers with the body that is right, changed. */
const changed =
  (change: (good: string) => string | Buffer, headers?: Record<string, string>): Answer => (socket, good) =>
    body(change(good), headers)(socket, good, '');
/** Answers with an error of Nango. */
const refusal = (status: string, code: string, headers: Record<string, string> = {}): Answer =>
  reply(status, JSON.stringify({ error: { code, message: 'said so' } }), headers);
/** Answers with a head, and half of the body that it promises. */
const half = (then: (socket: Socket, rest: string) => void): Answer => (socket, good) => {
  socket.write(head('200 OK', { ...json, 'content-length': good.length }) + good.slice(0, good.length / 2));
  later(() => then(socket, good.slice(good.length / 2)));
};
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** All kinds of faults. */
export const kinds: Kind[] = [
  {
    name: 'connection refused',
    answer: 'http://127.0.0.1:CLOSED',
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNREFUSED',
    },
  },
  {
    name: 'unknown host',
    answer: 'http://nango.invalid',
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ENOTFOUND',
    },
  },
  {
    name: 'reset before the head',
    answer: (socket) => socket.resetAndDestroy(),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'closed before the head',
    answer: (socket) => socket.end(),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'reset in the head',
    answer: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-', () => later(() => socket.resetAndDestroy())),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'closed in the head',
    answer: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-'),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'reset after the head',
    answer: (socket) =>
      socket.write(head('200 OK', { ...json, 'content-length': 99 }), () => later(() => socket.resetAndDestroy())),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'reset in the body',
    answer: half((socket) => socket.resetAndDestroy()),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'closed in the body',
    answer: half((socket) => socket.end()),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'a head that never comes',
    answer: () => {},
    timeout: 120,
    ends: {
      json: 'NangoTimeoutError timeout',
      proxyFetch: 'TimeoutError',
      wait: 'NangoError wait_timeout',
      class: 'NangoTimeoutError ECONNABORTED',
    },
  },
  {
    name: 'a head that never ends',
    answer: (socket) => socket.write('HTTP/1.1 200 OK\r\n'),
    timeout: 120,
    ends: {
      json: 'NangoTimeoutError timeout',
      proxyFetch: 'TimeoutError',
      wait: 'NangoError wait_timeout',
      class: 'NangoTimeoutError ECONNABORTED',
    },
  },
  {
    name: 'a body that stalls',
    answer: half(() => {}),
    timeout: 120,
    ends: {
      json: 'NangoTimeoutError timeout',
      proxyFetch: 'TimeoutError',
      wait: 'NangoError wait_timeout',
      class: 'NangoTimeoutError ECONNABORTED',
    },
  },
  {
    name: 'a body that drips within the time',
    answer: half((socket, rest) => {
      socket.write(rest.slice(0, 20));
      later(() => socket.write(rest.slice(20)));
    }),
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a body that drips past the time',
    answer: (socket, good) => {
      socket.write(head('200 OK', { ...json, 'content-length': good.length }));
      let at = 0;
      const timer = setInterval(() => socket.write(good.charAt(at++) || ' '), 5);
      socket.once('close', () => clearInterval(timer));
    },
    timeout: 120,
    ends: {
      json: 'NangoTimeoutError timeout',
      proxyFetch: 'TimeoutError',
      wait: 'NangoError wait_timeout',
      class: 'NangoTimeoutError ECONNABORTED',
    },
  },
  {
    name: 'shorter than its length',
    answer: (socket, good) => socket.end(head('200 OK', { ...json, 'content-length': good.length + 9 }) + good),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'longer than its length',
    answer: (socket, good) =>
      socket.end(head('200 OK', { ...json, 'content-length': good.length, connection: 'close' }) + good + 'trailing'),
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a negative length',
    answer: (socket, good) => socket.end(head('200 OK', { ...json, 'content-length': -5 }) + good),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'two lengths',
    answer: (socket, good) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\n${good}`),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'chunks that are cut',
    answer: (socket, good) =>
      socket.end(head('200 OK', { ...json, 'transfer-encoding': 'chunked' }) + chunk(good.slice(0, 20))),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'a chunk that is cut',
    answer: (socket, good) =>
      socket.end(head('200 OK', { ...json, 'transfer-encoding': 'chunked' }) + chunk(good).slice(0, 30)),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'chunks with a nonsense size',
    answer: (socket) => socket.end(head('200 OK', { ...json, 'transfer-encoding': 'chunked' }) + 'xyz\r\n{}\r\n'),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'no length, cut',
    answer: (socket, good) => socket.end(head('200 OK', json) + good.slice(0, good.length / 2)),
    ends: {
      json: 'NangoParseError parse_error 200',
      proxy: '200, text',
      proxyFetch: '200, text',
      class: 'NangoParseError ERR_BAD_RESPONSE 200',
    },
  },
  {
    name: 'gzip',
    answer: changed((good) => gzipSync(good), { 'content-encoding': 'gzip' }),
    ends: {
      json: 'ok',
      proxy: '200, text',
      proxyFetch: '200, text',
      'json on undici': 'NangoParseError parse_error 200',
    },
  },
  {
    name: 'gzip that is truncated',
    answer: changed((good) => gzipSync(good).subarray(0, -12), { 'content-encoding': 'gzip' }),
    ends: {
      json: 'NangoParseError parse_error 200',
      proxy: '200, text',
      proxyFetch: '200, text',
      class: 'NangoParseError ERR_BAD_RESPONSE 200',
    },
  },
  {
    name: 'gzip that is corrupt',
    answer: changed((good) => gzipSync(good).fill(7, 12, 24), { 'content-encoding': 'gzip' }),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
      'json on undici': 'NangoParseError parse_error 200',
      'proxy on undici': '200, text',
      'proxyFetch on undici': '200, text',
      'wait on undici': 'NangoParseError parse_error 200',
    },
  },
  {
    name: 'no gzip that says it is',
    answer: changed((good) => good, { 'content-encoding': 'gzip' }),
    ends: {
      json: 'NangoNetworkError network_error',
      proxy: '200, then a failure',
      proxyFetch: '200, then a failure',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
      'json on undici': 'ok',
      'proxy on undici': '200, text',
      'proxyFetch on undici': '200, text',
      'wait on undici': 'ok',
    },
  },
  {
    name: 'garbage',
    answer: (socket) => socket.end('\0\x01\x02 no HTTP\r\n\r\n'),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'a header without a colon',
    answer: (socket) => socket.end('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'HTTP/0.9',
    answer: (socket, good) => socket.end(good),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'a huge head',
    answer: (socket) => socket.write(head('200 OK', { ...json, 'x-long': 'x'.repeat(100_000) })),
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ERR_NETWORK',
    },
  },
  {
    name: 'HTML with 200',
    answer: body('<!doctype html><title>Nango</title>', html),
    ends: {
      json: 'NangoParseError parse_error 200',
      proxy: '200, text',
      proxyFetch: '200, text',
      class: 'NangoParseError ERR_BAD_RESPONSE 200',
    },
  },
  {
    name: 'HTML with 404',
    answer: reply('404 Not Found', '<!doctype html><pre>Cannot GET</pre>', html),
    ends: {
      json: 'NangoApiError api_error 404',
      proxy: '404, text',
      proxyFetch: '404, text',
      class: 'NangoApiError ERR_BAD_REQUEST 404',
    },
  },
  {
    name: 'HTML with 502',
    answer: reply('502 Bad Gateway', '<html>nginx</html>', html),
    ends: {
      json: 'NangoApiError api_error 502',
      proxy: '502, text',
      proxyFetch: '502, text',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 502',
    },
  },
  {
    name: 'an empty 200',
    answer: body(''),
    ends: {
      json: 'NangoParseError parse_error 200',
      proxy: '200, empty',
      proxyFetch: '200, empty',
      class: 'NangoParseError ERR_BAD_RESPONSE 200',
    },
  },
  {
    name: 'an empty 500',
    answer: reply('500 Internal Server Error'),
    ends: {
      json: 'NangoApiError api_error 500',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 500',
    },
  },
  {
    name: 'a 204',
    answer: (socket) => socket.write(head('204 No Content')),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '204, empty',
      proxyFetch: '204, empty',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a 304',
    answer: (socket) => socket.write(head('304 Not Modified')),
    ends: {
      json: 'NangoApiError api_error 304',
      proxy: '304, empty',
      proxyFetch: '304, empty',
      class: 'NangoApiError ERR_BAD_RESPONSE 304',
    },
  },
  {
    name: 'a 200 of null',
    answer: body('null'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a 200 of 42',
    answer: body('42'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a 200 of a string',
    answer: body('"text"'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a 200 of []',
    answer: body('[]'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a 200 of {}',
    answer: body('{}'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a page without a list',
    answer: body('{"records":null,"connections":null,"next_cursor":null}'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'a page whose list is an object',
    answer: body('{"records":{},"connections":{},"next_cursor":null}'),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'an item that is null',
    answer: body('{"records":[null],"connections":[null],"next_cursor":null}'),
    ends: {
      json: '1 records',
      consume: 'NangoParseError parse_error',
      proxy: '200, text',
      proxyFetch: '200, text',
      wait: 'NangoError wait_timeout',
    },
  },
  {
    name: 'a record without metadata',
    answer: body('{"records":[{"id":1},{"id":2}],"connections":[{"connection_id":"c-1"}],"next_cursor":null}'),
    ends: { json: 'ok', consume: 'NangoParseError parse_error', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a cursor that repeats',
    answer: changed((good) => good.replace('"next_cursor":null', '"next_cursor":"same"')),
    ends: {
      json: 'ok',
      iterate: 'NangoError repeated_cursor',
      consume: 'NangoError repeated_cursor',
      stream: 'NangoError repeated_cursor',
      proxy: '200, text',
      proxyFetch: '200, text',
    },
  },
  {
    name: 'nesting 50,000 deep',
    answer: body('['.repeat(50_000) + ']'.repeat(50_000)),
    ends: {
      json: 'as it was sent',
      iterate: 'NangoParseError parse_error',
      consume: 'NangoParseError parse_error',
      stream: 'NangoParseError parse_error',
      proxy: '200, long',
      proxyFetch: '200, long',
      wait: 'NangoParseError parse_error',
    },
  },
  {
    name: 'invalid UTF-8',
    answer: changed((good) =>
      Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])])
    ),
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a byte order mark',
    answer: changed((good) => `\uFEFF${good}`),
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a 100 before it',
    answer: (socket, good, request) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      body(good)(socket, good, request);
    },
    ends: {
      json: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoNetworkError ECONNRESET',
    },
  },
  {
    name: 'a 103 before it',
    answer: (socket, good, request) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      body(good)(socket, good, request);
    },
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a redirect to the same origin',
    answer: reply('302 Found', '', { location: '/elsewhere' }),
    ends: {
      json: 'NangoApiError api_error 302',
      proxy: '302, empty',
      proxyFetch: '302, empty',
      class: 'NangoApiError ERR_BAD_RESPONSE 302',
    },
  },
  {
    name: 'a redirect to another origin',
    answer: reply('307 Temporary Redirect', '', { location: 'http://127.0.0.1:1/steal' }),
    ends: {
      json: 'NangoApiError api_error 307',
      proxy: '307, empty',
      proxyFetch: '307, empty',
      class: 'NangoApiError ERR_BAD_RESPONSE 307',
    },
  },
  {
    name: 'closed after a whole answer',
    answer: (socket, good, request) => {
      body(good)(socket, good, request);
      later(() => socket.destroy(), 1);
    },
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'an answer before the body was read',
    answer: (socket, good, request) => {
      body(good)(socket, good, request);
      socket.end();
    },
    ends: { json: 'ok', proxy: '200, text', proxyFetch: '200, text' },
  },
  {
    name: 'a huge body with 500',
    answer: reply('500 Internal Server Error', 'x'.repeat(5_000_000)),
    ends: {
      json: 'NangoApiError api_error 500',
      proxy: '500, long',
      proxyFetch: '500, long',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 500',
    },
  },
  {
    name: 'a huge body with 200',
    answer: changed((good) => good.replace('{', `{"x":"${'x'.repeat(5_000_000)}",`)),
    ends: { json: 'ok', proxy: '200, long', proxyFetch: '200, long' },
  },
  {
    name: 'an error whose body stalls',
    answer: (socket) => socket.write(head('500 Oops', { ...json, 'content-length': 99 }) + '{"error"'),
    timeout: 120,
    ends: {
      json: 'NangoTimeoutError timeout',
      proxyFetch: 'TimeoutError',
      wait: 'NangoError wait_timeout',
      class: 'NangoTimeoutError ECONNABORTED',
    },
  },
  {
    name: 'an error whose body is cut',
    answer: (socket) => socket.end(head('500 Oops', { ...json, 'content-length': 99 }) + '{"error"'),
    ends: {
      json: 'NangoApiError api_error 500',
      proxy: 'NangoNetworkError network_error',
      proxyFetch: 'NangoNetworkError network_error',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 500',
    },
  },
  {
    name: '401',
    answer: refusal('401 Unauthorized', 'unknown_account'),
    ends: {
      json: 'NangoApiError api_error 401 unknown_account',
      class: 'NangoApiError ERR_BAD_REQUEST 401 unknown_account',
    },
  },
  {
    name: '404 of Nango',
    answer: refusal('404 Not Found', 'unknown_connection'),
    ends: {
      json: 'NangoApiError api_error 404 unknown_connection',
      proxy: '404, text',
      proxyFetch: '404, text',
      class: 'NangoApiError ERR_BAD_REQUEST 404 unknown_connection',
    },
  },
  {
    name: '424',
    answer: refusal('424 Failed Dependency', 'connection_refresh_backoff'),
    ends: {
      json: 'NangoApiError api_error 424 connection_refresh_backoff',
      class: 'NangoApiError ERR_BAD_REQUEST 424 connection_refresh_backoff',
    },
  },
  {
    name: '500 of Nango',
    answer: refusal('500 Internal Server Error', 'server_error'),
    ends: {
      json: 'NangoApiError api_error 500 server_error',
      proxy: '500, text',
      proxyFetch: '500, text',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 500 server_error',
    },
  },
  {
    name: '501 in plain text',
    answer: reply('501 Not Implemented', 'not here', { 'content-type': 'text/plain' }),
    ends: {
      json: 'NangoApiError api_error 501',
      proxy: '501, text',
      proxyFetch: '501, text',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 501',
    },
  },
  {
    name: 'a status of 599',
    answer: reply('599 Odd', '{}'),
    ends: {
      json: 'NangoApiError api_error 599',
      proxy: '599, text',
      proxyFetch: '599, text',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 599',
    },
  },
  {
    name: 'a status of 999',
    answer: reply('999 Odder', '{}'),
    ends: {
      json: 'NangoApiError api_error 999',
      proxy: '999, text',
      proxyFetch: '999, text',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 999',
      'proxy on undici': 'NangoNetworkError network_error',
      'proxyFetch on undici': 'NangoNetworkError network_error',
    },
  },
  {
    name: '429, Retry-After: 0',
    answer: refusal('429 Too Many Requests', 'too_many_request', { 'retry-after': '0' }),
    ends: {
      json: 'NangoApiError api_error 429 too_many_request after 0 s',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_REQUEST 429 too_many_request after 0 s',
    },
  },
  {
    name: '429, Retry-After: 30',
    answer: refusal('429 Too Many Requests', 'too_many_request', { 'retry-after': '30' }),
    ends: {
      json: 'NangoApiError api_error 429 too_many_request after 30 s',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_REQUEST 429 too_many_request after 30 s',
    },
  },
  {
    name: '429, Retry-After as a date',
    answer: (socket, good, request) => {
      const later = new Date(Date.now() + 30_000).toUTCString();
      refusal('429 Too Many Requests', 'too_many_request', { 'retry-after': later })(socket, good, request);
    },
    ends: {
      json: 'NangoApiError api_error 429 too_many_request after 30 s',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_REQUEST 429 too_many_request after 30 s',
    },
  },
  {
    name: '429, Retry-After that is past',
    answer: refusal('429 Too Many Requests', 'too_many_request', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
    ends: {
      json: 'NangoApiError api_error 429 too_many_request after 0 s',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_REQUEST 429 too_many_request after 0 s',
    },
  },
  {
    name: '429, Retry-After: soon',
    answer: refusal('429 Too Many Requests', 'too_many_request', { 'retry-after': 'soon' }),
    ends: {
      json: 'NangoApiError api_error 429 too_many_request',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_REQUEST 429 too_many_request',
    },
  },
  {
    name: '429 without Retry-After',
    answer: refusal('429 Too Many Requests', 'too_many_request'),
    ends: {
      json: 'NangoApiError api_error 429 too_many_request',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_REQUEST 429 too_many_request',
    },
  },
  {
    name: '503 with Retry-After',
    answer: reply('503 Service Unavailable', '', { 'retry-after': '10' }),
    ends: {
      json: 'NangoApiError api_error 503 after 10 s',
      proxy: '503, empty',
      proxyFetch: '503, empty',
      wait: 'NangoError wait_timeout',
      class: 'NangoApiError ERR_BAD_RESPONSE 503 after 10 s',
    },
  },
  {
    name: 'an error of numbers',
    answer: reply('400 Bad Request', '{"error":{"code":5,"message":{"a":1}}}'),
    ends: {
      json: 'NangoApiError api_error 400',
      proxy: '400, text',
      proxyFetch: '400, text',
      class: 'NangoApiError ERR_BAD_REQUEST 400',
    },
  },
  {
    name: 'an error that is a list',
    answer: reply('400 Bad Request', '["bad"]'),
    ends: {
      json: 'NangoApiError api_error 400',
      proxy: '400, text',
      proxyFetch: '400, text',
      class: 'NangoApiError ERR_BAD_REQUEST 400',
    },
  },
  {
    name: 'an error in plain words',
    answer: reply('400 Bad Request', '{"error":"plain words"}'),
    ends: {
      json: 'NangoApiError api_error 400',
      proxy: '400, text',
      proxyFetch: '400, text',
      class: 'NangoApiError ERR_BAD_REQUEST 400',
    },
  },
];
