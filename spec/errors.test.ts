// Errors: every shape that the server sends, what is safe to log, and telling them apart.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  getConnection,
  isNangoError,
  NangoApiError,
  NangoError,
  NangoNetworkError,
  NangoParseError,
  NangoTimeoutError,
} from '../lib/mod.ts';
import { apiKey, json, rejection, scripted, slow } from './support/support.ts';
import type { Slow, Step } from './support/support.ts';
import { hurry } from './support/time.ts';

const operation = 'GET /connections/{connectionId}';

async function failure(step: Step): Promise<NangoApiError> {
  const { client } = scripted([step]);
  const error = await rejection(getConnection(client, { providerConfigKey: 'github', connectionId: 'c-1' }));
  assert.instance(error, NangoApiError);
  assert.is(error.name, 'NangoApiError');
  assert.is(error.code, 'api_error');
  assert.is(error.operation, operation);
  assert.is(error.origin, 'nango');
  assert.ok(isNangoError(error));
  return error as NangoApiError;
}

interface Shape {
  status: number;
  body: unknown;
  type?: string;
  /** What the message must be, after the operation. */
  message: string;
  reason?: string;
  errors?: unknown[];
  payload?: unknown;
}

const connection = { id: 3, connection_id: 'c-1', provider_config_key: 'github' };
const shapes: Record<string, Shape> = {
  'A with a message': {
    status: 404,
    body: { error: { code: 'not_found', message: 'No connection has this id' } },
    reason: 'not_found',
    message: '404 not_found No connection has this id',
  },
  'A without a message': {
    status: 403,
    body: { error: { code: 'forbidden' } },
    reason: 'forbidden',
    message: '403 forbidden',
  },
  'A with validation errors': {
    status: 400,
    body: {
      error: {
        code: 'invalid_query_params',
        errors: [
          { code: 'too_big', message: 'At most 10000', path: ['limit'] },
          { code: 'unrecognized_keys', message: 'Unknown key: x', path: [] },
        ],
      },
    },
    reason: 'invalid_query_params',
    errors: [
      { code: 'too_big', message: 'At most 10000', path: ['limit'] },
      { code: 'unrecognized_keys', message: 'Unknown key: x', path: [] },
    ],
    message: '400 invalid_query_params limit: At most 10000',
  },
  'A with a deep validation error': {
    status: 400,
    body: { error: { code: 'invalid_body', errors: [{ code: 'x', message: 'Required', path: ['tags', '0', 'key'] }] } },
    reason: 'invalid_body',
    errors: [{ code: 'x', message: 'Required', path: ['tags', '0', 'key'] }],
    message: '400 invalid_body tags.0.key: Required',
  },
  'A with a validation error of the whole': {
    status: 400,
    body: { error: { code: 'invalid_query_params', errors: [{ code: 'x', message: 'Unknown key: y', path: [] }] } },
    reason: 'invalid_query_params',
    errors: [{ code: 'x', message: 'Unknown key: y', path: [] }],
    message: '400 invalid_query_params Unknown key: y',
  },
  'A with a payload': {
    status: 400,
    body: { error: { code: 'invalid_action_input', message: 'Bad', payload: [{ at: 'a' }] } },
    reason: 'invalid_action_input',
    payload: [{ at: 'a' }],
    message: '400 invalid_action_input Bad',
  },
  B: {
    status: 401,
    body: {
      error: { message: 'No header', code: 'missing_auth_header', payload: {}, additional_properties: { a: 1 } },
    },
    reason: 'missing_auth_header',
    payload: {},
    message: '401 missing_auth_header No header',
  },
  C: {
    status: 424,
    body: {
      error: { payload: { a: 1 }, code: 'script_http_error', upstream: { status: 500, headers: {}, body: 'x' } },
    },
    reason: 'script_http_error',
    payload: { a: 1 },
    message: '424 script_http_error',
  },
  D: {
    status: 429,
    body: { error: { code: 'too_many_request', method: 'GET', path: '/connections' } },
    reason: 'too_many_request',
    message: '429 too_many_request',
  },
  E: {
    status: 500,
    body: { error: { code: 'generic_error_support', message: 'Contact us', payload: 'b0d1' } },
    reason: 'generic_error_support',
    payload: 'b0d1',
    message: '500 generic_error_support Contact us',
  },
  F: {
    status: 424,
    body: { error: { code: 'invalid_credentials', message: 'Refresh failed', payload: { connection } } },
    reason: 'invalid_credentials',
    payload: { connection },
    message: '424 invalid_credentials Refresh failed',
  },
  G: { status: 404, body: { message: 'No such endpoint' }, message: '404 No such endpoint' },
  H: {
    status: 405,
    body: { jsonrpc: '2.0', error: { code: -32000, message: 'Not allowed' }, id: null },
    type: '',
    message: '405 Not allowed',
  },
  I: {
    status: 500,
    body: { message: 'connect refused', code: 'ECONNREFUSED', method: 'get' },
    reason: 'ECONNREFUSED',
    message: '500 ECONNREFUSED connect refused',
  },
  J: { status: 500, body: '', type: '', message: '500' },
  K: {
    status: 404,
    body: '<!DOCTYPE html>\n<pre>Cannot POST /x</pre>',
    type: 'text/html',
    message: '404 <!DOCTYPE html> <pre>Cannot POST /x</pre>',
  },
  'L in HTML': {
    status: 502,
    body: '<h1>502 Bad Gateway</h1>',
    type: 'text/html',
    message: '502 <h1>502 Bad Gateway</h1>',
  },
  'L in text': {
    status: 503,
    body: 'upstream connect error',
    type: 'text/plain',
    message: '503 upstream connect error',
  },
  'L empty': { status: 504, body: '', message: '504' },
  // Nothing of these is known to be sent, but a load balancer, a gateway or a later server may.
  'a null': { status: 500, body: null, message: '500' },
  'a number': { status: 500, body: 7, message: '500' },
  'a list': { status: 500, body: [1], message: '500' },
  'a list of words': { status: 400, body: ['bad'], message: '400 bad' },
  'a message that is an object': { status: 400, body: { error: { message: { a: 1 } } }, message: '400' },
  'many words': { status: 400, body: { error: `long ${'x'.repeat(300)}` }, message: `400 long ${'x'.repeat(191)}` },
  'a text in JSON': { status: 500, body: 'x', type: 'application/json', message: '500 x' },
  'a null error': { status: 500, body: { error: null, message: 'Bare' }, message: '500 Bare' },
  'an error that is a text': { status: 500, body: { error: 'Internal error' }, message: '500 Internal error' },
  'errors that are null': { status: 400, body: { error: { code: 'a', errors: null } }, reason: 'a', message: '400 a' },
  'errors that are an object': {
    status: 400,
    body: { error: { code: 'a', errors: { b: 1 } } },
    reason: 'a',
    errors: [{ b: 1 }],
    message: '400 a',
  },
  'errors that are a text': {
    status: 400,
    body: { error: { code: 'a', errors: 'no' } },
    reason: 'a',
    errors: ['no'],
    message: '400 a no',
  },
  'errors that are texts': {
    status: 400,
    body: { error: { code: 'a', errors: ['no'] } },
    reason: 'a',
    errors: ['no'],
    message: '400 a no',
  },
  'an error without a path': {
    status: 400,
    body: { error: { code: 'a', errors: [{ message: 'no' }] } },
    reason: 'a',
    errors: [{ message: 'no' }],
    message: '400 a no',
  },
  'a path that is a text': {
    status: 400,
    body: { error: { code: 'a', errors: [{ message: 'no', path: 'x' }] } },
    reason: 'a',
    errors: [{ message: 'no', path: 'x' }],
    message: '400 a x: no',
  },
  'a code that is an object': { status: 400, body: { error: { code: { b: 1 }, message: 'no' } }, message: '400 no' },
  'a null among errors': {
    status: 400,
    body: { error: { code: 'a', errors: [null] } },
    reason: 'a',
    errors: [null],
    message: '400 a',
  },
};

