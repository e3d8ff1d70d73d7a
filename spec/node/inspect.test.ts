// What Node prints of clients and errors: never a key.

import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, createSessionClient, listRecords, NangoError } from '../../lib/mod.ts';
import { apiKey, json, rejection, scripted } from '../support/support.ts';

const all = { showHidden: true, depth: Infinity, getters: true } as const;
const token = `nango_connect_session_${'5e'.repeat(32)}`;

test('clients', () => {
  const clients = [
    createClient({ apiKey, webhookSigningKey: 'signing-secret', headers: { cookie: 'cookie-secret' } }),
    createClient({ apiKey: () => apiKey }),
    createSessionClient({ token }),
  ];
  const text = inspect(clients, all);
  for (const secret of [apiKey, 'signing-secret', 'cookie-secret', token]) assert.not.match(text, secret);
});

for (
  const [name, step] of Object.entries({
    'a network failure': new TypeError('fetch failed', { cause: new Error('ECONNRESET') }),
    'an API error': () => json({ error: { code: 'forbidden', message: 'no' } }, { status: 403 }),
    'a page in HTML': () => new Response('<html>'),
    'a timeout': () => new Promise<Response>(() => {}),
  })
) {
  test(`the error of ${name}`, async () => {
    const { client } = scripted([step], { timeout: 10 });
    const call = listRecords(client, { providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' });
    const error = await rejection(call);
    assert.not.match(inspect([error, client], all), apiKey);
    assert.ok(inspect(error).startsWith(`${error.name}: GET /records: `), inspect(error));
  });
}

test('the stack says what went wrong', () => {
  assert.match(
    new NangoError('the server sent a cursor again', 'repeated_cursor', 'GET /records').stack!,
    'sent a cursor again',
  );
});

test.run();
