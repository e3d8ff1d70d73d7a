// /environments, their API keys, environment variables and the webhook signing key. Where versions of the server
// differ, both forms are answered: paths with numbers and keys in bodies (0.71.4), paths with UUIDs (0.71.10).

import { apiError, empty, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { requireScope } from '../server/auth.ts';
import { shortText } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { array, boolean, number, object, oneOf, optional, string, union } from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import { isoTime } from '../state/clock.ts';
import type { Context } from '../state/context.ts';
import { createEnvironment, createKey } from '../state/environments.ts';
import type { Store, StoredEnvironment, StoredKey } from '../state/store.ts';

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
    otlp_endpoint: optional(union(string({ format: 'url' }), oneOf(['']))),
    otlp_headers: optional(
      array(object({ name: string({ min: 1, max: 256 }), value: string({ min: 1, max: 4000 }) }), { max: 100 }),
    ),
  });

const uuid = () => string({ format: 'uuid' });

/** The UUID of an environment, or its number. */
const environmentId = (): Schema<string | number> => ({
  read(value, path, report) {
    if (typeof value === 'string' && uuidText.test(value)) return value;
    return number({ coerce: true, integer: true, min: 1 }).read(value, path, report);
  },
});

function requireEnvironment(store: Store, matches: (environment: StoredEnvironment) => boolean): StoredEnvironment {
  const environment = store.environments.find(matches);
  if (!environment) throw apiError(404, 'not_found', 'Environment not found');
  return environment;
}

function requireKey(environment: StoredEnvironment, matches: (key: StoredKey) => boolean): StoredKey {
  const key = environment.keys.find(matches);
  if (!key) throw apiError(404, 'not_found', 'API key not found');
  return key;
}

function addKey(context: Context, environment: StoredEnvironment, displayName: string): StoredKey {
  if (environment.keys.some((key) => key.displayName === displayName)) {
    throw apiError(409, 'conflict', 'A key with this name already exists');
  }
  if (environment.keys.length >= mostKeys) {
    throw apiError(400, 'resource_capped', `An environment can have ${mostKeys} API keys at most`);
  }
  const key = createKey(context, { displayName, scopes: ['environment:*'] });
  environment.keys.push(key);
  return key;
}

function writeListedKey(key: StoredKey): Record<string, unknown> {
  const { id, uuid, displayName, scopes, lastUsedAt, createdAt } = key;
  const used = lastUsedAt === null ? null : isoTime(lastUsedAt);
  return { id, uuid, display_name: displayName, scopes, last_used_at: used, created_at: isoTime(createdAt) };
}

function deleteKey(environment: StoredEnvironment, matches: (key: StoredKey) => boolean): Answer {
  environment.keys.splice(environment.keys.indexOf(requireKey(environment, matches)), 1);
  return json({ success: true });
}