for (const [name, shape] of Object.entries(shapes)) {
  test(`shape ${name}`, async () => {
    const { status, body, type = 'application/json; charset=utf-8' } = shape;
    const text = typeof body === 'string' && type !== 'application/json' ? body : JSON.stringify(body);
    const error = await failure(new Response(text, { status, headers: type ? { 'content-type': type } : {} }));
    assert.is(error.status, status);
    assert.is(error.message, `${operation}: ${shape.message}`);
    assert.is(error.reason, shape.reason);
    assert.equal(error.errors, shape.errors ?? []);
    assert.equal(error.payload, shape.payload);
    assert.equal(error.body, body);
    assert.is(error.retryAfter, undefined);
  });
}

for (
  const [header, expected] of [
    ['30', 30],
    ['0', 0],
    ['1.5', 1.5],
    ['soon', undefined],
  ] as const
) {
  test(`Retry-After: ${header}`, async () => {
    const error = await failure(
      json({ error: { code: 'too_many_request' } }, { status: 429, headers: { 'retry-after': header } }),
    );
    assert.is(error.retryAfter, expected);
    assert.is(error.headers.get('retry-after'), header);
  });
}

test('Retry-After as a date', async () => {
  for (const [seconds, expected] of [[90, 90], [-90, 0]] as const) {
    await hurry(async () => {
      const date = new Date(Date.now() + seconds * 1000).toUTCString();
      const error = await failure(json({}, { status: 503, headers: { 'retry-after': date } }));
      assert.is(error.retryAfter, expected);
    });
  }
});

