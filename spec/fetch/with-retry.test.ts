// Trying again: when, how long after, and when not.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, listConnections, NangoApiError, withRetry } from '../../lib/mod.ts';
import type { PlatformFetch, RetryOptions } from '../../lib/mod.ts';
import { apiKey, json, rejection, script, settle, slow } from '../support/support.ts';
import type { Step } from '../support/support.ts';
import { hurry } from '../support/time.ts';

const url = 'https://api.nango.dev/x';
const ok = () => new Response('ok');
const status = (code: number, headers: Record<string, string> = {}) => () =>
  new Response('no', { status: code, headers });
const broken = new TypeError('fetch failed');

/** Creates a retrying fetch whose sleeps take no time but are noted. */
function retrying(steps: Step[], options: RetryOptions = {}) {
  const { fetch, sent } = script(...steps);
  const sleeps: number[] = [];
  const retry = withRetry({ fetch, random: () => 0.5, sleep: async (ms) => void sleeps.push(ms), ...options });
  return { retry, sent, sleeps };
}

for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'get', 'delete', undefined]) {
  for (const step of [broken, ...[408, 425, 429, 500, 502, 503, 504].map((code) => status(code))]) {
    test(`${method} is sent again after ${step instanceof Error ? 'a network failure' : step().status}`, async () => {
      const { retry, sent } = retrying([step, ok]);
      assert.is((await retry(url, method ? { method } : undefined)).status, 200);
      assert.is(sent.length, 2);
    });
  }
}

for (const code of [200, 201, 204, 301, 304, 400, 401, 403, 404, 409, 410, 415, 422, 424, 501, 505]) {
  test(`${code} is no reason to try again`, async () => {
    const { retry, sent } = retrying([() => new Response(null, { status: code, headers: { 'retry-after': '1' } })]);
    assert.is((await retry(url)).status, code);
    assert.is(sent.length, 1);
  });
}

for (const method of ['POST', 'PATCH', 'post', 'patch', 'PROPFIND', 'REPORT']) {
  test(`${method} is sent again only where nothing was done`, async () => {
    for (const step of [status(429), status(429, { 'retry-after': '2' }), status(503, { 'retry-after': '2' })]) {
      const { retry, sent } = retrying([step, ok]);
      assert.is((await retry(url, { method, body: 'x' })).status, 200);
      assert.is(sent.length, 2);
      assert.is(sent[1]!.body, 'x');
    }
    for (const code of [408, 425, 500, 502, 503, 504]) {
      const { retry, sent } = retrying([status(code)]);
      assert.is((await retry(url, { method, body: 'x' })).status, code);
      assert.is(sent.length, 1);
    }
    const unclear = retrying([status(503, { 'retry-after': 'soon' })]);
    assert.is((await unclear.retry(url, { method })).status, 503);
    const failed = retrying([broken]);
    assert.is(await rejection(failed.retry(url, { method })), broken);
    assert.is(failed.sent.length, 1);
  });
}

test('the last response is given back as it is, its body unread', async () => {
  const { retry, sent } = retrying([status(500), status(502), () => new Response('last', { status: 503 })]);
  const response = await retry(url);
  assert.is(response.status, 503);
  assert.is(await response.text(), 'last');
  assert.is(sent.length, 3, 'two tries more by default');
});

test('the last failure is rethrown', async () => {
  const last = new TypeError('the last');
  const { retry } = retrying([broken, status(500), last]);
  assert.is(await rejection(retry(url)), last);
});

test('limit is how many times a request is sent again', async () => {
  for (const limit of [0, 1, 5]) {
    const { retry, sent } = retrying(
      Array.from({ length: 9 }, () => status(500)),
      { limit },
    );
    await retry(url);
    assert.is(sent.length, limit + 1);
  }
});

// How long

test('half a second, doubled up to eight, with full jitter', async () => {
  const steps = Array.from({ length: 8 }, () => status(500));
  const half = retrying(steps, { limit: 7 });
  await half.retry(url);
  assert.equal(half.sleeps, [250, 500, 1000, 2000, 4000, 4000, 4000]);
  const none = retrying(steps, { limit: 2, random: () => 0 });
  await none.retry(url);
  assert.equal(none.sleeps, [0, 0]);
  const failures = retrying([broken, broken, ok]);
  await failures.retry(url);
  assert.equal(failures.sleeps, [250, 500]);
});

for (
  const [value, slept] of [
    ['2', 2500],
    ['0', 1500],
    ['1', 1500],
    ['0.2', 1500],
    ['1.5', 2000],
    ['59', 59_500],
    ['60', 60_000],
  ] as const
) {
  test(`Retry-After: ${value} is at least a second and jittered upwards, up to the longest wait`, async () => {
    for (const code of [429, 500, 503]) {
      const { retry, sleeps } = retrying([status(code, { 'retry-after': value }), ok]);
      await retry(url);
      assert.equal(sleeps, [slept]);
    }
  });
}

