// How the server lets requests in, step by step: body, content type, key, rate limit, scope, and then the operation.

import { type Answer, crash, dashboardPage, empty, json, notFoundPage, Refusal, refuse } from './answer.ts';
import { authenticate, type Identity, requireScope } from './auth.ts';
import { parseQuery, type QueryValue } from './query.ts';
import type { RateLimiter } from './rate-limit.ts';
import { findRoute, MalformedPath, type Route } from './router.ts';
import { type Incoming, parseJson, readBytes } from './request.ts';
import type { World } from '../state/context.ts';

/** What decides whether a request gets in. */
export interface Gate {
  /** What every operation can reach. */
  readonly world: World;
  /** The operations. */
  readonly routes: readonly Route[];
  /** Counts calls; `undefined` where nothing is limited. */
  readonly limiter: RateLimiter | undefined;
  /** The largest body, in bytes. */
  readonly bodyLimit: number;
}

/** The headers that open the API to pages of any origin. */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit, X-RateLimit-Remaining, ' +
    'X-RateLimit-Reset',
};

const preflightHeaders = {
  'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Activity-Log-Id, Nango-Is-Dry-Run, ' +
    'Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace, Baggage',
  'access-control-max-age': '600',
};

/** Answers a request as the server does, whatever happens. */
export async function answerRequest(gate: Gate, incoming: Incoming): Promise<Answer> {
  try {
    return await admit(gate, incoming);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (!(error instanceof MalformedPath)) incoming.log.error = error;
    return crash(gate.world.clock.uuid());
  }
}

async function admit(gate: Gate, { request, path, search, headers, log }: Incoming): Promise<Answer> {
  const { world } = gate;
  const { method } = request;
  if (method === 'OPTIONS') {
    Object.assign(headers, corsHeaders, preflightHeaders);
    return empty(204);
  }
  const contentType = request.headers.get('content-type');
  const isJson = contentType !== null && /^application\/json\b/i.test(contentType.trim());
  const bytes = await readBytes(request, gate.bodyLimit);
  const hasBody = bytes !== undefined && bytes.length > 0;
  const body = hasBody && isJson ? parseJson(bytes) : undefined;
  log.body = body ?? (hasBody ? new TextDecoder().decode(bytes) : undefined);
  if (method === 'GET' && path.toLowerCase() === '/health') return json({ result: 'ok' });

  Object.assign(headers, corsHeaders);
  const match = findRoute(gate.routes, method, path);
  if (!match) {
    return method === 'GET' || method === 'HEAD' ? dashboardPage() : notFoundPage(method, path);
  }
  const { route, params } = match;
  if (contentType !== null && !isJson && route.anyContentType !== true) {
    throw refuse(415, 'invalid_content_type', 'Content-Type header must be application/json');
  }
  const query = parseQuery(search);
  const identity = identify(gate, route, request.headers.get('authorization'), query);
  gate.limiter?.count(identity.session ? 'sessions' : 'account', world.clock.now(), headers, method, path);
  if (identity.key) requireScope(identity.key, route.scopes);
  return route.handle({
    world,
    method,
    path,
    search,
    query,
    params,
    body,
    bytes,
    headers: request.headers,
    ...identity,
  });
}

function identify(
  { world }: Gate,
  route: Route,
  authorization: string | null,
  query: Record<string, QueryValue>,
): Identity {
  if (route.authenticate) return route.authenticate(world, query);
  return authenticate(world.store, route.auth, authorization, world.clock.now());
}
