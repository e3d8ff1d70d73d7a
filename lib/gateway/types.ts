// What a gateway is made of: its options, what it grants to whom, and what its hooks are told.

import type { BaseClient } from '../core/types.ts';
import type { GatewayOperation } from './operations.ts';

/** What one caller may do. Whatever is left out is not granted, `operations` and `limit` excepted. */
export interface Grant {
  /** Who it is, for {@link GatewayOptions.rateLimit} and {@link GatewayOptions.audit}; the gateway does not read it. */
  subject?: string | undefined;
  /** The operations of this caller. Defaults to all that the gateway opens. */
  operations?: readonly GatewayOperation[] | undefined;
  /** The ids of the integrations that the caller may see and use. */
  integrations?: readonly string[] | undefined;
  /** The ids of the connections of the caller, by integration: `{ github: ['c-1'] }`. */
  connections?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Grants every connection that has all of these tags, which costs a request to Nango for each call that names a
   * connection outside of `connections`. Connect sessions get exactly these tags, so that the connections they make
   * belong to the caller; without them no session can be made.
   */
  tags?: Readonly<Record<string, string>> | undefined;
  /** What the proxy may be asked, by integration: `{ github: ['GET /user', 'GET /repos/*\/*', 'POST /files/**'] }`. */
  proxy?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The ids of the asynchronous actions whose results the caller may read: the API does not tell whose they are. */
  actions?: readonly string[] | undefined;
  /** How many records or connections a page may hold. Defaults to 1,000. */
  limit?: number | undefined;
  /** Whether the caller may see and refresh credentials. Without it the members that hold them are empty. */
  credentials?: boolean | undefined;
}

/** A decision of the gateway: a call that is about to be sent, or one that was refused. */
export interface GatewayEvent {
  /** The request that came in. Its body must be left alone. */
  readonly request: Request;
  /** The operation that it asks for, undefined where that is none that the gateway opens. */
  operation?: GatewayOperation | undefined;
  /** What `authorize` granted, undefined where the request was refused before or by it. */
  grant?: Grant | undefined;
  /** The status of the refusal, undefined where the call is allowed. */
  status?: number | undefined;
  /** The code of the refusal, for example `connection_not_granted`. */
  reason?: string | undefined;
  /** What made the call to Nango fail, where `status` is 502. */
  cause?: unknown;
}

/** What `createGateway` takes. */
export interface GatewayOptions {
  /** Sends what is allowed, with its API key. */
  client: BaseClient;
  /** The operations that are open to callers whose grant has them. All others are a 404. */
  allow: readonly GatewayOperation[];
  /**
   * Decides who asks and what is theirs; null is a 401. It looks at a cookie or header of yours and must leave the body
   * of the request alone. What it throws comes out of the handler, and nothing is sent.
   */
  authorize(
    request: Request,
    operation: GatewayOperation,
  ): Grant | null | undefined | Promise<Grant | null | undefined>;
  /** The path that the gateway answers below, for example `/api/nango`. Defaults to the root. */
  basePath?: string | undefined;
  /**
   * The origins that may call it, beside the origin of the request's own URL. Where a reverse proxy ends TLS, name your
   * own origin here.
   */
  origins?: readonly string[] | undefined;
  /**
   * Request headers to pass on, in lower case, for example `x-async` or `nango-proxy-if-match`. Passed on by themselves
   * are `content-type`, `nango-proxy-accept`, `nango-proxy-content-type`, and the headers that name a connection.
   */
  requestHeaders?: readonly string[] | undefined;
  /** Response headers to pass on, in lower case, beside `content-type`, `retry-after` and `x-ratelimit-*`. */
  responseHeaders?: readonly string[] | undefined;
  /** How many bytes a body may have. Defaults to 1 MiB; enforced while reading. */
  maxBody?: number | undefined;
  /** Gives the seconds to wait before the call may be made, which makes it a 429; 0 or nothing lets it through. */
  rateLimit?(grant: Grant, operation: GatewayOperation): number | void | Promise<number | void>;
  /** Is told every decision before it takes effect. What it throws stops the call and comes out of the handler. */
  audit?(event: GatewayEvent): void | Promise<void>;
}