test('a Retry-After that is negative is none, or no time at all', async () => {
  // Some engines take it for a date long ago.
  const { retry, sleeps } = retrying([status(429, { 'retry-after': '-5' }), ok]);
  await retry(url);
  assert.ok(sleeps[0] === 250 || sleeps[0] === 1500, `${sleeps}`);
});

for (const value of ['soon', '1 s', 'NaN']) {
  test(`Retry-After: "${value}" says nothing`, async () => {
    const { retry, sleeps } = retrying([status(429, { 'retry-after': value }), ok]);
    await retry(url);
    assert.equal(sleeps, [250]);
  });
}

/** A test on a clock that stands still. */
function timed(name: string, check: () => Promise<void>): void {
  test(name, () => hurry(check));
}

timed('Retry-After as a date', async () => {
  const at = (milliseconds: number) => new Date(Date.now() + milliseconds).toUTCString();
  const later = retrying([status(503, { 'retry-after': at(20_000) }), ok]);
  await later.retry(url);
  assert.equal(later.sleeps, [20_500]);
  const past = retrying([status(503, { 'retry-after': at(-20_000) }), ok]);
  await past.retry(url);
  assert.equal(past.sleeps, [1500]);
});

timed('X-RateLimit-Reset is the fallback of a 429', async () => {
  const reset = (seconds: number) => `${Math.floor(Date.now() / 1000) + seconds}`;
  const { retry, sleeps } = retrying([status(429, { 'x-ratelimit-reset': reset(10) }), ok]);
  await retry(url);
  assert.equal(sleeps, [10_500]);

  const past = retrying([status(429, { 'x-ratelimit-reset': reset(-3) }), ok]);
  await past.retry(url);
  assert.equal(past.sleeps, [1500]);

  const both = retrying([status(429, { 'x-ratelimit-reset': reset(10), 'retry-after': '2' }), ok]);
  await both.retry(url);
  assert.equal(both.sleeps, [2500], 'Retry-After wins');

  const garbage = retrying([status(429, { 'x-ratelimit-reset': 'soon' }), ok]);
  await garbage.retry(url);
  assert.equal(garbage.sleeps, [250]);

  const late = retrying([status(429, { 'x-ratelimit-reset': reset(90) })]);
  assert.is((await late.retry(url)).status, 429);
  assert.equal(late.sleeps, []);

  // Every answer carries the header, so that of a failure says nothing about when to try again.
  const other = retrying([status(500, { 'x-ratelimit-reset': reset(50) }), ok]);
  await other.retry(url);
  assert.equal(other.sleeps, [250]);
});

test('a server that asks for more than the longest wait gets no further try', async () => {
  for (
    const [value, maxDelay] of [
      ['61', undefined],
      ['3', 2999],
      ['0', 999],
      ['1e9', undefined],
      ['Infinity', undefined],
    ] as const
  ) {
    const { retry, sent, sleeps } = retrying([status(429, { 'retry-after': value })], { maxDelay });
    const response = await retry(url);
    assert.is(response.status, 429);
    assert.is(await response.text(), 'no', 'its body is unread');
    assert.is(sent.length, 1);
    assert.equal(sleeps, []);
  }
});

test('which becomes an error that says how long to wait', async () => {
  const { fetch } = script(() =>
    json({ error: { code: 'too_many_request' } }, { status: 429, headers: { 'retry-after': '600' } })
  );
  const client = createClient({ apiKey, fetch: withRetry({ fetch }) });
  const error = await rejection(listConnections(client));
  assert.instance(error, NangoApiError);
  assert.is(error.retryAfter, 600);
});

test('no wait is longer than the longest', async () => {
  const { retry, sleeps } = retrying([status(500), broken, status(429, { 'retry-after': '1' }), ok], {
    limit: 3,
    maxDelay: 1100,
    random: () => 0.999,
  });
  await retry(url);
  assert.ok(
    sleeps.every((ms) => ms <= 1100),
    `${sleeps}`,
  );
  assert.is(sleeps[2], 1100);
});

// What is sent again

test('a request is sent again as it was', async () => {
  const { retry, sent } = retrying([status(500), ok]);
  const init = { method: 'PUT', headers: { a: 'b' }, body: new Uint8Array([1, 2]) };
  await retry(new URL(url), init);
  assert.is(sent[0]!.init, init);
  assert.equal(sent[1]!.init, { ...init, attempt: 2 });
  assert.is(sent[1]!.url.href, url);
});

