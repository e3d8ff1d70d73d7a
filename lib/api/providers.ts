// Providers: the APIs that Nango knows, with how each one is authorized and called, and the templates made for them.

import type { Client, SessionClient } from '../client.ts';
import { object } from '../core/guards.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';

/** How the users of a provider authorize. */
export type AuthMode =
  | 'API_KEY'
  | 'APP'
  | 'AWS_SIGV4'
  | 'BASIC'
  | 'BILL'
  | 'CUSTOM'
  | 'INSTALL_PLUGIN'
  | 'JWT'
  | 'MCP_OAUTH2'
  | 'MCP_OAUTH2_GENERIC'
  | 'NONE'
  | 'OAUTH1'
  | 'OAUTH2'
  | 'OAUTH2_CC'
  | 'SIGNATURE'
  | 'TBA'
  | 'TWO_STEP'
  | (string & {});

/** A field that somebody fills in before a connection can be made. */
export interface ProviderField {
  /** The kind of value. */
  type: 'string' | (string & {});
  /** The label. */
  title: string;
  /** What the value is. */
  description: string;
  /** Where the field stands in a form, from 1. */
  order?: number | undefined;
  /** Whether Nango finds the value out by itself. */
  automated?: boolean | undefined;
  /** Whether the field may be left empty. */
  optional?: boolean | undefined;
  /** Whether the field is kept out of forms. */
  hidden?: boolean | undefined;
  /** Whether the value is a secret. */
  secret?: boolean | undefined;
  /** A value to show as an example. */
  example?: string | undefined;
  /** The value where none is given. */
  default_value?: string | undefined;
  /** What a value looks like, a regular expression. */
  pattern?: string | undefined;
  /** The format of the value. */
  format?: 'email' | 'hostname' | 'uri' | 'uuid' | (string & {}) | undefined;
  /** What stands before the value and is not typed in. */
  prefix?: string | undefined;
  /** What stands after the value and is not typed in. */
  suffix?: string | undefined;
  /** The values there are to choose from. */
  enum?: string[] | undefined;
  /** A warning to show for a value. */
  warnings?: Record<string, string> | undefined;
  /** The value of another field that makes this one show. */
  visible_when?: { field: string; equals: string } | undefined;
  /** The section of the provider's `docs_connect` that tells where to find the value. */
  doc_section?: string | undefined;
}

/** How the lists of a provider are paged through; the other members depend on `type`. */
export interface ProviderPagination {
  /** What leads from one page to the next. */
  type: 'cursor' | 'link' | 'offset' | (string & {});
  /** A setting of the provider. */
  [setting: string]: unknown;
}

/** How Nango calls the API of a provider. Values may hold placeholders like `${connectionConfig.domain}`. */
export interface ProviderProxy {
  /** The base URL. */
  base_url: string;
  /** Headers of each request. */
  headers?: Record<string, string> | undefined;
  /** Query parameters of each request. */
  query?: Record<string, string> | undefined;
  /** Members of each body. */
  body?: Record<string, unknown> | undefined;
  /** Settings of the connection that the URLs need. */
  connection_config?: Record<string, string> | undefined;
  /** Where an answer says how long to wait. */
  retry?: {
    /** Headers that hold a point in time. */
    at?: string | string[] | undefined;
    /** Headers that hold a number of seconds. */
    after?: string | string[] | undefined;
    /** The header that holds how many requests are left. */
    remaining?: string | undefined;
    /** Statuses to retry, for example `429` or `5xx`. */
    error_code?: string[] | undefined;
    /** The member of the body that holds it. */
    in_body?: { path: string; value?: string | undefined; strategy: 'after' | 'at' | (string & {}) } | undefined;
  } | undefined;
  /** Whether answers are decompressed. */
  decompress?: boolean | undefined;
  /** Whether headers are sent on when the provider redirects. */
  forward_headers_on_redirect?: boolean | undefined;
  /** How lists are paged through. */
  paginate?: ProviderPagination | undefined;
  /** The request that shows whether credentials work. */
  verification?: {
    /** The method; GET where it is left out. */
    method?: string | undefined;
    /** The paths to try, one after the other. */
    endpoints: string[];
    /** A base URL other than that of the API. */
    base_url_override?: string | undefined;
    /** Headers of the request. */
    headers?: Record<string, string> | undefined;
    /** Its body. */
    data?: unknown;
  } | undefined;
}

