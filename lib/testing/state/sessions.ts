// Finishing connect sessions, as an end user does in the Connect UI or a front end does without it.

import { refuse } from '../server/answer.ts';
import { sessionIdentity } from '../server/auth.ts';
import { authModeOf, establishConnection, importedCredentials, sampleCredentials } from './connections.ts';
import { type ConnectSession, findConnection, type StoredConnection, type StoredEnvironment } from './store.ts';
import type { World } from './context.ts';

/** How an end user finishes a connect session. */
export interface ConnectionCompletion {
  /** The integration that is chosen. May be left out when the session allows just one. */
  integrationId?: string | undefined;
  /** The id of the new connection. Defaults to a random UUID, as on the server. */
  connectionId?: string | undefined;
  /** What the provider gives. Defaults to made-up credentials that suit it. */
  credentials?: Record<string, unknown> | undefined;
  /** What the end user fills in, e.g. a subdomain. */
  connectionConfig?: Record<string, unknown> | undefined;
}

/** Finishes a connect session: the connection is made, or authorized again, and the session is used up. */
export function completeConnection(
  world: World,
  token: string,
  completion: ConnectionCompletion = {},
): StoredConnection {
  const { environment, session } = sessionIdentity(world.store, token, world.clock.now());
  if (!session) throw new TypeError('The token is not of a connect session');
  const choices = session.allowedIntegrations ?? [...environment.integrations.keys()];
  const chosen = completion.integrationId ?? (choices.length === 1 ? choices[0] : undefined);
  const integration = chosen === undefined ? undefined : environment.integrations.get(chosen);
  if (!integration || !choices.includes(integration.uniqueKey)) {
    throw new TypeError(`The session allows ${choices.join(', ')}: integrationId must name one of them`);
  }
  const credentials = completion.credentials
    ? importedCredentials(completion.credentials)
    : sampleCredentials(authModeOf(world, integration));
  return finishSession(world, environment, session, integration.uniqueKey, {
    credentials,
    connectionId: completion.connectionId,
    connectionConfig: completion.connectionConfig,
  });
}

/** Makes the connection of a session, or authorizes it again. */
export function finishSession(
  world: World,
  environment: StoredEnvironment,
  session: ConnectSession,
  uniqueKey: string,
  given: {
    credentials: Record<string, unknown>;
    connectionId?: string | undefined;
    connectionConfig?: Record<string, unknown> | undefined;
  },
): StoredConnection {
  const integration = environment.integrations.get(uniqueKey);
  if (!integration) throw new TypeError(`There is no integration ${uniqueKey}`);
  const { reconnects } = session;
  const before = reconnects && findConnection(environment, uniqueKey, reconnects.connectionId);
  if (reconnects && !before) throw refuse(400, 'invalid_connection', 'The connection does not exist');
  const connection = establishConnection(world, environment, integration, {
    connectionId: before?.connectionId ?? given.connectionId,
    credentials: given.credentials,
    metadata: before?.metadata,
    connectionConfig: {
      ...before?.connectionConfig,
      ...session.defaults?.[uniqueKey]?.connection_config,
      ...given.connectionConfig,
    },
    webhookUrlOverride: session.webhookUrlOverride ?? before?.webhookUrlOverride ?? undefined,
    endUser: session.endUser ?? before?.endUser,
    tags: { ...before?.tags, ...session.tags },
  });
  environment.sessions.delete(session.token);
  return connection;
}