test('streams are never sent twice', async () => {
  const stream = () => new ReadableStream({ start: (controller) => controller.close() });
  const iterable = { async *[Symbol.asyncIterator]() {} };
  for (const body of [stream(), iterable as never]) {
    for (const step of [broken, status(500), status(429, { 'retry-after': '1' })]) {
      const { retry, sent } = retrying([step, ok]);
      await retry(url, { method: 'PUT', body, duplex: 'half' } as RequestInit).catch((error) =>
        assert.is(error, broken)
      );
      assert.is(sent.length, 1);
    }
  }
});

test('other bodies are', async () => {
  const form = new FormData();
  form.set('a', 'b');
  for (const body of ['x', new Uint8Array(1), new ArrayBuffer(1), new Blob(['x']), new URLSearchParams('a=b'), form]) {
    const { retry, sent } = retrying([status(500), ok]);
    assert.is((await retry(url, { method: 'PUT', body })).status, 200);
    assert.is(sent[1]!.body, body);
  }
});

test('a request object is sent again where it has no body', async () => {
  const { retry, sent } = retrying([status(500), ok]);
  assert.is((await retry(new Request(url, { method: 'DELETE' }))).status, 200);
  assert.is(sent.length, 2);
});

test('a request object whose body is gone is not', async () => {
  let calls = 0;
  const fetch: PlatformFetch = async (input) => {
    calls++;
    await (input as Request).text();
    return new Response(null, { status: 429, headers: { 'retry-after': '1' } });
  };
  const retry = withRetry({ fetch, sleep: async () => {} });
  assert.is((await retry(new Request(url, { method: 'PUT', body: 'x' }))).status, 429);
  assert.is(calls, 1);
});

test('nor where the browser does not show the body', async () => {
  let calls = 0;
  const request = Object.defineProperty(new Request(url, { method: 'PUT', body: 'x' }), 'body', { value: undefined });
  const fetch: PlatformFetch = async (input) => {
    calls++;
    await (input as Request).text();
    throw broken;
  };
  assert.is(await rejection(withRetry({ fetch, sleep: async () => {} })(request)), broken);
  assert.is(calls, 1);
});

test('the method, the headers and the signal of a request object count, and those of init win', async () => {
  const post = retrying([status(500)]);
  await post.retry(new Request(url, { method: 'POST' }));
  assert.is(post.sent.length, 1);
  const own = retrying([status(500)]);
  await own.retry(new Request(url, { headers: { Retries: '3' } }));
  assert.is(own.sent.length, 1);
  const put = retrying([status(500), ok]);
  await put.retry(new Request(url, { method: 'POST' }), { method: 'PUT' });
  assert.is(put.sent.length, 2);
  const controller = new AbortController();
  const request = new Request(url, { signal: controller.signal });
  const aborted = retrying([
    () => {
      controller.abort();
      throw broken;
    },
  ]);
  assert.is(await rejection(aborted.retry(request)), broken);
});

test('a request with the header Retries is left to the server', async () => {
  for (const headers of [{ Retries: '3' }, new Headers({ retries: '0' }), [['RETRIES', '1']] as [string, string][]]) {
    const { retry, sent } = retrying([status(500)]);
    assert.is((await retry(url, { headers })).status, 500);
    assert.is(sent.length, 1);
  }
});

test('the body of an answer that is not given back is cancelled', async () => {
  const answer = slow({ status: 503 });
  const { retry } = retrying([() => answer.response, ok]);
  await retry(url);
  assert.ok(answer.cancelled());
});

test('a body that cannot be cancelled changes nothing', async () => {
  const body = new ReadableStream({ cancel: () => Promise.reject(new Error('no')) });
  const read = new Response('x', { status: 503 });
  await read.text();
  const { retry } = retrying([() => new Response(body, { status: 503 }), () => read, ok]);
  assert.is((await retry(url)).status, 200);
  await settle();
});

// Aborts

test('an abort during the sleep rejects with its reason at once', async () => {
  const { fetch, sent } = script(status(429, { 'retry-after': '50' }));
  const controller = new AbortController();
  const call = rejection(withRetry({ fetch })(url, { signal: controller.signal }));
  await settle();
  controller.abort('enough');
  assert.is(await call, 'enough');
  assert.is(sent.length, 1);
});

test('an abort before the sleep does not wait for it', async () => {
  const controller = new AbortController();
  const { fetch } = script(() => {
    controller.abort('enough');
    return new Response('no', { status: 500, headers: { 'retry-after': '2' } });
  });
  const call = rejection(withRetry({ fetch })(url, { signal: controller.signal }));
  assert.is(await Promise.race([call, settle().then(() => 'still waiting')]), 'enough');
});

test('an abort during fetch is no failure to try again after', async () => {
  const controller = new AbortController();
  const { retry, sent } = retrying([
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ]);
  const call = rejection(retry(url, { signal: controller.signal }));
  await settle();
  controller.abort('enough');
  assert.is(await call, 'enough');
  assert.is(sent.length, 1);
});

