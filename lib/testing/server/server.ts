// The server: what happens to a request, step by step, from the wire to the answer. Its order is the real server's:
// body, route, content type, key, rate limit, scope, and then the operation.

import type { Context } from '../state/context.ts';
import { ApiError, apiError, dashboardPage, empty, internalError, json, notFoundPage } from './answer.ts';
import type { Answer } from './answer.ts';
import { authenticate, requireScope } from './auth.ts';
import { connectionReset, injectedAnswer, pause, repeatedPage } from './faults.ts';
import type { Faults } from './faults.ts';
import { parseQuery } from './query.ts';
import type { RateLimiter } from './rate-limit.ts';
import { openExchange, parseJson, readBytes } from './request.ts';
import type { Exchange, LoggedRequest, WireRequest } from './request.ts';
import { respond } from './response.ts';
import { findRoute, MalformedPath } from './router.ts';
import type { Route } from './router.ts';

/** What a server is made of. */
export interface ServerOptions {
  /** What every operation can reach. */
  readonly context: Context;
  /** The operations, in the order in which they are tried. */
  readonly routes: readonly Route[];
  /** Counts calls; `undefined` for no limit. */
  readonly limiter: RateLimiter | undefined;
  /** The largest body, in bytes. */
  readonly bodyLimit: number;
  /** The faults to inject. */
  readonly faults: Faults;
  /** Where requests are logged, the oldest first. */
  readonly requests: LoggedRequest[];
}

const corsHeaders = {
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

/** Handles a request: logs it, injects the fault that is due, and answers. Rejects only for a broken connection. */
export async function handleRequest(server: ServerOptions, request: WireRequest): Promise<Response> {
  const exchange = openExchange(request);
  const { log, headers } = exchange;
  log.operation = operationOf(server.routes, log);
  server.requests.push(log);

  const fault = server.faults.take(log);
  if (fault?.delay !== undefined) await pause(fault.delay, request.signal);
  if (fault?.reset === true) throw connectionReset();
  if (fault?.stall === 'headers') await pause(Number.POSITIVE_INFINITY, request.signal);
  const injected = fault && injectedAnswer(fault, exchange, server.context.clock.now());
  if (injected) Object.assign(headers, corsHeaders);
  let answer = injected ?? (await answerRequest(server, exchange));
  if (fault?.repeatPage === true) answer = repeatedPage(answer, exchange.search);
  if (fault?.reset === 'after') throw connectionReset();
  log.status = answer.status;
  return respond(exchange, answer, fault, server.context.clock.now());
}

async function answerRequest(server: ServerOptions, exchange: Exchange): Promise<Answer> {
  try {
    return await dispatch(server, exchange);
  } catch (error) {
    if (error instanceof ApiError) return error.answer;
    if (!(error instanceof MalformedPath)) exchange.log.error = error;
    return internalError(server.context.clock.uuid());
  }
}

async function dispatch(server: ServerOptions, { request, path, search, headers, log }: Exchange): Promise<Answer> {
  const { context } = server;
  const { method } = request;
  if (method === 'OPTIONS') {
    Object.assign(headers, corsHeaders, preflightHeaders);
    return empty(204);
  }
  const contentType = request.headers.get('content-type');
  const isJson = contentType !== null && /^application\/json\b/i.test(contentType.trim());
  const bytes = await readBytes(request, server.bodyLimit);
  const hasBody = bytes !== undefined && bytes.length > 0;
  const body = hasBody && isJson ? parseJson(bytes, contentType) : undefined;
  log.body = body ?? (hasBody ? new TextDecoder().decode(bytes) : undefined);
  if (method === 'GET' && /^\/(health|ready)$/i.test(path)) return json({ result: 'ok' });

  Object.assign(headers, corsHeaders);
  const match = findRoute(server.routes, method, path);
  if (!match) return method === 'GET' || method === 'HEAD' ? dashboardPage() : notFoundPage(method, path);
  const { route, params } = match;
  if (contentType !== null && !isJson && !route.anyContentType) {
    throw apiError(415, 'invalid_content_type', 'Content-Type header must be application/json');
  }
  const query = parseQuery(search);
  const identity = route.authenticate
    ? route.authenticate(context, query)
    : authenticate(context, route.auth, request.headers.get('authorization'));
  server.limiter?.count(identity.session ? 'sessions' : 'account', context.clock.now(), headers, method, path);
  if (identity.key) requireScope(identity.key, route.scopes);
  return route.handle({
    context,
    request: { method, path, search, headers: request.headers, params, query, body, bytes },
    ...identity,
  });
}

/** The operation that a request is for, if any. */
function operationOf(routes: readonly Route[], { method, path }: LoggedRequest): string | undefined {
  try {
    return findRoute(routes, method, path)?.route.operation;
  } catch {
    return undefined; // A malformed path belongs to no operation.
  }
}
