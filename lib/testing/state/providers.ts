// The catalog of providers: all that Nango knows, read when an emulator is created.

import { catalog } from './catalog.ts';
import type { AuthMode, ProviderField } from '../../api/providers.ts';
import { providerDetails } from './provider-details.ts';

/** A provider as the catalog has it: what the API returns, without `name` and `logo_url`. */
export interface CatalogProvider {
  /** The display name. */
  display_name: string;
  /** The auth mode. */
  auth_mode: AuthMode;
  /** The page that documents it. */
  docs: string;
  /** The categories. */
  categories?: string[] | undefined;
  /** The base URL and the credentials of requests. Strings may contain `${connectionConfig.x}` and `${apiKey}`. */
  proxy?:
    | {
      base_url: string;
      headers?: Record<string, string> | undefined;
      query?: Record<string, string> | undefined;
      retry?: { error_code?: string[] | undefined; [rule: string]: unknown } | undefined;
      [detail: string]: unknown;
    }
    | undefined;
  /** The connection config that end users enter. */
  connection_config?: Record<string, ProviderField> | undefined;
  /** The credentials that end users enter. */
  credentials?: Record<string, ProviderField> | undefined;
  /** The config that the developer enters. */
  integration_config?: Record<string, ProviderField> | undefined;
  /** Present when the provider sends webhooks to Nango. */
  webhook_routing_script?: string | undefined;
  /** Anything else that the catalog has. */
  [detail: string]: unknown;
}

/** A function template of a provider. */
export interface ProviderTemplate {
  /** The name. */
  name: string;
  /** The kind. */
  type: 'sync' | 'action';
  /** The description. */
  description?: string | undefined;
  /** Anything else that the API returns. */
  [detail: string]: unknown;
}

type Row = [
  name: string,
  displayName: string,
  authMode: AuthMode,
  categories?: string[] | 0,
  baseUrl?: string | 0,
  headers?: Record<string, string> | 0,
  query?: Record<string, string> | 0,
  credentials?: string[] | 0,
  connectionConfig?: string[] | 0,
];

let providers: Map<string, CatalogProvider> | undefined;

/** The providers that every emulator knows, by name. Emulators share them, so they are frozen. */
export function builtInProviders(): ReadonlyMap<string, CatalogProvider> {
  return providers ??= new Map(readCatalog());
}

function* readCatalog(): Iterable<[string, CatalogProvider]> {
  const details = providerDetails();
  const known = new Map<string, ProviderField>();
  // Parsing all rows at once is several times as fast as one by one.
  for (const row of JSON.parse(`[${catalog.join()}]`) as Row[]) {
    const [name, displayName, authMode, categories, baseUrl, headers, query, credentials, connectionConfig] = row;
    const provider = {
      display_name: displayName,
      ...(categories && { categories }),
      auth_mode: authMode,
      ...(baseUrl && { proxy: { base_url: baseUrl, ...(headers && { headers }), ...(query && { query }) } }),
      docs: `https://nango.dev/docs/api-integrations/${name}`,
      ...(connectionConfig && { connection_config: fieldsOf(connectionConfig, known) }),
      ...(credentials && { credentials: fieldsOf(credentials, known) }),
      ...details[name],
    };
    yield [name, freeze(provider)];
  }
}

/** Fields by name. Those of one name are one object, since most names come many times. */
function fieldsOf(names: readonly string[], known: Map<string, ProviderField>): Record<string, ProviderField> {
  const fields: Record<string, ProviderField> = {};
  for (const name of names) {
    const field = known.get(name) ?? { type: 'string', title: titleOf(name), description: '' };
    known.set(name, field);
    fields[name] = field;
  }
  return fields;
}

/** `apiKey` and `api_key` become `Api Key`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').split(/[\s_-]+/);
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ');
}

function freeze<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member);
  return Object.freeze(value);
}

/** The URL of a provider's logo. */
export function logoOf(host: string, name: string): string {
  return `${host}/images/template-logos/${name}.svg`;
}

/** A provider as the API returns it. */
export function writeProvider(host: string, name: string, provider: CatalogProvider): Record<string, unknown> {
  return { ...provider, name, logo_url: logoOf(host, name) };
}
