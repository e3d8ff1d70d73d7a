// The catalog of providers: all that Nango knows, read when an emulator is created.

import { catalog } from './catalog.ts';
import { providerDetails } from './provider-details.ts';

/** How a provider authenticates. */
export type AuthMode =
  | 'OAUTH1'
  | 'OAUTH2'
  | 'OAUTH2_CC'
  | 'BASIC'
  | 'API_KEY'
  | 'CUSTOM'
  | 'APP'
  | 'NONE'
  | 'TBA'
  | 'JWT'
  | 'BILL'
  | 'TWO_STEP'
  | 'SIGNATURE'
  | 'MCP_OAUTH2'
  | 'MCP_OAUTH2_GENERIC'
  | 'INSTALL_PLUGIN'
  | 'AWS_SIGV4';

/** A field that a provider asks for. */
export interface ProviderField {
  /** The type of the value. */
  type: 'string';
  /** What the field is called. */
  title: string;
  /** What the field is for. */
  description: string;
  /** True when it may be left out. */
  optional?: boolean | undefined;
  /** Whatever else the catalog says about it. */
  [detail: string]: unknown;
}

/** A provider as the catalog has it: what the API gives, without `name` and `logo_url`. */
export interface Provider {
  /** What the provider is called. */
  display_name: string;
  /** How it authenticates. */
  auth_mode: AuthMode;
  /** The page that documents it. */
  docs: string;
  /** What it is for. */
  categories?: string[] | undefined;
  /** Where its API is and how credentials reach it. Texts may hold `${connectionConfig.x}` and `${apiKey}`. */
  proxy?:
    | {
      base_url: string;
      headers?: Record<string, string> | undefined;
      query?: Record<string, string> | undefined;
      retry?: { error_code?: string[] | undefined; [rule: string]: unknown } | undefined;
      [detail: string]: unknown;
    }
    | undefined;
  /** What end users are asked for. */
  connection_config?: Record<string, ProviderField> | undefined;
  /** The credentials that end users are asked for. */
  credentials?: Record<string, ProviderField> | undefined;
  /** What the developer is asked for. */
  integration_config?: Record<string, ProviderField> | undefined;
  /** Present when the provider sends webhooks to Nango. */
  webhook_routing_script?: string | undefined;
  /** Whatever else the catalog says about it. */
  [detail: string]: unknown;
}

/** A function that a provider's catalog offers. */
export interface ProviderTemplate {
  /** The name. */
  name: string;
  /** What it is. */
  type: 'sync' | 'action';
  /** What it does. */
  description?: string | undefined;
  /** Whatever else the API gives of it. */
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

let providers: Record<string, Provider> | undefined;

/** The providers that every emulator knows, by name. They are shared, so they cannot be changed. */
export function builtInProviders(): Readonly<Record<string, Provider>> {
  if (providers) return providers;
  const details = providerDetails();
  providers = {};
  for (const line of catalog) {
    const [name, displayName, authMode, categories, baseUrl, headers, query, credentials, connectionConfig] = JSON
      .parse(line) as Row;
    providers[name] = freeze({
      display_name: displayName,
      ...(categories && { categories }),
      auth_mode: authMode,
      ...(baseUrl && { proxy: { base_url: baseUrl, ...(headers && { headers }), ...(query && { query }) } }),
      docs: `https://nango.dev/docs/api-integrations/${name}`,
      ...(connectionConfig && { connection_config: fields(connectionConfig) }),
      ...(credentials && { credentials: fields(credentials) }),
      ...details[name],
    });
  }
  return providers;
}

function fields(names: readonly string[]): Record<string, ProviderField> {
  return Object.fromEntries(names.map((name) => [name, { type: 'string', title: titleOf(name), description: '' }]));
}

/** `apiKey` and `api_key` become `Api Key`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').split(/[\s_-]+/);
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ');
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member);
  return Object.freeze(value);
}

/** The address of a provider's logo. */
export function logoOf(host: string, name: string): string {
  return `${host}/images/template-logos/${name}.svg`;
}

/** A provider as the API gives it. */
export function writeProvider(host: string, name: string, provider: Provider): Record<string, unknown> {
  return { ...provider, name, logo_url: logoOf(host, name) };
}
