// Webhooks as the server sends them: keys sorted, signed twice, tried again by its rules, and noted down for the test.

import type { PlatformFetch } from '../../core/types.ts';
import type { Clock } from './clock.ts';
import type { Store, StoredConnection, StoredEnvironment } from './store.ts';

/** Receives webhooks: a handler as servers have one, or a URL. */
export type WebhookTarget = string | ((request: Request) => Response | Promise<Response>);

/** Where webhooks go and which of them are sent. */
export interface WebhookOptions {
  /** The primary and the secondary address, in the order in which they are told. Nothing is sent without one. */
  to?: WebhookTarget | readonly WebhookTarget[] | undefined;
  /** Sends to targets that are URLs. Defaults to the global `fetch`. */
  fetch?: PlatformFetch | undefined;
  /** Tell of created connections. Defaults to true. */
  onAuthCreation?: boolean | undefined;
  /** Tell of deleted connections. Defaults to true. */
  onConnectionDeletion?: boolean | undefined;
  /** Tell of refreshes that failed. Defaults to true. */
  onAuthRefreshError?: boolean | undefined;
  /** Tell of syncs that failed. Defaults to true. */
  onSyncError?: boolean | undefined;
  /** Tell of finished syncs even if they changed nothing. Defaults to false. */
  onSyncCompletionAlways?: boolean | undefined;
  /** Tell of finished asynchronous actions. Defaults to true. */
  onAsyncActionCompletion?: boolean | undefined;
}

/** One attempt to deliver a webhook. */
export interface WebhookAttempt {
  /** The status of the answer, or `null` when there was none. */
  status: number | null;
  /** Why there was no answer. */
  error: unknown;
  /** How long the server waits before this attempt, in milliseconds. */
  wait: number;
}

/** A webhook and what became of it. */
export interface WebhookDelivery {
  /** The event, as a JSON value. */
  event: Record<string, unknown>;
  /** The exact text that is signed and sent. */
  body: string;
  /** The headers, the signatures among them. */
  headers: Record<string, string>;
  /** The URL, or `https://webhooks.test/` for a handler. */
  url: string;
  /** The attempts, the first one first. None without a target. */
  attempts: WebhookAttempt[];
  /** True once an answer said 2xx. */
  delivered: boolean;
}

/** A sync webhook that a test makes up. */
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
  /** Defaults to nothing changed. */
  responseResults?: { added?: number; updated?: number; deleted?: number } | undefined;
}

/** The webhooks of an emulator. */
export interface Webhooks {
  /** Every webhook so far, also those for which there was no target. */
  readonly deliveries: WebhookDelivery[];
  /** Where webhooks go; a test may change it. */
  to: readonly WebhookTarget[];
  /** What is sent; a test may change it. */
  readonly settings: WebhookSettings;
  /** The text of an event as the server writes it, and its headers with both signatures. */
  sign(event: unknown, signingKey?: string): Promise<{ body: string; headers: Record<string, string> }>;
  /** A signed request for an event, to be handed to a handler. `url` defaults to `https://webhooks.test/`. */
  request(event: unknown, options?: { url?: string | undefined; signingKey?: string | undefined }): Promise<Request>;
  /** The event that tells of a finished sync. */
  syncEvent(input: SyncWebhookInput): Record<string, unknown>;
  /** Sends an event to the targets and resolves when it is delivered or given up. */
  send(event: Record<string, unknown>, options?: WebhookSendOptions): Promise<WebhookDelivery[]>;
}

/** For whom a webhook is. */
export interface WebhookSendOptions {
  /** The environment whose key signs. Defaults to the first one. */
  environment?: StoredEnvironment | undefined;
  /** The connection, whose own webhook URL replaces the targets. */
  connection?: StoredConnection | undefined;
  /** Headers of the provider, for forwarded webhooks. */
  headers?: Record<string, string> | undefined;
}

/** Which webhooks are sent. */
export type WebhookSettings = { -readonly [K in keyof Omit<WebhookOptions, 'to' | 'fetch'>]-?: boolean };

// The server waits this long before the second and the third attempt.
const waits = [0, 3000, 6000];
const handlerUrl = 'https://webhooks.test/';

/** JSON with the members of every object sorted, as the server writes webhooks. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Both signatures of a webhook's text. */
export async function signatures(body: string, signingKey: string): Promise<Record<string, string>> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(signingKey), algorithm, false, ['sign']);
  return {
    'x-nango-signature': hex(await crypto.subtle.digest('SHA-256', encoder.encode(signingKey + body))),
    'x-nango-hmac-sha256': hex(await crypto.subtle.sign('HMAC', key, encoder.encode(body))),
  };
}

/** Makes the webhooks of an emulator. */
export function createWebhooks(options: WebhookOptions, store: Store, clock: Clock): Webhooks {
  const { to = [], fetch: send, ...given } = options;
  const settings: WebhookSettings = {
    onAuthCreation: given.onAuthCreation ?? true,
    onConnectionDeletion: given.onConnectionDeletion ?? true,
    onAuthRefreshError: given.onAuthRefreshError ?? true,
    onSyncError: given.onSyncError ?? true,
    onSyncCompletionAlways: given.onSyncCompletionAlways ?? false,
    onAsyncActionCompletion: given.onAsyncActionCompletion ?? true,
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
