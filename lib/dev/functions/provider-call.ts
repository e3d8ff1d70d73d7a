// A function's request to a provider as it goes out: base URL, query and headers with the connection's credentials.

import { baseUrlOf, credentialHeaders, fillTemplate } from '../../testing/state/provider-requests.ts';
import { findConnection, type Store, type StoredEnvironment } from '../../testing/state/store.ts';
import type { ProviderCall } from './protocol.ts';

/** Asks a provider. Rejects for a network failure. */
export type AskProvider = (request: Request, context: Asker) => Promise<Response>;

/** For whom a provider is asked. */
export interface Asker {
  /** The name of the function; none for the proxy. */
  function?: string | undefined;
  /** The unique key of its integration. */
  integration?: string | undefined;
}

/**
 * Makes the request. Throws where there is no such connection or no address to ask. With `lenient`, where nobody is really
 * asked, what a connection lacks of the address is made up.
 */
export function providerRequest(
  { providers }: Store,
  environment: StoredEnvironment,
  call: ProviderCall,
  lenient: boolean,
): Request {
  const integration = environment.integrations.get(call.providerConfigKey);
  const connection = findConnection(environment, call.providerConfigKey, call.connectionId);
  if (!integration || !connection) {
    throw new Error(`There is no connection ${call.connectionId} of ${call.providerConfigKey}`);
  }
  const provider = providers.get(integration.provider);
  const base = call.baseUrlOverride === undefined || call.baseUrlOverride === ''
    ? baseUrlOf(provider, integration, connection) ?? madeUp(provider?.proxy?.base_url, lenient)
    : fillTemplate(call.baseUrlOverride, connection) ?? madeUp(call.baseUrlOverride, lenient);
  const endpoint = call.endpoint.includes('${')
    ? fillTemplate(call.endpoint, connection) ?? call.endpoint
    : call.endpoint;
  if (base === undefined && !URL.canParse(endpoint)) {
    throw new Error(`${integration.provider} has no base URL for the connection ${call.connectionId}`);
  }
  const url = new URL(
    URL.canParse(endpoint) ? endpoint : `${(base ?? '').replace(/\/+$/, '')}/${endpoint.replace(/^\/+/, '')}`,
  );
  if (call.query !== '') url.search += `${url.search === '' ? '?' : '&'}${call.query}`;
  for (const [name, template] of Object.entries((provider?.proxy?.['query'] ?? {}) as Record<string, string>)) {
    const value = fillTemplate(template, connection);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const headers = new Headers({ accept: 'application/json, text/plain, */*' });
  for (const [name, value] of Object.entries(credentialHeaders(provider, integration, connection))) {
    headers.set(name, value);
  }
  for (const [name, value] of Object.entries(call.headers)) headers.set(name, value);
  const body = call.method === 'GET' || call.method === 'HEAD' ? undefined : call.body;
  return new Request(url, {
    method: call.method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
}

function madeUp(template: string | undefined, lenient: boolean): string | undefined {
  if (!lenient) return undefined;
  const filled = (template ?? 'https://provider.example').split('||')[0]?.trim().replace(/\$\{[^}]+\}/g, 'example');
  // A placeholder may stand for the whole address.
  return filled === undefined || URL.canParse(filled) ? filled : `https://${filled}`;
}
