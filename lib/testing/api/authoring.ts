// What the operations that compile, run and deploy functions share.

import { apiError, json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { string } from '../server/schema.ts';
import type { Schema } from '../server/schema.ts';
import type { Context, SandboxFunction } from '../state/context.ts';
import { findConnection } from '../state/store.ts';
import type { StoredConnection, StoredEnvironment, StoredJob } from '../state/store.ts';

/** Source code or compiled code. */
export const codeText = (): Schema<string> => string({ min: 1 });

/** Throws unless there is such an integration. */
export function requireIntegration({ integrations }: StoredEnvironment, uniqueKey: string): void {
  if (integrations.has(uniqueKey)) return;
  throw apiError(404, 'integration_not_found', `Integration '${uniqueKey}' was not found`);
}

/** Finds a connection, or throws. */
export function requireConnection(environment: StoredEnvironment, uniqueKey: string, id: string): StoredConnection {
  const connection = findConnection(environment, uniqueKey, id);
  if (connection) return connection;
  throw apiError(404, 'connection_not_found', `Connection '${id}' was not found for integration '${uniqueKey}'`);
}

/** The sandbox, or throws for a server that has none. */
export function requireSandbox({ sandbox }: Context): SandboxFunction {
  if (sandbox !== false) return sandbox;
  throw apiError(500, 'server_error', 'Failed to initialize the function execution environment');
}

/** Answers how a job stands. */
export function readJob({ jobs }: StoredEnvironment, id: string, kind: StoredJob['kind'], label: string): Answer {
  const job = jobs.get(id);
  if (job?.kind !== kind) throw apiError(404, `${kind}_not_found`, `${label} '${id}' was not found`);
  return json({ id, ...job.state });
}
