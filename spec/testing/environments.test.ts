import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator } from '../../lib/testing/mod.ts';
import { call, refusal } from '../support/emulator.ts';

const account = '20000000-0000-4000-8000-000000000001';
const creator = '20000000-0000-4000-8000-000000000002';

function seeded() {
  return createEmulator({
    environments: [{ name: 'prod' }],
    accountKeys: [{ secret: account }, { secret: creator, scopes: ['account:environments:create'] }],
  });
}

test('environments are created, listed and deleted', async () => {
  const emulator = seeded();
  const create = (body: object, key = account) => call(emulator, 'POST /environments', { key, body });
  const made = (await create({ name: 'staging' })).body.data;
  assert.equal(Object.keys(made), ['id', 'uuid', 'name']);
  assert.is(refusal(await create({ name: 'staging' })), '409 conflict');
  assert.is(refusal(await create({ name: 'Not Valid' })), '400 invalid_body invalid_format@name');
  assert.is(refusal(await create({ name: 'prod', is_production: false })), '400 invalid_is_prod_flag');
  assert.match((await create({ name: 'prod2', is_production: true }, creator)).body.error.message, 'set_production');
  const { data } = (await call(emulator, 'GET /environments?name=staging', { key: account })).body;
  assert.equal(data, [{ id: made.id, uuid: made.uuid, name: 'staging', is_production: false }]);
  const remove = (id: string | number) => call(emulator, `DELETE /environments/${id}`, { key: account });
  assert.is(refusal(await remove('abc')), '400 invalid_uri_params invalid_type@environmentId');
  assert.is((await remove(made.uuid)).status, 204);
  assert.is(refusal(await remove(made.id)), '404 not_found');
  const prod = emulator.store.environments.find(({ name }) => name === 'prod')!;
  assert.is(refusal(await remove(prod.id)), '400 cannot_delete_prod_environment');
});

test('API keys come and go, and work at once', async () => {
  const emulator = seeded();
  const { uuid, id } = emulator.store.environments[0]!;
  const path = `/environments/${uuid}/api-keys`;
  const made = (await call(emulator, `POST ${path}`, { key: account, body: { display_name: 'ci' } })).body.data;
  assert.equal(made.scopes, ['environment:*']);
  assert.is((await call(emulator, 'GET /connections', { key: made.secret })).status, 200);
  assert.is(
    refusal(await call(emulator, `POST ${path}`, { key: account, body: { display_name: 'ci' } })),
    '409 conflict',
  );
  const listed = (await call(emulator, `GET ${path}?display_name=ci`, { key: account })).body.data;
  assert.is(listed.length, 1);
  assert.not('secret' in listed[0]);
  assert.ok(listed[0].last_used_at);
  assert.is((await call(emulator, `GET ${path}/${made.uuid}`, { key: account })).body.data.secret, made.secret);
  assert.equal((await call(emulator, `DELETE ${path}/${made.uuid}`, { key: account })).body, { success: true });
  assert.is(refusal(await call(emulator, 'GET /connections', { key: made.secret })), '401 unknown_account');
  const old = await call(emulator, 'POST /environment/api-keys', {
    key: account,
    body: { environment_id: id, display_name: 'old' },
  });
  assert.equal(Object.keys(old.body.data), ['id', 'display_name', 'scopes', 'secret', 'created_at']);
  const gone = { environment_id: id, key_id: old.body.data.id };
  assert.equal((await call(emulator, 'DELETE /environment/api-keys', { key: account, body: gone })).body, {
    success: true,
  });
  assert.is(
    refusal(await call(emulator, 'DELETE /environment/api-keys', { key: account, body: gone })),
    '404 not_found',
  );
});

test('a rotated signing key signs at once', async () => {
  const emulator = seeded();
  const before = emulator.webhookSigningKey;
  const { data } = (await call(emulator, 'POST /environment/webhook-signing-key/rotate')).body;
  assert.is.not(data.webhook_signing_key, before);
  assert.is(emulator.webhookSigningKey, data.webhook_signing_key);
});

test.run();
