// The runtime's own fetch, over a socket of this machine: what a scripted fetch cannot show. The runner serves an
// emulator, whose connections `reset`, `cut`, `silent`, `stuck`, `page` and `moved` behave as they are called.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createClient,
  getConnection,
  isNangoError,
  iterateRecords,
  listRecords,
  NangoApiError,
  NangoNetworkError,
  NangoParseError,
  NangoTimeoutError,
  withRetry,
} from '../../lib/mod.ts';
import type { Client, ClientOptions } from '../../lib/mod.ts';
import { rejection } from '../support/support.ts';
import { testWhere } from '../support/where.ts';

const { LOOPBACK: host } = globalThis as { LOOPBACK?: string };
const apiKey = '0d1e2f30-4152-4637-8849-5a6b7c8d9e0f';
const here = testWhere(test, host !== undefined, 'no emulator is served; npm test and npm run runtimes serve one');

function client(options: Partial<ClientOptions> = {}): Client {
  return createClient({ apiKey, host: host!, ...options });
}

const issues = { providerConfigKey: 'github', connectionId: 'ann', model: 'Issue' };

here('a page is read', async () => {
  const { records, next_cursor } = await listRecords<{ title: string }>(client(), { ...issues, limit: 3 });
  assert.is(records.length, 3);
  for (const { id, title } of records) assert.is(title, `Größe ${id}`);
  assert.type(next_cursor, 'string');
});

here('all pages are read', async () => {
  const ids = new Set<string>();
  for await (const { id } of iterateRecords(client(), { ...issues, limit: 100 })) ids.add(id);
  assert.is(ids.size, 250);
});

here('a loop that is left early leaves nothing behind', async () => {
  for await (const record of iterateRecords(client(), { ...issues, limit: 10 })) if (record) break;
});

here('onResponse is told the status', async () => {
  let status = 0;
  await listRecords(client(), issues, { onResponse: (response) => void (status = response.status) });
  assert.is(status, 200);
});

here('a refusal is an error with the reason of the server', async () => {
  const error = await rejection(getConnection(client(), { providerConfigKey: 'github', connectionId: 'nobody' }));
  assert.instance(error, NangoApiError);
  assert.is(isNangoError(error), true);
  assert.is(error.status, 404);
  assert.type(error.reason, 'string');
});

here('a wrong key is refused', async () => {
  const wrong = client({ apiKey: '0d1e2f30-4152-4637-8849-000000000000' });
  const error = await rejection(listRecords(wrong, issues));
  assert.instance(error, NangoApiError);
  assert.is(error.status, 401);
});

const failing = (
  connectionId: string,
  options?: Parameters<typeof getConnection>[2],
  by = client(),
): Promise<unknown> => rejection(getConnection(by, { providerConfigKey: 'github', connectionId }, options));

here('a connection that breaks before the answer is a network error', async () => {
  assert.instance(await failing('reset'), NangoNetworkError);
});

here('a connection that breaks in the body is an error', async () => {
  const error = await failing('cut');
  // Firefox takes a body that ends too early for a whole one: half a page of JSON is no JSON then.
  assert.ok(error instanceof NangoNetworkError || error instanceof NangoParseError, `${error}`);
});

here('a retry reaches the server again', async () => {
  let waits = 0;
  const by = client({ fetch: withRetry({ limit: 2, sleep: async () => void waits++ }) });
  assert.instance(await failing('reset', {}, by), NangoNetworkError);
  assert.is(waits, 2);
});

here('a page of HTML is a parse error', async () => {
  const error = await failing('page');
  assert.instance(error, NangoParseError);
});

here('a redirect is not followed', async () => {
  const error = await failing('moved');
  assert.instance(error, NangoApiError);
  // Browsers do not tell the status of a redirect.
  assert.ok([0, 302].includes((error as NangoApiError).status));
});

for (const connectionId of ['silent', 'stuck']) {
  here(`the time limit ends a ${connectionId} answer`, async () => {
    assert.instance(await failing(connectionId, { timeout: 50 }), NangoTimeoutError);
  });

  here(`an abort ends a ${connectionId} answer with its reason`, async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = failing(connectionId, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    assert.is(await call, reason);
  });
}

here('a host that nobody listens on is a network error', async () => {
  // Port 9 is among those that browsers refuse to ask; nothing listens there elsewhere.
  const error = await rejection(listRecords(client({ host: 'http://127.0.0.1:9' }), issues));
  assert.instance(error, NangoNetworkError);
  assert.not.match(JSON.stringify(error), apiKey);
});

test.run();
