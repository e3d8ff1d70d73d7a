// /integrations: list, read, create, quickstart, patch, delete; and the old /config.

import { type Answer, json, refuse } from '../server/answer.ts';
import { hasScope } from '../server/auth.ts';
import { isoTime } from '../state/clock.ts';
import { putIntegration, removeConnection } from '../state/connections.ts';
import { type AuthMode, logoOf, type Provider } from '../state/providers.ts';
import { type Call, readBody, readParams, readQuery, type Route } from '../server/router.ts';
import { noQuery, oneOrMany, plainName, providerConfigKey, shortText } from '../server/fields.ts';
import type { IntegrationInput, StoredIntegration } from '../state/store.ts';
import { boolean, object, oneOf, optional, record, type Schema, string, tagged, union } from '../server/schema.ts';
import type { World } from '../state/context.ts';

const scopeList = () => union(string({ pattern: /^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*$/ }), oneOf(['']));
const privateKey = () =>
  string({
    startsWith: '-----BEGIN RSA PRIVATE KEY----',
    endsWith: '-----END RSA PRIVATE KEY-----',
  });

const clientApp = (type: string): Schema<Record<string, unknown>> =>
  object({
    type: oneOf([type]),
    client_id: shortText(),
    client_secret: string({ min: 1 }),
    scopes: optional(scopeList()),
    webhook_secret: optional(string({ max: 255 })),
  });

const developerApp = (): Schema<Record<string, unknown>> =>
  tagged<Record<string, unknown>>(
    'type',
    {
      OAUTH1: clientApp('OAUTH1'),
      OAUTH2: clientApp('OAUTH2'),
      TBA: clientApp('TBA'),
      APP: object({
        type: oneOf(['APP']),
        app_id: shortText(),
        app_link: string({ min: 1 }),
        private_key: privateKey(),
      }),
      CUSTOM: object({
        type: oneOf(['CUSTOM']),
        client_id: shortText(),
        client_secret: string({ min: 1 }),
        app_id: shortText(),
        app_link: string({ min: 1 }),
        private_key: privateKey(),
      }),
    },
    'invalid credentials object',
  );

const texts = () => record(string(), string({ max: 8192 }));

const quickstartShape = () => ({
  provider: plainName(),
  unique_key: providerConfigKey(),
  display_name: optional(shortText()),
  forward_webhooks: optional(boolean()),
});

const createBody = (): Schema<IntegrationInput> =>
  object({
    ...quickstartShape(),
    credentials: optional(developerApp()),
    integration_config: optional(texts()),
    custom: optional(record(string(), string())),
  });

const patchBody = () =>
  object({
    unique_key: optional(providerConfigKey()),
    display_name: optional(shortText()),
    credentials: optional(developerApp()),
    forward_webhooks: optional(boolean()),
    integration_config: optional(texts()),
    custom: optional(record(string(), string())),
  });

/** The auth modes that need a developer app at the provider. */
const modesWithApp: readonly AuthMode[] = ['OAUTH1', 'OAUTH2', 'TBA', 'APP', 'CUSTOM'];

/** An integration as the API gives it. */
export function writeIntegration(
  world: World,
  integration: StoredIntegration,
  include: { webhookUrl?: string | null | undefined; credentials?: boolean | undefined } = {},
): Record<string, unknown> {
  const provider = world.store.providers.get(integration.provider);
  return {
    unique_key: integration.uniqueKey,
    provider: integration.provider,
    display_name: integration.displayName,
    logo: logoOf(world.host, integration.provider),
    ...credentialsLabel(provider),
    ...(include.webhookUrl === undefined ? {} : { webhook_url: include.webhookUrl }),
    ...(include.credentials === true ? { credentials: writeDeveloperApp(integration, provider) } : {}),
    forward_webhooks: integration.forwardWebhooks,
    created_at: isoTime(integration.createdAt),
    updated_at: isoTime(integration.updatedAt),
  };
}

// Only integrations whose provider is configured by the developer say how their credentials are called.
function credentialsLabel(provider: Provider | undefined): Record<string, unknown> {
  if (!provider?.integration_config || !provider.credentials) return {};
  const titles = Object.entries(provider.credentials).map(([name, { title }]) => [name, title]);
  return { credentials_label: Object.fromEntries(titles) as Record<string, string> };
}

