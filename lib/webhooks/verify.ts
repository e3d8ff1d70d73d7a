// Verifying that a webhook was sent by Nango: HMAC-SHA256 over the exact bytes of its body.

/** A body as it came: its bytes, or its exact text. */
export type RawBody = string | Uint8Array | ArrayBuffer;

/**
 * Verifies the signature of a webhook in constant time.
 *
 * @param body The body as it came. A body that was parsed and written again is not what was signed.
 * @param signature The value of the header `X-Nango-Hmac-Sha256`. Anything but 64 hexadecimal digits is refused.
 * @param keys The webhook signing key of the environment, or several while one replaces the other.
 * @throws TypeError where the body is not raw or a key is missing.
 * @see https://nango.dev/docs/guides/platform/webhooks-from-nango
 */
export async function verifyWebhook(
  body: RawBody,
  signature: string | null | undefined,
  keys: string | readonly string[],
): Promise<boolean> {
  const list = [keys].flat();
  if (!list.length || !list.every((key) => typeof key === 'string' && key)) {
    throw new TypeError('keys must be a webhook signing key or several, none of them empty');
  }
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  if (!ArrayBuffer.isView(bytes) && !(bytes instanceof ArrayBuffer)) {
    throw new TypeError('body must be the raw body as it came, a string or bytes: parsed JSON is not what was signed');
  }
  if (typeof (signature ?? '') !== 'string') throw new TypeError('signature must be a string');
  if (!/^[\da-f]{64}$/i.test(signature ?? '')) return false;
  const mac = Uint8Array.from(signature!.match(/../g)!, (byte) => parseInt(byte, 16));
  for (const key of list) {
    if (await crypto.subtle.verify('HMAC', await importKey(key), mac, bytes as BufferSource)) return true;
  }
  return false;
}

/** Imported keys, since importing one takes as long as verifying. */
const imported = new Map<string, Promise<CryptoKey>>();

function importKey(key: string): Promise<CryptoKey> {
  let promise = imported.get(key);
  if (!promise) {
    // Keys are few; a server of many tenants must not collect them for ever.
    if (imported.size > 99) imported.clear();
    promise = crypto.subtle.importKey('raw', new TextEncoder().encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'verify',
    ]);
    imported.set(key, promise);
  }
  return promise;
}
