// Webhooks as the server sends them: sorted keys, two signatures, its rules of retrying; and a log for tests.

import type { PlatformFetch } from '../../core/types.ts';
import type { Clock } from './clock.ts';
import type { Store, StoredConnection, StoredEnvironment } from './store.ts';

/** A receiver of webhooks: a request handler or a URL. */
export type WebhookTarget = string | ((request: Request) => Response | Promise<Response>);

/** Where webhooks are sent, and which. */
export interface WebhookOptions {
  /** The primary and secondary target, called in this order. Without any, webhooks are only logged. */
  to?: WebhookTarget | readonly WebhookTarget[] | undefined;
  /** The fetch for targets that are URLs. Defaults to the global `fetch`. */
  fetch?: PlatformFetch | undefined;
  /** Send when a connection is created. Defaults to true. */
  onAuthCreation?: boolean | undefined;
  /** Send when a connection is deleted. Defaults to true. */
  onConnectionDeletion?: boolean | undefined;
  /** Send when a token refresh fails. Defaults to true. */
  onAuthRefreshError?: boolean | undefined;
  /** Send when a sync fails. Defaults to true. */
  onSyncError?: boolean | undefined;
  /** Send when a sync finishes without changes too. Defaults to false. */
  onSyncCompletionAlways?: boolean | undefined;
  /** Send when an asynchronous action finishes. Defaults to true. */
  onAsyncActionCompletion?: boolean | undefined;
}

/** One attempt to deliver a webhook. */
export interface WebhookAttempt {
  /** The status of the response, or `null` if there was none. */
  status: number | null;
  /** What was thrown instead of a response. */
  error: unknown;
  /** The delay before this attempt, in milliseconds. */
  wait: number;
}

/** A webhook and its delivery. */
export interface WebhookDelivery {
  /** The event, as a JSON value. */
  event: Record<string, unknown>;
  /** The exact body that is signed and sent. */
  body: string;
  /** The headers, including the signatures. */
  headers: Record<string, string>;
  /** The URL, or `https://webhooks.test/` for a handler. */
  url: string;
  /** The attempts in order; none without a target. */
  attempts: WebhookAttempt[];
  /** Whether a response had a 2xx status. */
  delivered: boolean;
}

/** The contents of a sync webhook. */
export interface SyncWebhookInput {
  /** The unique key of the integration. */
  providerConfigKey: string;
  /** The connection. */
  connectionId: string;
  /** The model. */
  model: string;
  /** Defaults to the model in lower case. */
  syncName?: string | undefined;
  /** Defaults to `base`. */
  syncVariant?: string | undefined;
  /** Defaults to `INCREMENTAL`. */
  syncType?: string | undefined;
  /** Defaults to a minute ago. */
  modifiedAfter?: string | undefined;
  /** Defaults to no changes. */
  responseResults?: { added?: number; updated?: number; deleted?: number } | undefined;
}

/** The webhooks of an emulator. */
export interface Webhooks {
  /** All webhooks so far, including those without a target. */
  readonly deliveries: WebhookDelivery[];
  /** The targets; a test may change them. */
  to: readonly WebhookTarget[];
  /** Which webhooks are sent; a test may change it. */
  readonly settings: WebhookSettings;
  /** Serializes an event as the server does, and signs it. */
  sign(event: unknown, signingKey?: string): Promise<{ body: string; headers: Record<string, string> }>;
  /** Creates a signed request, to be passed to a handler. `url` defaults to `https://webhooks.test/`. */
  request(event: unknown, options?: { url?: string | undefined; signingKey?: string | undefined }): Promise<Request>;
  /** Creates the event of a finished sync. */
  syncEvent(input: SyncWebhookInput): Record<string, unknown>;
  /** Sends an event to the targets. Resolves once it is delivered or all attempts have failed. */
  send(event: Record<string, unknown>, options?: WebhookSendOptions): Promise<WebhookDelivery[]>;
}

/** What a webhook is sent for. */
export interface WebhookSendOptions {
  /** The environment whose key signs it. Defaults to the first one. */
  environment?: StoredEnvironment | undefined;
  /** The connection. Its own webhook URL, if it has one, replaces the targets. */
  connection?: StoredConnection | undefined;
  /** Headers of the provider, for forwarded webhooks. */
  headers?: Record<string, string> | undefined;
}

/** Which webhooks are sent. */
export type WebhookSettings = { -readonly [K in keyof Omit<WebhookOptions, 'to' | 'fetch'>]-?: boolean };

