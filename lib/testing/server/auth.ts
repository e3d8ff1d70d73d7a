// Authentication and scopes: API keys and the tokens of connect sessions.

import { apiError, apiErrorWithPayload } from './answer.ts';
import type { Context } from '../state/context.ts';
import type { Store, StoredConnectSession, StoredEnvironment, StoredKey } from '../state/store.ts';

/** The credentials that an operation accepts. */
export type AuthKind = 'environmentKey' | 'accountKey' | 'session' | 'keyOrSession' | 'none';

/** The caller. */
export interface Identity {
  /** The environment of the key or session; the first one for an account key. */
  environment: StoredEnvironment;
  /** The API key, unless a connect session calls. */
  key: StoredKey | undefined;
  /** The connect session, if one calls. */
  session: StoredConnectSession | undefined;
}

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const sessionToken = /^nango_connect_session_[0-9a-f]{64}$/;

function unauthorized(code: string, message: string): Error {
  return apiErrorWithPayload(401, code, `Authentication failed. ${message}`);
}

/** Authenticates a caller by the Authorization header, or throws the server's 401. */
export function authenticate({ store, clock }: Context, kind: AuthKind, header: string | null): Identity {
  const now = clock.now();
  const [first] = store.environments;
  if (kind === 'none' && first) return { environment: first, key: undefined, session: undefined };
  if (header === null || header === '') {
    throw unauthorized('missing_auth_header', 'The request is missing the Authorization header.');
  }
  // The server takes what follows the last "Bearer ", or the whole header without one.
  const token = header.split('Bearer ').pop() ?? '';
  if (kind === 'session' || (kind === 'keyOrSession' && token.startsWith('nango_connect_session_'))) {
    return authenticateSession(store, token, now);
  }
  if (!uuidV4.test(token)) throw unauthorized('invalid_secret_key_format', 'The provided secret key is not a UUID v4.');
  for (const environment of store.environments) {
    const key = environment.keys.find(({ secret }) => secret === token);
    if (key) return { environment, key: used(key, now), session: undefined };
  }
  const key = store.accountKeys.find(({ secret }) => secret === token);
  if (key && first) return { environment: first, key: used(key, now), session: undefined };
  throw unauthorized('unknown_account', 'The provided authorization header does not match any account.');
}

function used(key: StoredKey, now: number): StoredKey {
  key.lastUsedAt = now;
  return key;
}

/** Finds a connect session by its token, or throws the server's 401. */
export function authenticateSession(store: Store, token: string, now: number): Identity {
  if (!sessionToken.test(token)) {
    throw unauthorized(
      'invalid_connect_session_token_format',
      'The provided connect session token is not following correct format: nango_connect_session_RANDOM)',
    );
  }
  for (const environment of store.environments) {
    const session = environment.sessions.get(token);
    if (session && session.expiresAt > now) return { environment, key: undefined, session };
  }
  throw unauthorized('unknown_connect_session_token', 'The provided connect session token does not match any account.');
}

/** Tells whether a key has a scope, itself or by a wildcard above it. */
export function hasScope(key: StoredKey | undefined, scope: string): boolean {
  return (key?.scopes ?? []).some(
    (granted) => granted === scope || (granted.endsWith(':*') && scope.startsWith(granted.slice(0, -1))),
  );
}

/** Throws the server's 403 unless the key has one of the scopes. */
export function requireScope(key: StoredKey | undefined, scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => hasScope(key, scope))) return;
  const required = scopes.length === 1 ? `Required: ${scopes[0]}` : `Required one of: ${scopes.join(' or ')}`;
  throw apiError(403, 'forbidden', `Insufficient scope. ${required}`);
}