test('the timeout of a call ends the sleep', async () => {
  const { fetch, sent } = script(status(429, { 'retry-after': '50' }));
  const client = createClient({ apiKey, fetch: withRetry({ fetch }) });
  assert.is((await rejection(listConnections(client, {}, { timeout: 10 }))).name, 'NangoTimeoutError');
  assert.is(sent.length, 1);
});

test('a sleep of one’s own gets the signal, and what it throws comes out', async () => {
  const { signal } = new AbortController();
  const failure = new Error('no time');
  const { fetch } = script(status(500));
  const retry = withRetry({
    fetch,
    sleep: async (_, given) => {
      assert.is(given, signal);
      throw failure;
    },
  });
  assert.is(await rejection(retry(url, { signal })), failure);
});

test('the real sleep ends by itself', async () => {
  const { fetch, sent } = script(status(500), ok);
  assert.is((await withRetry({ fetch, random: () => 0.01 })(url)).status, 200);
  assert.is(sent.length, 2);
});

test('the global fetch is looked up at each call', async () => {
  const original = globalThis.fetch;
  const retry = withRetry();
  try {
    globalThis.fetch = async () => new Response('mine');
    assert.is(await (await retry(url)).text(), 'mine');
  } finally {
    globalThis.fetch = original;
  }
});

// What will not pass, and what is told

const named = (name: string) => Object.assign(new Error('no'), { name });
const coded = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) });

for (
  const failure of [
    named('NotCapable'),
    named('PermissionDenied'),
    coded('ERR_ACCESS_DENIED'),
    coded('ERR_INVALID_URL'),
    coded('CERT_HAS_EXPIRED'),
    coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
  ]
) {
  const { name, cause } = failure as Error & { cause?: { code: string } };
  test(`${cause?.code ?? name} will not pass`, async () => {
    const { retry, sent } = retrying([failure]);
    assert.is(await rejection(retry(url)), failure);
    assert.is(sent.length, 1);
  });
}

for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT']) {
  test(`${code} may pass`, async () => {
    const { retry, sent } = retrying([coded(code), ok]);
    assert.is((await retry(url)).status, 200);
    assert.is(sent.length, 2);
  });
}

test('a failure that is its own cause is one like others', async () => {
  const circle: Error & { cause?: unknown } = new TypeError('fetch failed');
  circle.cause = circle;
  const { retry, sent } = retrying([circle, ok]);
  assert.is((await retry(url)).status, 200);
  assert.is(sent.length, 2);
});

test('onRetry is told of each retry, and of nothing else', async () => {
  const events: unknown[] = [];
  const { retry } = retrying([coded('ECONNRESET'), status(503), ok], { onRetry: (event) => events.push(event) });
  await retry(`${url}?token=secret`, { method: 'put' });
  assert.equal(events, [
    { operation: 'put', attempt: 1, status: undefined, error: 'ECONNRESET', milliseconds: 250 },
    { operation: 'put', attempt: 2, status: 503, error: undefined, milliseconds: 500 },
  ]);
});

test('an onRetry that throws or rejects changes nothing', async () => {
  for (const onRetry of [() => assert.unreachable(), () => Promise.reject(new Error('no'))]) {
    const { retry } = retrying([broken, ok], { onRetry });
    assert.is((await retry(url)).status, 200);
  }
  await settle();
});

test('each attempt knows which it is', async () => {
  const { retry, sent } = retrying([broken, broken, ok]);
  await retry(url);
  assert.equal(sent.map(({ init }) => (init as { attempt?: number } | undefined)?.attempt), [undefined, 2, 3]);
});

test('options that do not exist are refused by name', () => {
  assert.throws(() => withRetry({ retries: 9 } as never), /retries/);
});

for (
  const [name, options] of Object.entries<Record<string, unknown[]>>({
    fetch: { fetch: [null, 'x', {}, 5] },
    limit: { limit: [-1, 1.5, NaN, Infinity, '2', null, true] },
    maxDelay: { maxDelay: [-1, NaN, '5', null] },
    random: { random: [5, null, 'x'] },
    sleep: { sleep: [5, null, 'x'] },
    onRetry: { onRetry: [5, null, 'x'] },
  })
) {
  test(`a bad ${name} is a TypeError that names it`, () => {
    for (const value of options[name]!) {
      assert.throws(
        () => withRetry({ [name]: value } as never),
        (error: unknown) => error instanceof TypeError && error.message.includes(name),
        `${name}: ${String(value)}`,
      );
    }
  });
}

test('options that are none are a TypeError that says so', () => {
  for (const value of [null, 5, 'x']) {
    assert.throws(
      () => withRetry(value as never),
      (error: unknown) => error instanceof TypeError && /options must/.test(error.message),
    );
  }
});

test.run();