// The delays before each attempt, in milliseconds.
const waits = [0, 3000, 6000];
const handlerUrl = 'https://webhooks.test/';

/** Serializes a value with sorted keys, as the server does. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The signature headers of a body. */
export async function signatures(body: string, signingKey: string): Promise<Record<string, string>> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(signingKey), algorithm, false, ['sign']);
  return {
    'x-nango-signature': hex(await crypto.subtle.digest('SHA-256', encoder.encode(signingKey + body))),
    'x-nango-hmac-sha256': hex(await crypto.subtle.sign('HMAC', key, encoder.encode(body))),
  };
}

/** Creates the webhooks of an emulator. */
export function createWebhooks(options: WebhookOptions, store: Store, clock: Clock): Webhooks {
  const { to = [], fetch: send, ...switches } = options;
  const settings: WebhookSettings = {
    onAuthCreation: switches.onAuthCreation ?? true,
    onConnectionDeletion: switches.onConnectionDeletion ?? true,
    onAuthRefreshError: switches.onAuthRefreshError ?? true,
    onSyncError: switches.onSyncError ?? true,
    onSyncCompletionAlways: switches.onSyncCompletionAlways ?? false,
    onAsyncActionCompletion: switches.onAsyncActionCompletion ?? true,
  };
  const firstKey = (): string => store.environments[0]?.webhookSigningKey ?? '';

  const sign = async (event: unknown, signingKey = firstKey()) => {
    const body = sortedJson(event);
    const headers = {
      accept: 'application/json, text/plain, */*',
      'content-type': 'application/json',
      ...(await signatures(body, signingKey)),
      'user-agent': 'nango/0.71.4',
    };
    return { body, headers };
  };

  const attempt = async (target: WebhookTarget, delivery: WebhookDelivery): Promise<Response> => {
    const init = { method: 'POST', headers: delivery.headers, body: delivery.body };
    if (typeof target === 'string') return (send ?? fetch)(target, init);
    return target(new Request(delivery.url, init));
  };

  const deliver = async (target: WebhookTarget, delivery: WebhookDelivery): Promise<void> => {
    for (const wait of waits) {
      if (wait > 0) await clock.sleep(wait);
      const made: WebhookAttempt = { status: null, error: undefined, wait };
      delivery.attempts.push(made);
      try {
        const response = await attempt(target, delivery);
        await response.body?.cancel();
        made.status = response.status;
        delivery.delivered = response.ok;
        if (response.status < 500) return;
      } catch (error) {
        made.error = error;
      }
    }
  };

  const webhooks: Webhooks = {
    deliveries: [],
    to: Array.isArray(to) ? (to as readonly WebhookTarget[]) : [to as WebhookTarget],
    settings,
    sign,
    async request(event, { url = handlerUrl, signingKey } = {}) {
      const { body, headers } = await sign(event, signingKey);
      return new Request(url, { method: 'POST', headers, body });
    },
    syncEvent({ modifiedAfter = new Date(clock.now() - 60_000).toISOString(), ...input }) {
      return {
        from: 'nango',
        type: 'sync',
        connectionId: input.connectionId,
        providerConfigKey: input.providerConfigKey,
        syncName: input.syncName ?? input.model.toLowerCase(),
        syncVariant: input.syncVariant ?? 'base',
        model: input.model,
        syncType: input.syncType ?? 'INCREMENTAL',
        success: true,
        modifiedAfter,
        queryTimeStamp: modifiedAfter,
        responseResults: { added: 0, updated: 0, deleted: 0, ...input.responseResults },
      };
    },
    async send(event, { environment, connection, headers: providerHeaders = {} } = {}) {
      const { body, headers } = await sign(event, environment?.webhookSigningKey);
      const override = connection?.webhookUrlOverride ?? null;
      const targets: readonly (WebhookTarget | undefined)[] = override === null ? webhooks.to : [override];
      const made: WebhookDelivery[] = [];
      for (const target of targets.length > 0 ? targets : [undefined]) {
        const url = typeof target === 'string' ? target : handlerUrl;
        const merged = { ...providerHeaders, ...headers };
        const delivery: WebhookDelivery = { event, body, headers: merged, url, attempts: [], delivered: false };
        webhooks.deliveries.push(delivery);
        made.push(delivery);
        if (target !== undefined) await deliver(target, delivery);
      }
      return made;
    },
  };
  return webhooks;
}
