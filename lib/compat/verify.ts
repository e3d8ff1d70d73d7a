// Verifying webhooks at once, as the official client does: a promise in its place would be truthy, and let all in.

import { headerOf } from '../api/webhooks.ts';
import type { IncomingHeaders } from '../api/webhooks.ts';
import type { RawBody } from '../webhooks/verify.ts';
import { builtin } from './builtin.ts';

/** What is needed of `node:crypto`. */
interface Crypto {
  createHash(algorithm: 'sha256'): Digest;
  createHmac(algorithm: 'sha256', key: string): Digest;
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

interface Digest {
  update(data: string | Uint8Array): Digest;
  digest(encoding: 'hex'): string;
}

/** Verifies the HMAC that is sent with a webhook. */
export function verifyRequest(body: RawBody, headers: IncomingHeaders, key: string | undefined): boolean {
  const crypto = loadCrypto();
  if (!key) throw new TypeError('webhookSigningKey must be given to Nango, since the API key signs no webhooks');
  const raw = body instanceof ArrayBuffer ? new Uint8Array(body) : body;
  if (typeof raw !== 'string' && !ArrayBuffer.isView(raw)) {
    throw new TypeError('body must be the raw body as it came, a string or bytes: parsed JSON is not what was signed');
  }
  const signature = headerOf(headers, 'x-nango-hmac-sha256');
  return same(crypto, crypto.createHmac('sha256', key).update(raw).digest('hex'), signature?.toLowerCase());
}

/** Verifies the signature that older versions of Nango sent alone. */
export function verifySignature(signature: string, payload: unknown, key: string | undefined): boolean {
  const crypto = loadCrypto();
  if (!key) throw new TypeError('webhookSigningKey must be given to Nango, since the API key signs no webhooks');
  return same(
    crypto,
    crypto
      .createHash('sha256')
      .update(key + JSON.stringify(payload))
      .digest('hex'),
    signature,
  );
}

function loadCrypto(): Crypto {
  const crypto = builtin<Crypto>('node:crypto');
  if (crypto) return crypto;
  throw new Error(
    'This runtime cannot verify webhooks synchronously: await verifyIncomingWebhookRequest() of nango-fetch instead',
  );
}

function same(crypto: Crypto, expected: string, actual: string | undefined): boolean {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(expected), encoder.encode(actual)];
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}
