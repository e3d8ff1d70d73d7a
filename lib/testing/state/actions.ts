// Runs actions, and turns their results and errors into answers.

import { actionFailure } from './functions.ts';
import type { ActionFunction, FunctionContext } from './functions.ts';
import { providerFetch } from './provider-requests.ts';
import { sortedLikeDatabase } from './store.ts';
import type { StoredConnection, StoredEnvironment } from './store.ts';
import type { Context } from './context.ts';

const largestOutput = 2_097_152;

/** The result of an action, or its failure. */
export interface Outcome {
  /** The status of the answer. */
  status: number;
  /** The body of the answer. */
  body: unknown;
}

/** Runs an action. */
export async function runAction(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
  action: ActionFunction | undefined,
  input: unknown,
): Promise<Outcome> {
  const io: FunctionContext = {
    connectionId: connection.connectionId,
    providerConfigKey: connection.providerConfigKey,
    environment: environment.name,
    metadata: structuredClone(connection.metadata),
    credentials: structuredClone(connection.credentials),
    fetch: (path, init) => providerFetch(context, environment, connection, path, init),
  };
  try {
    if (!action) throw new Error('The action has no function to run');
    // The server passes a missing input as an empty object, and a falsy one as null.
    const output = (await action(input === undefined ? {} : input || null, io)) ?? null;
    const text = JSON.stringify(output);
    if (text.length > largestOutput) throw new Error('Output size is too large');
    return { status: 200, body: JSON.parse(text) as unknown };
  } catch (thrown) {
    const failure = actionFailure(thrown);
    return { status: failure.status, body: sortedPayload(failure.body) };
  }
}

// Payloads pass through the server's database, which sorts their keys.
function sortedPayload(body: Record<string, unknown>): Record<string, unknown> {
  const { error } = body as { error: Record<string, unknown> };
  return { error: { ...error, payload: sortedLikeDatabase(error['payload']) } };
}
