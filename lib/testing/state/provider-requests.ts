// Requests to providers: base URLs, and credentials in the headers and parameters where the provider expects them.

import { ProviderError } from './functions.ts';
import type { CatalogProvider } from './providers.ts';
import type { StoredConnection, StoredEnvironment, StoredIntegration } from './store.ts';
import type { Context } from './context.ts';

/**
 * Fills in the `${...}` of a template from a connection. If a value is missing, the result is what follows `||`, or
 * `undefined`.
 */
export function fillTemplate(template: string, connection: StoredConnection): string | undefined {
  const [first = '', ...fallbacks] = template.split('||').map((part) => part.trim());
  const filled = fillParts(first, connection);
  return filled === undefined && fallbacks.length > 0 ? fillTemplate(fallbacks.join('||'), connection) : filled;
}

function fillParts(template: string, connection: StoredConnection): string | undefined {
  let complete = true;
  const filled = template.replaceAll(/\$\{([^}]+)\}/g, (_whole, path: string) => {
    const [head = '', ...rest] = path.split('.');
    let value: unknown;
    if (head === 'connectionConfig') value = lookUp(connection.connectionConfig, rest);
    else if (head === 'accessToken') value = connection.credentials['access_token'] ?? connection.credentials['token'];
    else if (head === 'metadata') value = lookUp(connection.metadata, rest);
    else value = lookUp(connection.credentials, head === 'credentials' ? rest : [head, ...rest]);
    if (typeof value !== 'string' && typeof value !== 'number') complete = false;
    return String(value);
  });
  return complete ? filled : undefined;
}

function lookUp(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const name of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}

/** The base URL of a connection's provider, or `undefined` if it has none. */
export function baseUrlOf(
  provider: CatalogProvider | undefined,
  integration: StoredIntegration,
  connection: StoredConnection,
): string | undefined {
  const template = integration.integrationConfig['baseUrl'] ?? provider?.proxy?.base_url;
  return template === undefined ? undefined : fillTemplate(template, connection)?.replace(/\/+$/, '');
}

function utf8Base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The headers that carry a connection's credentials. */
export function credentialHeaders(
  provider: CatalogProvider | undefined,
  integration: StoredIntegration,
  connection: StoredConnection,
): Record<string, string> {
  const { credentials } = connection;
  const headers: Record<string, string> = {};
  if (credentials['type'] === 'BASIC') {
    headers['authorization'] = `Basic ${
      utf8Base64(`${String(credentials['username'])}:${String(credentials['password'])}`)
    }`;
  } else {
    const token = credentials['access_token'] ?? credentials['token'];
    if (typeof token === 'string') headers['authorization'] = `Bearer ${token}`;
  }
  for (const [name, template] of Object.entries(provider?.proxy?.headers ?? {})) {
    const value = fillTemplate(template, connection);
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  const { keyPlacement, keyName, valueTemplate } = integration.integrationConfig;
  if (keyPlacement === 'header' && keyName !== undefined) {
    const value = fillTemplate(valueTemplate ?? '${apiKey}', connection);
    if (value !== undefined) headers[keyName.toLowerCase()] = value;
  }
  return headers;
}

/** The query parameters that carry a connection's credentials. */
export function credentialQuery(
  provider: CatalogProvider | undefined,
  connection: StoredConnection,
): [string, string][] {
  return Object.entries(provider?.proxy?.query ?? {}).flatMap(([name, template]) => {
    const value = fillTemplate(template, connection);
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
}

/** Passes a request to the provider function of the test. Without one, the connection is refused. */
export async function askProvider(context: Context, request: Request): Promise<Response> {
  if (context.provider) return context.provider(request);
  const { host } = new URL(request.url);
  throw Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: 'ECONNREFUSED' });
}

/** Calls the provider for a sync or an action. */
export async function providerFetch(
  context: Context,
  environment: StoredEnvironment,
  connection: StoredConnection,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const integration = environment.integrations.get(connection.providerConfigKey);
  if (!integration) throw new Error(`There is no integration ${connection.providerConfigKey}`);
  const provider = context.store.providers.get(integration.provider);
  const baseUrl = baseUrlOf(provider, integration, connection);
  if (baseUrl === undefined) throw new Error(`The provider ${integration.provider} has no base URL`);
  const headers = new Headers(credentialHeaders(provider, integration, connection));
  new Headers(init.headers).forEach((value, name) => {
    headers.set(name, value);
  });
  const url = new URL(`${baseUrl}/${path.replace(/^\/+/, '')}`);
  for (const [name, value] of credentialQuery(provider, connection)) url.searchParams.append(name, value);
  const response = await askProvider(context, new Request(url, { ...init, headers }));
  if (response.ok) return response;
  const text = await response.text();
  let body: unknown = text;
  if (response.headers.get('content-type')?.includes('json') === true) {
    try {
      body = JSON.parse(text);
    } catch {
      body = text; // Called JSON and is not: the text is all there is.
    }
  }
  throw new ProviderError(response.status, Object.fromEntries(response.headers), body);
}