/** A provider: what the catalog says about an API. Entries hold more than is listed here, depending on `auth_mode`. */
export interface Provider {
  /** The id of the provider, for example `github`. */
  name: string;
  /** The name of the provider as people write it. */
  display_name: string;
  /** How its users authorize. */
  auth_mode: AuthMode;
  /** The URL of its logo. */
  logo_url: string;
  /** The URL of its page in Nango's documentation. */
  docs: string;
  /** The URL of the page for those who connect. */
  docs_connect?: string | undefined;
  /** The URL of the page on how to register an app with the provider. */
  setup_guide_url?: string | undefined;
  /** What the API is about, for example `crm`. */
  categories?: string[] | undefined;
  /** `outbound` where the connection begins at the provider. */
  installation?: 'outbound' | (string & {}) | undefined;
  /** How its API is called. */
  proxy?: ProviderProxy | undefined;
  /** Where users authorize. */
  authorization_url?: string | undefined;
  /** Where tokens are had: a URL, or one for each kind of token. */
  token_url?: string | Record<string, string> | undefined;
  /** Where OAuth 1 access tokens are had. */
  access_token_url?: string | undefined;
  /** Where tokens are refreshed, if not at `token_url`. */
  refresh_url?: string | undefined;
  /** Parameters of the authorization. */
  authorization_params?: Record<string, unknown> | undefined;
  /** Parameters of the request for a token. */
  token_params?: Record<string, unknown> | undefined;
  /** Parameters of a refresh. */
  refresh_params?: Record<string, unknown> | undefined;
  /** What stands between scopes; a space where it is left out. */
  scope_separator?: string | undefined;
  /** Scopes that are always asked for. */
  default_scopes?: string[] | undefined;
  /** Scopes that there are to choose from. */
  available_scopes?: string[] | undefined;
  /** How long before its end a token is refreshed, in seconds. */
  token_expiration_buffer?: number | undefined;
  /** What end users are asked for beside credentials. */
  connection_config?: Record<string, ProviderField> | undefined;
  /** What end users are asked for as credentials. */
  credentials?: Record<string, ProviderField> | undefined;
  /** What the developer is asked for when an integration is created. */
  integration_config?: Record<string, ProviderField> | undefined;
  /** What a signed assertion needs beside credentials. */
  assertion_option?: Record<string, ProviderField> | undefined;
  /** Whether the provider's webhooks are signed with a secret that the developer chooses. */
  webhook_user_defined_secret?: boolean | undefined;
  /** Whether tokens are had with a client certificate. */
  require_client_certificate?: boolean | undefined;
  /** How the request for a token is written. */
  body_format?: 'form' | 'json' | 'query' | 'xml' | (string & {}) | undefined;
  /** A setting of the provider. */
  [setting: string]: unknown;
}

/** What the templates of syncs and actions have in common. */
export interface TemplateSummary {
  /** The name of the function. */
  name: string;
  /** What it does. */
  description?: string | undefined;
  /** The OAuth scopes that it needs. */
  scopes?: string[] | undefined;
  /** The name of the model that it takes. */
  input?: string | undefined;
  /** The names of the models that it gives. */
  returns: string[];
  /** JSON Schema of the models, in `definitions`. */
  json_schema: Record<string, unknown> | null;
}

/** A template of an action. */
export interface ActionTemplate extends TemplateSummary {
  /** The kind of the function. */
  type: 'action';
}

/** A template of a sync. */
export interface SyncTemplate extends TemplateSummary {
  /** The kind of the function. */
  type: 'sync';
  /** How often it runs, for example `every day`. */
  runs: string | null;
  /** Whether it starts with a new connection. */
  auto_start: boolean;
  /** Whether it finds out what was deleted. */
  track_deletes: boolean;
}

/** A ready-made function of a provider, told apart by `type`. */
export type FunctionTemplate = ActionTemplate | SyncTemplate;

/** What {@link listProviders} takes. */
export interface ListProvidersInput {
  /** Gives only providers whose `name` contains this, in any case. A dot stands for any character. */
  search?: string | undefined;
}

/** Names a provider. */
export interface ProviderInput {
  /** The `name` of the provider, for example `github`. */
  provider: string;
}

/**
 * Lists the providers that Nango knows. Without `search` that is nearly a thousand, about 900 kB of JSON.
 *
 * `GET /providers`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/providers/list
 */
export async function listProviders(
  client: Client | SessionClient,
  input: ListProvidersInput = {},
  options?: RequestOptions,
): Promise<{ data: Provider[] }> {
  const { search } = object(input, 'input');
  return send(client, 'GET /providers', { query: { search } }, options);
}

/**
 * Gets a provider.
 *
 * `GET /providers/{provider}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/providers/get
 */
export async function getProvider(
  client: Client | SessionClient,
  input: ProviderInput,
  options?: RequestOptions,
): Promise<{ data: Provider }> {
  const { provider } = object(input, 'input');
  return send(client, 'GET /providers/{provider}', { path: { provider } }, options);
}

/**
 * Lists the ready-made functions of a provider: none where it is unknown.
 *
 * `GET /providers/{provider}/templates`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/providers/templates
 */
export async function getProviderTemplates(
  client: Client,
  input: ProviderInput,
  options?: RequestOptions,
): Promise<{ data: FunctionTemplate[] }> {
  const { provider } = object(input, 'input');
  return send(client, 'GET /providers/{provider}/templates', { path: { provider } }, options);
}
