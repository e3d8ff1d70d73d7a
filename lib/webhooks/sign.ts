// Signing a webhook as Nango does, for tests of what receives it.

import { signatureHeader } from './read.ts';

/** A signed webhook, in the form of an init for `new Request(url, …)`. */
export interface SignedWebhook {
  method: 'POST';
  /** The content type, and the signature in `x-nango-hmac-sha256`. */
  headers: Record<string, string>;
  /** The exact text that is signed. */
  body: string;
}

/**
 * Signs a webhook as Nango does, so that a test can send one.
 *
 * @example
 * ```ts
 * import { createWebhookHandler, signWebhook } from 'nango-fetch/webhooks';
 *
 * const handler = createWebhookHandler({ keys: 'test-key', on: { auth: (event) => console.log(event.connectionId) } });
 * const event = { type: 'auth', from: 'nango', operation: 'creation', connectionId: 'c-1', providerConfigKey: 'github' };
 * const { status } = await handler(new Request('https://app.test/', await signWebhook(event, 'test-key')));
 * ```
 *
 * @param event The event, or the exact text of the body.
 * @param key The webhook signing key.
 */
export async function signWebhook(event: object | string, key: string): Promise<SignedWebhook> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', encoder.encode(key), algorithm, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', imported, encoder.encode(body)));
  const signature = Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { method: 'POST', headers: { 'content-type': 'application/json', [signatureHeader]: signature }, body };
}
