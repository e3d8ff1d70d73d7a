// /connect: sessions.

import { apiError, empty, json, validationError } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { connectionId, endUser, organization, providerConfigKey, tags, webhookUrlOverride } from '../server/fields.ts';
import type { EndUserInput } from '../../api/connections.ts';
import { route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import { array, looseObject, object, optional, record, string } from '../server/schema.ts';
import type { Issue, Schema } from '../server/schema.ts';
import { isoTime } from '../state/clock.ts';
import { storedEndUser, writeEndUser } from '../state/connections.ts';
import { findConnection } from '../state/store.ts';
import type { SessionDefaults, StoredConnectSession, StoredEnvironment } from '../state/store.ts';

const sessionLength = 1_800_000;

const defaults = () =>
  optional(
    record(
      providerConfigKey(),
      object({
        user_scopes: optional(string()),
        authorization_params: optional(record(string(), string())),
        connection_config: optional(looseObject({ oauth_scopes_override: optional(string()) })),
      }) as Schema<SessionDefaults>,
    ),
  );

const overrides = () =>
  optional(record(providerConfigKey(), object({ docs_connect: optional(string({ format: 'url' })) })));

const common = () => ({
  organization: optional(organization()),
  integrations_config_defaults: defaults(),
  overrides: overrides(),
  webhook_url_override: optional(webhookUrlOverride()),
});

// Without tags, `end_user` is required, which is how the server says that one of the two is missing.
const createBody = () => {
  const shape = {
    tags: optional(tags()),
    allowed_integrations: optional(array(providerConfigKey())),
    ...common(),
  };
  const tagged = object({ end_user: optional(endUser()), ...shape });
  const untagged = object({ end_user: endUser(), ...shape });
  const schema: typeof tagged = {
    read(value, path, report) {
      const hasTags = typeof value === 'object' && value !== null && 'tags' in value;
      return (hasTags ? tagged : untagged).read(value, path, report);
    },
  };
  return schema;
};

interface SessionInput {
  end_user?: EndUserInput | undefined;
  organization?: { id: string; display_name?: string | undefined } | undefined;
  tags?: Record<string, string> | undefined;
  integrations_config_defaults?: Record<string, SessionDefaults> | undefined;
  overrides?: Record<string, { docs_connect?: string | undefined }> | undefined;
  webhook_url_override?: string | undefined;
}

function checkIntegrations(environment: StoredEnvironment, body: SessionInput, allowed: readonly string[]): void {
  const missing = (path: string[]): Issue => ({ code: 'custom', message: 'Integration does not exist', path });
  const issues = allowed.flatMap((key, index) =>
    environment.integrations.has(key) ? [] : [missing(['allowed_integrations', String(index)])]
  );
  for (const name of ['integrations_config_defaults', 'overrides'] as const) {
    for (const key of Object.keys(body[name] ?? {})) {
      if (!environment.integrations.has(key)) issues.push(missing([name, key]));
    }
  }
  if (issues.length > 0) throw validationError('invalid_body', issues);
  if (Object.values(body.overrides ?? {}).some((override) => override.docs_connect !== undefined)) {
    throw apiError(403, 'forbidden', 'You are not allowed to override the docs connect url');
  }
}

function openSession(
  call: Call,
  body: SessionInput,
  more: Pick<StoredConnectSession, 'allowedIntegrations' | 'reconnects'>,
): Answer {
  const { clock, connectHost } = call.context;
  const token = `nango_connect_session_${clock.hex(64)}`;
  const session: StoredConnectSession = {
    token,
    expiresAt: clock.now() + sessionLength,
    endUser: body.end_user ? storedEndUser(body.end_user, body.organization) : null,
    tags: body.tags ?? {},
    defaults: body.integrations_config_defaults ?? null,
    overrides: body.overrides ?? null,
    webhookUrlOverride: body.webhook_url_override ?? null,
    ...more,
  };
  call.environment.sessions.set(token, session);
  const link = `${connectHost}/?session_token=${token}`;
  return json({ data: { token, connect_link: link, expires_at: isoTime(session.expiresAt) } }, 201);
}

function writeDefaults(session: StoredConnectSession): Record<string, unknown> {
  const written = Object.entries(session.defaults ?? {}).map(([key, value]) => {
    const { connection_config: config, authorization_params: params } = value;
    return [key, { ...(config && { connection_config: config }), ...(params && { authorization_params: params }) }];
  });
  return Object.fromEntries(written) as Record<string, unknown>;
}

/** No body, or an empty one. */
const emptyBody = (): Schema<unknown> => ({
  read(value, path, report) {
    if (typeof value === 'object' && value !== null) object({}).read(value, path, report);
  },
});

/** The operations on connect sessions. */
export const connectRoutes = (): Route[] => [
  route('createConnectSession', 'POST /connect/sessions', {
    scopes: ['environment:connect_sessions:write'],
    body: createBody(),
    handle(call) {
      const { body } = call;
      const allowed = body.allowed_integrations ?? [];
      checkIntegrations(call.environment, body, allowed);
      return openSession(call, body, { allowedIntegrations: allowed.length > 0 ? allowed : null, reconnects: null });
    },
  }),

  route('createReconnectSession', 'POST /connect/sessions/reconnect', {
    scopes: ['environment:connect_sessions:write'],
    body: object({
      connection_id: connectionId(),
      integration_id: providerConfigKey(),
      end_user: optional(endUser()),
      tags: optional(tags()),
      ...common(),
    }),
    handle(call) {
      const { body } = call;
      const connection = findConnection(call.environment, body.integration_id, body.connection_id);
      if (!connection) throw apiError(400, 'invalid_body', 'ConnectionID or IntegrationId does not exists');
      checkIntegrations(call.environment, body, []);
      return openSession(call, body, {
        allowedIntegrations: [body.integration_id],
        reconnects: { connectionId: body.connection_id, providerConfigKey: body.integration_id },
      });
    },
  }),

  route('getConnectSession', 'GET /connect/session', {
    auth: 'session',
    query: object({}),
    body: emptyBody(),
    handle({ session }) {
      if (!session) throw apiError(404, 'not_found', 'The session does not exist');
      return json({
        data: {
          endUser: writeEndUser(session.endUser),
          connectUISettings: {
            showWatermark: true,
            defaultTheme: 'system',
            theme: { light: { primary: '#00B2E3' }, dark: { primary: '#00B2E3' } },
          },
          ...(session.allowedIntegrations && { allowed_integrations: session.allowedIntegrations }),
          ...(session.defaults && { integrations_config_defaults: writeDefaults(session) }),
          ...(session.overrides && { overrides: session.overrides }),
          ...(session.reconnects && { isReconnecting: true }),
          websocketsPath: '/',
        },
      });
    },
  }),

  route('deleteConnectSession', 'DELETE /connect/session', {
    auth: 'session',
    query: object({}),
    body: emptyBody(),
    handle({ environment, session }) {
      if (session) environment.sessions.delete(session.token);
      return empty(204);
    },
  }),
];