function writeDeveloperApp(
  { credentials }: StoredIntegration,
  provider: Provider | undefined,
): Record<string, unknown> | null {
  if (!credentials || !provider || !modesWithApp.includes(provider.auth_mode)) return null;
  const member = (name: string): unknown => credentials[name] ?? null;
  const { type } = credentials;
  if (type === 'APP') {
    return { type, app_id: member('app_id'), private_key: member('private_key'), app_link: member('app_link') };
  }
  if (type === 'CUSTOM') {
    return {
      type,
      client_id: member('client_id'),
      client_secret: member('client_secret'),
      app_id: member('app_id'),
      app_link: member('app_link'),
      private_key: member('private_key'),
    };
  }
  return {
    type,
    client_id: member('client_id'),
    client_secret: member('client_secret'),
    scopes: member('scopes'),
    webhook_secret: member('webhook_secret'),
  };
}

function requireIntegration(call: Call, uniqueKey: string): StoredIntegration {
  const integration = call.environment.integrations.get(uniqueKey);
  if (!integration) throw refuse(404, 'not_found', `Integration "${uniqueKey}" does not exist`);
  return integration;
}

function checkNew(call: Call, input: { provider: string; unique_key: string }): Provider {
  const issue = (message: string, path: string): Error =>
    refuse(400, 'invalid_body', undefined, { errors: [{ code: 'invalid_string', message, path: [path] }] });
  const provider = call.world.store.providers.get(input.provider);
  if (!provider) throw issue('Invalid provider', 'provider');
  if (call.environment.integrations.has(input.unique_key)) throw issue('Unique key already exists', 'uniqueKey');
  return provider;
}

function checkConfig(provider: Provider, config: Record<string, string>): void {
  for (const [name, field] of Object.entries(provider.integration_config ?? {})) {
    if (field.optional !== true && (config[name] ?? '') === '') {
      throw refuse(400, 'invalid_body', `${field.title} is required`);
    }
  }
}

function checkCredentials(provider: Provider, credentials: Record<string, unknown> | undefined): void {
  if (credentials && credentials['type'] !== provider.auth_mode) {
    throw refuse(400, 'invalid_body', 'incompatible credentials auth type and provider auth');
  }
}

function create(call: Call): Answer {
  const body = readBody(call, createBody());
  readQuery(call, noQuery());
  const provider = checkNew(call, body);
  checkCredentials(provider, body.credentials);
  if (!body.credentials && modesWithApp.includes(provider.auth_mode)) {
    throw refuse(400, 'invalid_body', 'Missing credentials');
  }
  checkConfig(provider, body.integration_config ?? {});
  return json({ data: writeIntegration(call.world, putIntegration(call.world, call.environment, body)) });
}

function patch(call: Call): Answer {
  const body = readBody(call, patchBody());
  const { uniqueKey } = readParams(call, object({ uniqueKey: providerConfigKey() }));
  readQuery(call, noQuery());
  const integration = requireIntegration(call, uniqueKey);
  const provider = call.world.store.providers.get(integration.provider);
  if (provider) checkCredentials(provider, body.credentials);
  if (body.unique_key !== undefined && body.unique_key !== uniqueKey) {
    if (call.environment.integrations.has(body.unique_key)) {
      throw refuse(400, 'invalid_body', 'uniqueKey is already used by another integration');
    }
    if ([...call.environment.connections.values()].some((connection) => connection.providerConfigKey === uniqueKey)) {
      throw refuse(400, 'invalid_body', "Can't rename an integration with active connections");
    }
  }
  if (body.custom && provider?.integration_config) {
    throw refuse(400, 'invalid_body', 'custom is not allowed for this provider, use integration_config');
  }
  if (body.integration_config && provider) {
    checkConfig(provider, { ...integration.integrationConfig, ...body.integration_config });
  }
  integration.displayName = body.display_name ?? integration.displayName;
  integration.forwardWebhooks = body.forward_webhooks ?? integration.forwardWebhooks;
  integration.credentials = body.credentials ?? integration.credentials;
  integration.integrationConfig = { ...integration.integrationConfig, ...body.integration_config };
  integration.custom = body.custom ?? integration.custom;
  integration.updatedAt = call.world.clock.now();
  if (body.unique_key !== undefined) {
    call.environment.integrations.delete(uniqueKey);
    integration.uniqueKey = body.unique_key;
    call.environment.integrations.set(integration.uniqueKey, integration);
    for (const definition of call.environment.functions) {
      if (definition.integration === uniqueKey) definition.integration = integration.uniqueKey;
    }
  }
  return json({ data: writeIntegration(call.world, integration) });
}

