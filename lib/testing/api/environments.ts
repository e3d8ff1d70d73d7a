// /environments, their API keys, environment variables and the webhook signing key. Where versions of the server
// differ, both forms are answered: paths with numbers and keys in bodies (0.71.4), paths with UUIDs (0.71.10).

import { type Answer, empty, json, refuse } from '../server/answer.ts';
import { requireScope } from '../server/auth.ts';
import { isoTime } from '../state/clock.ts';
import { type Call, readBody, readParams, readQuery, type Route } from '../server/router.ts';
import { noQuery, shortText } from '../server/fields.ts';
import { plantEnvironment, storedKey } from '../seed.ts';
import type { StoredEnvironment, StoredKey } from '../state/store.ts';
import { array, boolean, number, object, optional, string } from '../server/schema.ts';

const mostKeys = 50;
const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const environmentBody = () =>
  object({
    name: string({ pattern: /^[a-z0-9_-]+$/, max: 255 }),
    is_production: optional(boolean()),
    callback_url: optional(string({ format: 'url' })),
    hmac_key: optional(string({ max: 1000 })),
    hmac_enabled: optional(boolean()),
    slack_notifications: optional(boolean()),
    otlp_endpoint: optional(string({ format: 'url' })),
    otlp_headers: optional(
      array(object({ name: string({ min: 1, max: 256 }), value: string({ min: 1, max: 4000 }) }), { max: 100 }),
    ),
  });

const environmentParams = () => object({ environmentUuid: string({ format: 'uuid' }) });
const keyParams = () => object({ environmentUuid: string({ format: 'uuid' }), keyUuid: string({ format: 'uuid' }) });

function requireEnvironment(call: Call, matches: (environment: StoredEnvironment) => boolean): StoredEnvironment {
  const environment = call.world.store.environments.find(matches);
  if (!environment) throw refuse(404, 'not_found', 'Environment not found');
  return environment;
}

function requireKey(environment: StoredEnvironment, matches: (key: StoredKey) => boolean): StoredKey {
  const key = environment.keys.find(matches);
  if (!key) throw refuse(404, 'not_found', 'API key not found');
  return key;
}

function addKey(call: Call, environment: StoredEnvironment, displayName: string): StoredKey {
  if (environment.keys.some((key) => key.displayName === displayName)) {
    throw refuse(409, 'conflict', 'A key with this name already exists');
  }
  if (environment.keys.length >= mostKeys) {
    throw refuse(400, 'resource_capped', `An environment can have ${mostKeys} API keys at most`);
  }
  const key = storedKey(call.world, { secret: call.world.clock.uuid(), displayName }, 'environment:*');
  environment.keys.push(key);
  return key;
}

function writeListedKey(key: StoredKey): Record<string, unknown> {
  const { id, uuid, displayName, scopes, lastUsedAt, createdAt } = key;
  const used = lastUsedAt === null ? null : isoTime(lastUsedAt);
  return { id, uuid, display_name: displayName, scopes, last_used_at: used, created_at: isoTime(createdAt) };
}

function removeKey(environment: StoredEnvironment, key: StoredKey): Answer {
  environment.keys.splice(environment.keys.indexOf(key), 1);
  return json({ success: true });
}

function create(call: Call): Answer {
  const body = readBody(call, environmentBody());
  readQuery(call, noQuery());
  const { store } = call.world;
  if (body.name === 'prod' && body.is_production === false) {
    throw refuse(400, 'invalid_is_prod_flag', 'The "prod" environment must be marked as production.');
  }
  const isProduction = body.is_production ?? body.name === 'prod';
  if (isProduction) requireScope(call.key, ['account:environments:set_production']);
  if (store.environments.some(({ name }) => name === body.name)) {
    throw refuse(409, 'conflict', 'Environment already exists');
  }
  const apiKey = call.world.clock.uuid();
  const environment = plantEnvironment(call.world, { name: body.name, isProduction, apiKey });
  const uuid = call.world.version === '0.71.4' ? {} : { uuid: environment.uuid };
  return json({ data: { id: environment.id, ...uuid, name: environment.name } });
}

function remove(call: Call): Answer {
  const given = call.params['environment'] ?? '';
  let matches: (environment: StoredEnvironment) => boolean;
  if (uuidText.test(given)) {
    matches = ({ uuid }) => uuid === given;
  } else {
    const numbered = { ...call, params: { environmentId: given } };
    const { environmentId } = readParams(
      numbered,
      object({ environmentId: number({ coerce: true, integer: true, min: 1 }) }),
    );
    matches = ({ id }) => id === environmentId;
  }
  readQuery(call, noQuery());
  const environment = requireEnvironment(call, matches);
  if (environment.name === 'prod') {
    throw refuse(400, 'cannot_delete_prod_environment', 'The "prod" environment cannot be deleted');
  }
  const { environments } = call.world.store;
  environments.splice(environments.indexOf(environment), 1);
  return empty(204);
}

