// A handler for webhooks, from Request to Response, that mounts wherever those are spoken.

import type {
  AsyncActionWebhook,
  AuthWebhook,
  ForwardWebhook,
  SyncWebhook,
  UnknownWebhook,
  WebhookEvent,
} from './events.ts';
import { readWebhook, signatureHeader, WebhookRefusedError } from './read.ts';
import type { SigningKeys } from './verify.ts';

/** What to do with each kind of event. What is not listed is acknowledged and ignored. */
export interface WebhookListeners {
  /** A connection was created, authorized again or deleted, or its token could not be refreshed. */
  auth?: WebhookListener<AuthWebhook>;
  /** A sync ended. */
  sync?: WebhookListener<SyncWebhook>;
  /** A provider's webhook was passed on. */
  forward?: WebhookListener<ForwardWebhook>;
  /** An asynchronous action ended. */
  async_action?: WebhookListener<AsyncActionWebhook>;
  /** Anything else. */
  unknown?: WebhookListener<UnknownWebhook>;
}

/** Handles an event. The request is there for its headers and URL; its body has been read. */
export type WebhookListener<E> = (event: E, request: Request) => unknown;

/** Remembers signatures: a `Set`, or a table, KV or Redis behind two methods, which may be asynchronous. */
export interface SignatureStore {
  /** Tells whether a signature was added before. */
  has(signature: string): boolean | Promise<boolean>;
  /** Remembers a signature. */
  add(signature: string): unknown;
}

/** What {@link createWebhookHandler} takes. */
export interface WebhookHandlerOptions {
  /** The webhook signing key of the environment, or several while one replaces the other. */
  keys: SigningKeys;
  /** What to do with each kind of event. */
  on: WebhookListeners;
  /** How many bytes a body may have. Defaults to 1,048,576 (1 MiB). */
  maxBytes?: number | undefined;
  /**
   * Remembers what was handled, so that what is delivered again is acknowledged without being handled again. Defaults to the
   * last 1,000 signatures of two minutes, in memory. `false` handles all. Nango's webhooks have no id or time, so two
   * events that say the same have the same signature: a store should forget within minutes.
   */
  store?: SignatureStore | false | undefined;
  /**
   * Gets every error that ends in an answer of 400 or more, or in no answer where the work went on after it. Defaults to
   * `console.error` for all but a {@link WebhookRefusedError}.
   */
  onError?: ((error: unknown, request: Request) => void) | undefined;
}

/**
 * Answers a webhook. A second argument with `waitUntil`, such as the `ctx` of Workers, lets the answer go out before the
 * event is handled; Nango then does not send it again where that fails.
 */
export type WebhookHandler = (
  request: Request,
  context?: { waitUntil(promise: Promise<unknown>): void } | object,
) => Promise<Response>;

/**
 * Creates a handler for webhooks. It answers 204 once the event is handled, 401 to what Nango did not sign, 400 to what is
 * no JSON or was cut off, 405 to other methods than POST, 413 to a body that is too large, and 500 where handling fails,
 * after which Nango sends the event again, at most twice.
 *
 * @example
 * ```ts
 * import { createWebhookHandler } from 'nango-fetch/webhooks';
 *
 * export const POST = createWebhookHandler({
 *   keys: '<SIGNING-KEY>',
 *   on: {
 *     auth: (event) => console.log(event.operation, event.connectionId),
 *     sync: (event) => console.log(event.model, event.success),
 *   },
 * });
 * ```
 *
 * @see https://nango.dev/docs/guides/platform/webhooks-from-nango
 */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler {
  const { keys, on, maxBytes, store = rememberRecent(), onError = report } = options;
  if (!on || typeof on !== 'object') {
    throw new TypeError('on must be an object of functions, one for each kind of event');
  }
  return async (request, context) => {
    if (request.method !== 'POST') {
      return new Response('Webhooks come by POST', { status: 405, headers: { allow: 'POST' } });
    }
    try {
      const event = await readWebhook(request, keys, { maxBytes });
      const signature = request.headers.get(signatureHeader)!.toLowerCase();
      if (!store || !(await store.has(signature))) {
        const work = async (): Promise<void> => {
          await (on[event.type] as WebhookListener<WebhookEvent> | undefined)?.(event, request);
          if (store) await store.add(signature);
        };
        if (context && 'waitUntil' in context) context.waitUntil(work().catch((error) => onError(error, request)));
        else await work();
      }
      return new Response(null, { status: 204 });
    } catch (error) {
      onError(error, request);
      return error instanceof WebhookRefusedError
        ? new Response(error.message, { status: error.status })
        : new Response('The webhook could not be handled', { status: 500 });
    }
  };
}

function report(error: unknown): void {
  if (!(error instanceof WebhookRefusedError)) console.error(error);
}

/** Nango sends an event again within 70 seconds, if at all. */
function rememberRecent(): SignatureStore {
  const times = new Map<string, number>();
  return {
    has: (signature) => Date.now() - (times.get(signature) ?? -Infinity) < 120_000,
    add(signature) {
      times.delete(signature);
      times.set(signature, Date.now());
      for (const oldest of times.keys()) {
        if (times.size > 1000) times.delete(oldest);
        else break;
      }
    },
  };
}
