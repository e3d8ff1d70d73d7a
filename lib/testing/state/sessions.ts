// Completing connect sessions, as an end user does in the Connect UI, or a front end without it.

import { apiError } from '../server/answer.ts';
import { authenticateSession } from '../server/auth.ts';
import {
  announceConnection,
  authModeOf,
  createConnection,
  endUserTags,
  importedCredentials,
  sampleCredentials,
} from './connections.ts';
import { findConnection } from './store.ts';
import type { StoredConnection, StoredConnectSession, StoredEnvironment } from './store.ts';
import type { Context } from './context.ts';

/** How an end user completes a connect session. */
export interface ConnectionCompletion {
  /** The integration to connect. May be left out if the session allows only one. */
  integrationId?: string | undefined;
  /** The id of the new connection. Defaults to a random UUID, as on the server. */
  connectionId?: string | undefined;
  /** The credentials. Defaults to sample ones of the provider's type. */
  credentials?: Record<string, unknown> | undefined;
  /** What the end user enters, for example a subdomain. */
  connectionConfig?: Record<string, unknown> | undefined;
}

/** Completes a connect session in place of an end user. */
export function completeConnection(
  context: Context,
  token: string,
  completion: ConnectionCompletion = {},
): StoredConnection {
  const { environment, session } = authenticateSession(context.store, token, context.clock.now());
  if (!session) throw new TypeError('The token is not of a connect session');
  const choices = session.allowedIntegrations ?? [...environment.integrations.keys()];
  const chosen = completion.integrationId ?? (choices.length === 1 ? choices[0] : undefined);
  const integration = chosen === undefined ? undefined : environment.integrations.get(chosen);
  if (!integration || !choices.includes(integration.uniqueKey)) {
    throw new TypeError(`The session allows ${choices.join(', ')}: integrationId must name one of them`);
  }
  const credentials = completion.credentials
    ? importedCredentials(completion.credentials)
    : sampleCredentials(authModeOf(context, integration));
  return completeSession(context, environment, session, integration.uniqueKey, {
    credentials,
    connectionId: completion.connectionId,
    connectionConfig: completion.connectionConfig,
  });
}

/** Creates the connection of a session, or authorizes it again. */
export function completeSession(
  context: Context,
  environment: StoredEnvironment,
  session: StoredConnectSession,
  uniqueKey: string,
  input: {
    credentials: Record<string, unknown>;
    connectionId?: string | undefined;
    connectionConfig?: Record<string, unknown> | undefined;
  },
): StoredConnection {
  const integration = environment.integrations.get(uniqueKey);
  if (!integration) throw new TypeError(`There is no integration ${uniqueKey}`);
  const { reconnects } = session;
  const before = reconnects && findConnection(environment, uniqueKey, reconnects.connectionId);
  if (reconnects && !before) throw apiError(400, 'invalid_connection', 'The connection does not exist');
  const created = createConnection(context, environment, integration, {
    connectionId: before?.connectionId ?? input.connectionId,
    credentials: input.credentials,
    metadata: before?.metadata,
    connectionConfig: {
      ...before?.connectionConfig,
      ...session.defaults?.[uniqueKey]?.connection_config,
      ...input.connectionConfig,
    },
    webhookUrlOverride: session.webhookUrlOverride ?? before?.webhookUrlOverride ?? undefined,
    // Reconnecting replaces the tags, and leaves the end user as it was.
    endUser: before ? before.endUser : session.endUser,
    tags: { ...endUserTags(session.endUser), ...session.tags },
  });
  return announceConnection(context, environment, created);
}