/** The operations on environments and their keys. */
export const environmentRoutes: readonly Route[] = [
  {
    operation: 'getEnvironmentVariables',
    method: 'GET',
    path: '/environment-variables',
    auth: 'environmentKey',
    scopes: ['environment:variables:read'],
    handle(call) {
      readQuery(call, noQuery());
      return json(call.environment.variables);
    },
  },
  {
    operation: 'rotateWebhookSigningKey',
    method: 'POST',
    path: '/environment/webhook-signing-key/rotate',
    auth: 'environmentKey',
    scopes: ['environment:webhook_signing_key:rotate'],
    handle(call) {
      readQuery(call, noQuery());
      call.environment.webhookSigningKey = call.world.clock.uuid();
      return json({ data: { webhook_signing_key: call.environment.webhookSigningKey } });
    },
  },
  {
    operation: 'listEnvironments',
    method: 'GET',
    path: '/environments',
    auth: 'accountKey',
    scopes: ['account:environments:list'],
    handle(call) {
      const query = readQuery(call, object({ name: optional(string()) }));
      const { environments } = call.world.store;
      const listed = environments.filter(({ name }) => query.name === undefined || name === query.name);
      return json({
        data: listed.map(({ id, uuid, name, isProduction }) => ({ id, uuid, name, is_production: isProduction })),
      });
    },
  },
  {
    operation: 'createEnvironment',
    method: 'POST',
    path: '/environments',
    auth: 'accountKey',
    scopes: ['account:environments:create'],
    handle: create,
  },
  {
    operation: 'deleteEnvironment',
    method: 'DELETE',
    path: '/environments/:environment',
    auth: 'accountKey',
    scopes: ['account:environments:delete'],
    handle: remove,
  },
  {
    operation: 'listApiKeys',
    method: 'GET',
    path: '/environments/:environmentUuid/api-keys',
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:list'],
    handle(call) {
      const query = readQuery(call, object({ display_name: optional(string()) }));
      const { environmentUuid } = readParams(call, environmentParams());
      const { keys } = requireEnvironment(call, ({ uuid }) => uuid === environmentUuid);
      const { display_name: name } = query;
      const listed = keys.filter(({ displayName }) => name === undefined || displayName === name);
      return json({ data: listed.map(writeListedKey) });
    },
  },
  {
    operation: 'createApiKey',
    method: 'POST',
    path: '/environments/:environmentUuid/api-keys',
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:create'],
    handle(call) {
      const { environmentUuid } = readParams(call, environmentParams());
      const body = readBody(call, object({ display_name: shortText() }));
      readQuery(call, noQuery());
      const environment = requireEnvironment(call, ({ uuid }) => uuid === environmentUuid);
      const { id, uuid, displayName, scopes, secret, createdAt } = addKey(call, environment, body.display_name);
      return json({ data: { id, uuid, display_name: displayName, scopes, secret, created_at: isoTime(createdAt) } });
    },
  },
  {
    operation: 'createApiKey',
    method: 'POST',
    path: '/environment/api-keys',
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:create'],
    handle(call) {
      const body = readBody(call, object({ environment_id: number({ coerce: true }), display_name: shortText() }));
      readQuery(call, noQuery());
      const environment = requireEnvironment(call, ({ id }) => id === body.environment_id);
      const { id, displayName, scopes, secret, createdAt } = addKey(call, environment, body.display_name);
      return json({ data: { id, display_name: displayName, scopes, secret, created_at: isoTime(createdAt) } });
    },
  },
  {
    operation: 'getApiKey',
    method: 'GET',
    path: '/environments/:environmentUuid/api-keys/:keyUuid',
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:read'],
    handle(call) {
      const { environmentUuid, keyUuid } = readParams(call, keyParams());
      readQuery(call, noQuery());
      const environment = requireEnvironment(call, ({ uuid }) => uuid === environmentUuid);
      const key = requireKey(environment, ({ uuid }) => uuid === keyUuid);
      return json({ data: { ...writeListedKey(key), secret: key.secret } });
    },
  },
  {
    operation: 'deleteApiKey',
    method: 'DELETE',
    path: '/environments/:environmentUuid/api-keys/:keyUuid',
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:delete'],
    handle(call) {
      const { environmentUuid, keyUuid } = readParams(call, keyParams());
      readQuery(call, noQuery());
      const environment = requireEnvironment(call, ({ uuid }) => uuid === environmentUuid);
      return removeKey(
        environment,
        requireKey(environment, ({ uuid }) => uuid === keyUuid),
      );
    },
  },
  {
    operation: 'deleteApiKey',
    method: 'DELETE',
    path: '/environment/api-keys',
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:delete'],
    handle(call) {
      const body = readBody(
        call,
        object({ environment_id: number({ coerce: true }), key_id: number({ coerce: true }) }),
      );
      readQuery(call, noQuery());
      const environment = requireEnvironment(call, ({ id }) => id === body.environment_id);
      return removeKey(
        environment,
        requireKey(environment, ({ id }) => id === body.key_id),
      );
    },
  },
];