/** The operations on environments and their keys. */
export const environmentRoutes = ({ store, clock, version }: Context): Route[] => [
  route('getEnvironmentVariables', 'GET /environment-variables', {
    scopes: ['environment:variables:read'],
    handle: ({ environment }) => json(environment.variables),
  }),

  route('rotateWebhookSigningKey', 'POST /environment/webhook-signing-key/rotate', {
    scopes: ['environment:webhook_signing_key:rotate'],
    handle({ environment }) {
      environment.webhookSigningKey = clock.uuid();
      return json({ data: { webhook_signing_key: environment.webhookSigningKey } });
    },
  }),

  route('listEnvironments', 'GET /environments', {
    auth: 'accountKey',
    scopes: ['account:environments:list'],
    query: object({ name: optional(string()) }),
    handle({ query }) {
      const listed = store.environments.filter(({ name }) => query.name === undefined || name === query.name);
      return json({
        data: listed.map(({ id, uuid, name, isProduction }) => ({ id, uuid, name, is_production: isProduction })),
      });
    },
  }),

  route('createEnvironment', 'POST /environments', {
    auth: 'accountKey',
    scopes: ['account:environments:create'],
    body: environmentBody(),
    handle({ context, key, body: { name, is_production: isProduction = name === 'prod' } }) {
      if (name === 'prod' && !isProduction) {
        throw apiError(400, 'invalid_is_prod_flag', 'The "prod" environment must be marked as production.');
      }
      if (isProduction) requireScope(key, ['account:environments:set_production']);
      if (store.environments.some((environment) => environment.name === name)) {
        throw apiError(409, 'conflict', 'Environment already exists');
      }
      const environment = createEnvironment(context, { name, isProduction });
      addKey(context, environment, 'Default - Full access');
      const uuid = version === '0.71.4' ? {} : { uuid: environment.uuid };
      return json({ data: { id: environment.id, ...uuid, name } });
    },
  }),

  route('deleteEnvironment', 'DELETE /environments/:environmentId', {
    auth: 'accountKey',
    scopes: ['account:environments:delete'],
    params: object({ environmentId: environmentId() }),
    handle({ params: { environmentId: wanted } }) {
      const environment = requireEnvironment(store, ({ id, uuid }) => uuid === wanted || id === wanted);
      if (environment.name === 'prod') {
        throw apiError(400, 'cannot_delete_prod_environment', 'The "prod" environment cannot be deleted');
      }
      store.environments.splice(store.environments.indexOf(environment), 1);
      return empty(204);
    },
  }),

  route('listApiKeys', 'GET /environments/:environmentUuid/api-keys', {
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:list'],
    query: object({ display_name: optional(string()) }),
    params: object({ environmentUuid: uuid() }),
    handle({ query: { display_name: name }, params: { environmentUuid } }) {
      const { keys } = requireEnvironment(store, ({ uuid }) => uuid === environmentUuid);
      const listed = keys.filter(({ displayName }) => name === undefined || displayName === name);
      return json({ data: listed.map(writeListedKey) });
    },
  }),

  route('createApiKey', 'POST /environments/:environmentUuid/api-keys', {
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:create'],
    params: object({ environmentUuid: uuid() }),
    body: object({ display_name: shortText() }),
    handle({ context, params: { environmentUuid }, body }) {
      const environment = requireEnvironment(store, ({ uuid }) => uuid === environmentUuid);
      const { id, uuid, displayName, scopes, secret, createdAt } = addKey(context, environment, body.display_name);
      return json({ data: { id, uuid, display_name: displayName, scopes, secret, created_at: isoTime(createdAt) } });
    },
  }),

  route('createApiKey', 'POST /environment/api-keys', {
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:create'],
    body: object({ environment_id: number({ coerce: true }), display_name: shortText() }),
    handle({ context, body }) {
      const environment = requireEnvironment(store, ({ id }) => id === body.environment_id);
      const { id, displayName, scopes, secret, createdAt } = addKey(context, environment, body.display_name);
      return json({ data: { id, display_name: displayName, scopes, secret, created_at: isoTime(createdAt) } });
    },
  }),

  route('getApiKey', 'GET /environments/:environmentUuid/api-keys/:keyUuid', {
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:read'],
    params: object({ environmentUuid: uuid(), keyUuid: uuid() }),
    handle({ params: { environmentUuid, keyUuid } }) {
      const environment = requireEnvironment(store, ({ uuid }) => uuid === environmentUuid);
      const key = requireKey(environment, ({ uuid }) => uuid === keyUuid);
      return json({ data: { ...writeListedKey(key), secret: key.secret } });
    },
  }),

  route('deleteApiKey', 'DELETE /environments/:environmentUuid/api-keys/:keyUuid', {
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:delete'],
    params: object({ environmentUuid: uuid(), keyUuid: uuid() }),
    handle({ params: { environmentUuid, keyUuid } }) {
      const environment = requireEnvironment(store, ({ uuid }) => uuid === environmentUuid);
      return deleteKey(environment, ({ uuid }) => uuid === keyUuid);
    },
  }),

  route('deleteApiKey', 'DELETE /environment/api-keys', {
    auth: 'accountKey',
    scopes: ['account:environments:api_keys:delete'],
    body: object({ environment_id: number({ coerce: true }), key_id: number({ coerce: true }) }),
    handle({ body }) {
      const environment = requireEnvironment(store, ({ id }) => id === body.environment_id);
      return deleteKey(environment, ({ id }) => id === body.key_id);
    },
  }),
];