test('an error whose body breaks is still that error', async () => {
  const error = await failure(() => {
    const body: Slow = slow({ status: 502, headers: { 'retry-after': '7' } });
    body.push('{"error":{"co');
    setTimeout(() => body.fail(new TypeError('terminated')));
    return body.response;
  });
  assert.is(error.status, 502);
  assert.is(error.retryAfter, 7);
});

test('an error without a body', async () => {
  const error = await failure(new Response(null, { status: 500 }));
  assert.is(error.message, `${operation}: 500`);
  assert.is(error.body, '');
});

test('characters that are cut between two pieces are put together', async () => {
  const bytes = new TextEncoder().encode('{"error":{"message":"☃ 😀"}}');
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  assert.is((await failure(new Response(body, { status: 400 }))).message, `${operation}: 400 ☃ 😀`);
});

test('JSON of an error is safe to log: no bodies, no headers, no cause', async () => {
  const error = await failure(
    json(
      { error: { code: 'invalid_credentials', message: 'no', payload: { secret: 'in-the-payload' } } },
      { status: 424, headers: { 'set-cookie': 'in-the-headers', 'retry-after': '3', 'x-a': 'in-the-headers' } },
    ),
  );
  assert.equal(JSON.parse(JSON.stringify(error)), {
    name: 'NangoApiError',
    message: `${operation}: 424 invalid_credentials no`,
    code: 'api_error',
    operation,
    status: 424,
    reason: 'invalid_credentials',
    retryAfter: 3,
    origin: 'nango',
  });
  const { client } = scripted([new TypeError('x', { cause: { header: apiKey } })]);
  const network = await rejection(getConnection(client, { providerConfigKey: 'github', connectionId: 'c-1' }));
  assert.not.match(JSON.stringify(network), apiKey);
});

test('isNangoError knows errors of another copy, and nothing else', () => {
  const own = new NangoError('no', 'repeated_cursor', operation);
  assert.ok(isNangoError(own));
  assert.ok(isNangoError(Object.defineProperty(new Error('copy'), Symbol.for('nango-fetch.error'), { value: true })));
  for (const value of [undefined, null, 0, '', 'NangoError', {}, [], new Error('x'), new TypeError('x'), () => {}]) {
    assert.not(isNangoError(value));
  }
});

test('errors print as what they are', () => {
  const error = new NangoError('the server sent a cursor again', 'repeated_cursor', 'GET /records');
  assert.is(`${error}`, 'NangoError: GET /records: the server sent a cursor again');
  assert.type(error.stack, 'string');
  assert.instance(error, Error);
  assert.is(error.code, 'repeated_cursor');
});

test('kinds of errors are told apart', () => {
  for (const Kind of [NangoApiError, NangoNetworkError, NangoParseError, NangoTimeoutError]) {
    assert.ok(Kind.prototype instanceof NangoError);
    assert.is(Kind.prototype.name, Kind.name);
  }
});

test.run();
