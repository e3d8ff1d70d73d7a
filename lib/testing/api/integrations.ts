// /integrations: list, read, create, quickstart, update, delete; and the deprecated /config.

import { apiError, json } from '../server/answer.ts';
import { hasScope } from '../server/auth.ts';
import { oneOrMany, plainName, providerConfigKey, shortText } from '../server/fields.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { boolean, object, oneOf, optional, record, string, tagged, union } from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import { isoTime } from '../state/clock.ts';
import { createIntegration, deleteConnection } from '../state/connections.ts';
import type { Context } from '../state/context.ts';
import { logoOf } from '../state/providers.ts';
import type { AuthMode } from '../../api/providers.ts';
import type { CatalogProvider } from '../state/providers.ts';
import type { IntegrationSeed, StoredEnvironment, StoredIntegration } from '../state/store.ts';

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

const createBody = (): Schema<IntegrationSeed> =>
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

const keyParams = () => object({ uniqueKey: providerConfigKey() });

/** The auth modes that need an OAuth app at the provider. */
const modesWithApp: readonly AuthMode[] = ['OAUTH1', 'OAUTH2', 'TBA', 'APP', 'CUSTOM'];

/** An integration as the API returns it. */
export function writeIntegration(
  context: Context,
  integration: StoredIntegration,
  include: { webhookUrl?: string | null | undefined; credentials?: boolean | undefined } = {},
): Record<string, unknown> {
  const provider = context.store.providers.get(integration.provider);
  return {
    unique_key: integration.uniqueKey,
    provider: integration.provider,
    display_name: integration.displayName,
    logo: logoOf(context.host, integration.provider),
    ...credentialsLabel(provider),
    ...(include.webhookUrl === undefined ? {} : { webhook_url: include.webhookUrl }),
    ...(include.credentials === true ? { credentials: writeDeveloperApp(integration, provider) } : {}),
    forward_webhooks: integration.forwardWebhooks,
    created_at: isoTime(integration.createdAt),
    updated_at: isoTime(integration.updatedAt),
  };
}

// Only providers with an integration config have labels for their credentials.
function credentialsLabel(provider: CatalogProvider | undefined): Record<string, unknown> {
  if (!provider?.integration_config || !provider.credentials) return {};
  const titles = Object.entries(provider.credentials).map(([name, { title }]) => [name, title]);
  return { credentials_label: Object.fromEntries(titles) as Record<string, string> };
}