/** The operations on integrations. */
export const integrationRoutes: readonly Route[] = [
  {
    operation: 'listIntegrations',
    method: 'GET',
    path: '/integrations',
    auth: 'keyOrSession',
    scopes: ['environment:integrations:list', 'environment:integrations:list_credentials'],
    handle(call) {
      readQuery(call, noQuery());
      const allowed = call.session?.allowedIntegrations;
      const listed = [...call.environment.integrations.values()]
        .filter(({ uniqueKey }) => !allowed || allowed.includes(uniqueKey))
        .sort((a, b) => (a.provider < b.provider ? -1 : a.provider > b.provider ? 1 : a.id - b.id));
      return json({ data: listed.map((integration) => writeIntegration(call.world, integration)) });
    },
  },
  {
    operation: 'createIntegration',
    method: 'POST',
    path: '/integrations',
    auth: 'environmentKey',
    scopes: ['environment:integrations:create'],
    handle: create,
  },
  {
    operation: 'createQuickstartIntegration',
    method: 'POST',
    path: '/integrations/quickstart',
    auth: 'environmentKey',
    scopes: ['environment:integrations:create'],
    handle(call) {
      const body = readBody(call, object(quickstartShape()));
      readQuery(call, noQuery());
      const provider = checkNew(call, body);
      if (!modesWithApp.includes(provider.auth_mode)) {
        const message = 'Quickstart is only available for providers that require a developer app';
        throw refuse(400, 'invalid_body', message);
      }
      if (!call.world.sharedApps.has(body.provider)) {
        throw refuse(400, 'invalid_body', 'No Nango-provided developer app is configured for this provider');
      }
      return json({ data: writeIntegration(call.world, putIntegration(call.world, call.environment, body)) });
    },
  },
  {
    operation: 'getIntegration',
    method: 'GET',
    path: '/integrations/:uniqueKey',
    auth: 'environmentKey',
    scopes: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    handle(call) {
      const query = readQuery(call, object({ include: optional(oneOrMany(oneOf(['webhook', 'credentials']))) }));
      const { uniqueKey } = readParams(call, object({ uniqueKey: providerConfigKey() }));
      const integration = requireIntegration(call, uniqueKey);
      const include = query.include ?? [];
      const provider = call.world.store.providers.get(integration.provider);
      const address = `${call.world.host}/webhook/${call.environment.uuid}/${encodeURIComponent(uniqueKey)}`;
      const webhookUrl = provider?.webhook_routing_script === undefined ? null : address;
      return json({
        data: writeIntegration(call.world, integration, {
          webhookUrl: include.includes('webhook') ? webhookUrl : undefined,
          credentials: include.includes('credentials') &&
            hasScope(call.key, 'environment:integrations:read_credentials'),
        }),
      });
    },
  },
  {
    operation: 'updateIntegration',
    method: 'PATCH',
    path: '/integrations/:uniqueKey',
    auth: 'environmentKey',
    scopes: ['environment:integrations:update'],
    handle: patch,
  },
  {
    operation: 'deleteIntegration',
    method: 'DELETE',
    path: '/integrations/:uniqueKey',
    auth: 'environmentKey',
    scopes: ['environment:integrations:delete'],
    async handle(call) {
      const { uniqueKey } = readParams(call, object({ uniqueKey: providerConfigKey() }));
      readQuery(call, noQuery());
      const { environment, world } = call;
      if (!environment.integrations.has(uniqueKey)) throw refuse(404, 'not_found', 'Integration does not exist');
      for (const connection of [...environment.connections.values()]) {
        if (connection.providerConfigKey === uniqueKey) await removeConnection(world, environment, connection);
      }
      environment.functions = environment.functions.filter(({ integration }) => integration !== uniqueKey);
      environment.integrations.delete(uniqueKey);
      return json({ success: true });
    },
  },
  {
    operation: 'getLegacyConfig',
    method: 'GET',
    path: '/config/:uniqueKey',
    auth: 'environmentKey',
    scopes: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    handle(call) {
      const { uniqueKey } = readParams(call, object({ uniqueKey: providerConfigKey() }));
      const { provider } = requireIntegration(call, uniqueKey);
      const named = (type: string): { name: string }[] =>
        call.environment.functions
          .filter((definition) => definition.integration === uniqueKey && definition.type === type)
          .map(({ name, description }) => ({ name, description }));
      return json({ config: { unique_key: uniqueKey, provider, syncs: named('sync'), actions: named('action') } });
    },
  },
];
