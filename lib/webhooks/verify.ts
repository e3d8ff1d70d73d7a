// Verifying that a webhook was sent by Nango: HMAC-SHA256 over the exact bytes of its body.

/** A body as it came: its bytes, or its exact text. */
export type RawBody = string | Uint8Array | ArrayBuffer;

/** The webhook signing key of an environment, or several while one replaces the other. */
export type SigningKeys = string | readonly string[];

/** What a signature looks like: 64 hexadecimal digits. */
export const signatureForm: RegExp = /^[\da-f]{64}$/i;

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
  keys: SigningKeys,
): Promise<boolean> {
  const list = [keys].flat();
  if (!list.length || !list.every((key) => typeof key === 'string' && key)) {
    throw new TypeError('keys must be one or more non-empty strings');
  }
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  if (!ArrayBuffer.isView(bytes) && !(bytes instanceof ArrayBuffer)) {
    throw new TypeError('body must be raw, a string or bytes: parsed JSON is not what was signed');
  }
  if (typeof (signature ??= '') !== 'string') throw new TypeError('signature must be a string');
  if (!signatureForm.test(signature)) return false;
  const mac = Uint8Array.from({ length: 32 }, (_, at) => parseInt(signature.slice(2 * at, 2 * at + 2), 16));
  for (const key of list) {
    const imported = importedKeys.get(key) ?? (await importKey(key));
    if (await crypto.subtle.verify('HMAC', imported, mac, bytes as BufferSource)) return true;
  }
  return false;
}

/**
 * Imported keys, since importing one takes as long as verifying. Never promises of keys: in Workers, a promise of a
 * request that was canceled may never settle for another request.
 */
const importedKeys = new Map<string, CryptoKey>();

async function importKey(key: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(key);
  const imported = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  // Keys are few; a server of many tenants must not collect them for ever.
  if (importedKeys.size > 99) importedKeys.clear();
  importedKeys.set(key, imported);
  return imported;
}