function writeDeveloperApp(
  { credentials }: StoredIntegration,
  provider: CatalogProvider | undefined,
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

function requireIntegration(environment: StoredEnvironment, uniqueKey: string): StoredIntegration {
  const integration = environment.integrations.get(uniqueKey);
  if (!integration) throw apiError(404, 'not_found', `Integration "${uniqueKey}" does not exist`);
  return integration;
}

function checkNew(call: Call, input: { provider: string; unique_key: string }): CatalogProvider {
  const issue = (message: string, path: string): Error =>
    apiError(400, 'invalid_body', undefined, { errors: [{ code: 'invalid_string', message, path: [path] }] });
  const provider = call.context.store.providers.get(input.provider);
  if (!provider) throw issue('Invalid provider', 'provider');
  if (call.environment.integrations.has(input.unique_key)) throw issue('Unique key already exists', 'uniqueKey');
  return provider;
}

function checkConfig(provider: CatalogProvider, config: Record<string, string>): void {
  const missing = Object.entries(provider.integration_config ?? {})
    .filter(([name, field]) => field.optional !== true && (config[name] ?? '') === '')
    .map(([, field]) => `${field.title} is required`);
  if (missing.length > 0) throw apiError(400, 'invalid_body', missing.join(', '));
}

function checkCredentials(provider: CatalogProvider, credentials: Record<string, unknown> | undefined): void {
  if (credentials && credentials['type'] !== provider.auth_mode) {
    throw apiError(400, 'invalid_body', 'incompatible credentials auth type and provider auth');
  }
}

/** The operations on integrations. */
export const integrationRoutes = (context: Context): Route[] => [
  route('listIntegrations', 'GET /integrations', {
    auth: 'keyOrSession',
    scopes: ['environment:integrations:list', 'environment:integrations:list_credentials'],
    handle({ environment, session }) {
      const allowed = session?.allowedIntegrations;
      const listed = [...environment.integrations.values()]
        .filter(({ uniqueKey }) => !allowed || allowed.includes(uniqueKey))
        .sort((a, b) => (a.provider < b.provider ? -1 : a.provider > b.provider ? 1 : a.id - b.id));
      return json({ data: listed.map((integration) => writeIntegration(context, integration)) });
    },
  }),

  route('createIntegration', 'POST /integrations', {
    scopes: ['environment:integrations:create'],
    body: createBody(),
    handle(call) {
      const { environment, body } = call;
      const provider = checkNew(call, body);
      checkCredentials(provider, body.credentials);
      if (!body.credentials && modesWithApp.includes(provider.auth_mode)) {
        throw apiError(400, 'invalid_body', 'Missing credentials');
      }
      checkConfig(provider, body.integration_config ?? {});
      return json({ data: writeIntegration(context, createIntegration(context, environment, body)) });
    },
  }),

  route('createQuickstartIntegration', 'POST /integrations/quickstart', {
    scopes: ['environment:integrations:create'],
    body: object(quickstartShape()),
    handle(call) {
      const { environment, body } = call;
      const provider = checkNew(call, body);
      if (!modesWithApp.includes(provider.auth_mode)) {
        const message = 'Quickstart is only available for providers that require a developer app';
        throw apiError(400, 'invalid_body', message);
      }
      if (!context.sharedApps.has(body.provider)) {
        throw apiError(400, 'invalid_body', 'No Nango-provided developer app is configured for this provider');
      }
      return json({ data: writeIntegration(context, createIntegration(context, environment, body)) });
    },
  }),

  route('getIntegration', 'GET /integrations/:uniqueKey', {
    scopes: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    query: object({ include: optional(oneOrMany(oneOf(['webhook', 'credentials']))) }),
    params: keyParams(),
    handle({ environment, key, query: { include = [] }, params: { uniqueKey } }) {
      const integration = requireIntegration(environment, uniqueKey);
      const provider = context.store.providers.get(integration.provider);
      const url = `${context.host}/webhook/${environment.uuid}/${encodeURIComponent(uniqueKey)}`;
      const webhookUrl = provider?.webhook_routing_script === undefined ? null : url;
      return json({
        data: writeIntegration(context, integration, {
          webhookUrl: include.includes('webhook') ? webhookUrl : undefined,
          credentials: include.includes('credentials') && hasScope(key, 'environment:integrations:read_credentials'),
        }),
      });
    },
  }),

  route('updateIntegration', 'PATCH /integrations/:uniqueKey', {
    scopes: ['environment:integrations:update'],
    body: patchBody(),
    params: keyParams(),
    handle({ environment, body, params: { uniqueKey } }) {
      const integration = requireIntegration(environment, uniqueKey);
      const provider = context.store.providers.get(integration.provider);
      if (provider) checkCredentials(provider, body.credentials);
      if (body.unique_key !== undefined && body.unique_key !== uniqueKey) {
        if (environment.integrations.has(body.unique_key)) {
          throw apiError(400, 'invalid_body', 'uniqueKey is already used by another integration');
        }
        if ([...environment.connections.values()].some(({ providerConfigKey: key }) => key === uniqueKey)) {
          throw apiError(400, 'invalid_body', "Can't rename an integration with active connections");
        }
      }
      if (body.custom && provider?.integration_config) {
        throw apiError(400, 'invalid_body', 'custom is not allowed for this provider, use integration_config');
      }
      const integrationConfig = { ...integration.integrationConfig, ...body.integration_config };
      if (body.integration_config && provider) checkConfig(provider, integrationConfig);
      integration.displayName = body.display_name ?? integration.displayName;
      integration.forwardWebhooks = body.forward_webhooks ?? integration.forwardWebhooks;
      integration.credentials = body.credentials ?? integration.credentials;
      integration.integrationConfig = integrationConfig;
      integration.custom = body.custom ?? integration.custom;
      integration.updatedAt = context.clock.now();
      if (body.unique_key !== undefined) renameIntegration(environment, integration, body.unique_key);
      return json({ data: writeIntegration(context, integration) });
    },
  }),

  route('deleteIntegration', 'DELETE /integrations/:uniqueKey', {
    scopes: ['environment:integrations:delete'],
    params: keyParams(),
    async handle({ environment, params: { uniqueKey } }) {
      if (!environment.integrations.has(uniqueKey)) throw apiError(404, 'not_found', 'Integration does not exist');
      for (const connection of [...environment.connections.values()]) {
        if (connection.providerConfigKey === uniqueKey) await deleteConnection(context, environment, connection);
      }
      environment.functions = environment.functions.filter(({ integration }) => integration !== uniqueKey);
      environment.integrations.delete(uniqueKey);
      return json({ success: true });
    },
  }),

  route('getLegacyConfig', 'GET /config/:uniqueKey', {
    scopes: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    query: anyQuery(),
    params: keyParams(),
    handle({ environment, params: { uniqueKey } }) {
      const { provider } = requireIntegration(environment, uniqueKey);
      const functions = (type: string): unknown[] =>
        environment.functions
          .filter((definition) => definition.integration === uniqueKey && definition.type === type)
          .map(({ name, description }) => ({ name, description }));
      return json({
        config: { unique_key: uniqueKey, provider, syncs: functions('sync'), actions: functions('action') },
      });
    },
  }),
];

function renameIntegration(
  { integrations, functions }: StoredEnvironment,
  integration: StoredIntegration,
  uniqueKey: string,
): void {
  for (const definition of functions) {
    if (definition.integration === integration.uniqueKey) definition.integration = uniqueKey;
  }
  integrations.delete(integration.uniqueKey);
  integration.uniqueKey = uniqueKey;
  integrations.set(uniqueKey, integration);
}
