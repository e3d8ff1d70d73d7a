// Reading a webhook from a request: its raw bytes up to a limit, verified, parsed, and given as a typed event.

import type { WebhookEvent } from './events.ts';
import { signatureForm, verifyWebhook } from './verify.ts';
import type { SigningKeys } from './verify.ts';

/** The header that carries the signature. */
export const signatureHeader = 'x-nango-hmac-sha256';

const refusals = {
  no_signature: [401, 'The header X-Nango-Hmac-Sha256 is missing'],
  legacy_signature_only: [401, 'Only the legacy header X-Nango-Signature is there, which proves nothing'],
  malformed_signature: [401, 'The header X-Nango-Hmac-Sha256 is not 64 hexadecimal digits'],
  mismatch: [401, 'The signature does not match: the key is another one, or the body was changed on its way'],
  too_large: [413, 'The body is too large'],
  unreadable: [400, 'The body was cut off'],
  not_json: [400, 'The body is signed, but is not JSON'],
} as const;

/** Why a webhook is refused. */
export type WebhookRefusalReason = keyof typeof refusals;

/** A webhook that is refused: it did not come from Nango, or not in one piece. */
export class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError';
  /** Why it is refused. */
  readonly reason: WebhookRefusalReason;
  /** The status to answer with: 400, 401 or 413. */
  readonly status: 400 | 401 | 413;

  constructor(reason: WebhookRefusalReason, options?: ErrorOptions) {
    super(refusals[reason][1], options);
    this.reason = reason;
    this.status = refusals[reason][0];
  }
}

/** What {@link readWebhook} takes beside the request and the keys. */
export interface ReadWebhookOptions {
  /** How many bytes a body may have. Defaults to 1,048,576 (1 MiB). */
  maxBytes?: number | undefined;
}

/**
 * Reads a webhook: gives its event once the signature of its raw body is verified. A body over the limit is given up as
 * soon as the limit is passed.
 *
 * A webhook of a provider that belongs to no connection is signed by Nango as it came, whoever sent it, and may look like any
 * event. Where much depends on an event, ask the API.
 *
 * @example
 * ```ts
 * import { readWebhook } from 'nango-fetch/webhooks';
 *
 * export async function POST(request: Request): Promise<Response> {
 *   const event = await readWebhook(request, '<SIGNING-KEY>');
 *   switch (event.type) {
 *     case 'auth':
 *       console.log(event.operation, event.connectionId);
 *       break;
 *     case 'sync':
 *       console.log(event.model, event.success);
 *   }
 *   return new Response(null, { status: 204 });
 * }
 * ```
 *
 * @throws {@link WebhookRefusedError} where it is refused; its `reason` tells why.
 * @throws TypeError where the body was read before, or a key is missing.
 * @see https://nango.dev/docs/guides/platform/webhooks-from-nango
 */
export async function readWebhook(
  request: Request,
  keys: SigningKeys,
  { maxBytes = 1_048_576 }: ReadWebhookOptions = {},
): Promise<WebhookEvent> {
  if (request?.bodyUsed !== false) {
    throw new TypeError('request must be a Request whose body was not read before: the raw body is what is signed');
  }
  const signature = request.headers.get(signatureHeader);
  if (signature === null) {
    throw new WebhookRefusedError(request.headers.has('x-nango-signature') ? 'legacy_signature_only' : 'no_signature');
  }
  if (!signatureForm.test(signature)) throw new WebhookRefusedError('malformed_signature');
  const body = await readBody(request, maxBytes);
  if (!(await verifyWebhook(body, signature, keys))) throw new WebhookRefusedError('mismatch');
  try {
    return eventOf(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    // The parser's own error quotes the body.
    throw new WebhookRefusedError('not_json');
  }
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw new WebhookRefusedError('too_large');
  const chunks: Uint8Array[] = [];
  let length = 0;
  const take = (chunk: Uint8Array): void => {
    length += chunk.length;
    if (length > maxBytes) throw new WebhookRefusedError('too_large');
    chunks.push(chunk);
  };
  // Firefox shows no body of a request.
  const reader = request.body?.getReader();
  try {
    if (!reader) take(new Uint8Array(await request.arrayBuffer()));
    else for (let read; !(read = await reader.read()).done;) take(read.value);
  } catch (cause) {
    // The refusal matters; that the rest of the body cannot be canceled does not.
    reader?.cancel().catch(() => {});
    throw cause instanceof WebhookRefusedError ? cause : new WebhookRefusedError('unreadable', { cause });
  }
  const body = new Uint8Array(length);
  for (const chunk of chunks.reverse()) body.set(chunk, length -= chunk.length);
  return body;
}

/** Gives a body as the event that it is. What a provider sends may have a `type` of its own. */
function eventOf(body: unknown): WebhookEvent {
  const { type, from, connectionId, providerConfigKey } = Object(body) as Record<string, unknown>;
  const known = type === 'forward' ||
    (from === 'nango' && (type === 'auth' || type === 'sync' || type === 'async_action'));
  return known && [from, connectionId, providerConfigKey].every((member) => typeof member === 'string')
    ? (body as WebhookEvent)
    : { type: 'unknown', payload: body };
}
