// Webhooks: whether one is genuine, which a client is enough to tell. Everything else about them is in ../webhooks.

import { check } from '../core/guards.ts';
import type { Client } from '../client.ts';
import { verifyWebhook } from '../webhooks/verify.ts';
import type { RawBody } from '../webhooks/verify.ts';

/**
 * Headers of a request: a `Headers` object, or a record whose names may be in any case, as Node and frameworks give
 * them.
 */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Verifies that a webhook was sent by Nango, with the `webhookSigningKey` of the client. It sends no request.
 *
 * @example
 * ```ts
 * import { createClient, verifyIncomingWebhookRequest } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>', webhookSigningKey: '<SIGNING-KEY>' });
 *
 * export async function POST(request: Request): Promise<Response> {
 *   const body = await request.text();
 *   const genuine = await verifyIncomingWebhookRequest(client, body, request.headers);
 *   return new Response(null, { status: genuine ? 204 : 401 });
 * }
 * ```
 *
 * @param body The body as it came. A body that was parsed and written again is not what was signed.
 * @throws TypeError where the body is not raw, or the client has no `webhookSigningKey`.
 * @see https://nango.dev/docs/guides/platform/webhooks-from-nango
 */
export async function verifyIncomingWebhookRequest(
  client: Client,
  body: RawBody,
  headers: IncomingHeaders,
): Promise<boolean> {
  check(client?.webhookSigningKey, 'client must be made by createClient');
  const keys = client.webhookSigningKey();
  check(keys, 'webhookSigningKey must be given to createClient: the API key signs no webhooks');
  return verifyWebhook(body, headerOf(headers, 'x-nango-hmac-sha256'), keys);
}

/**
 * Gives the value of a header, whatever holds it.
 *
 * @internal
 */
export function headerOf(headers: IncomingHeaders, wanted: string): string | undefined {
  check(headers && typeof headers === 'object', 'headers must be a Headers object or a record');
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const pair of pairs as Iterable<[string, string | readonly string[] | undefined]>) {
    const [name, value] = [pair].flat(1) as typeof pair;
    if (`${name}`.toLowerCase() === wanted) return [value].flat()[0];
  }
  return undefined;
}
