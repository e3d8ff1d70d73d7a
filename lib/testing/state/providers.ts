// The catalogue of providers: a few real ones, and a made-up one for each auth mode that they do not cover.

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
  /** Whatever else the catalogue says about it. */
  [detail: string]: unknown;
}

/** A provider as the catalogue has it: what the API gives, without `name` and `logo_url`. */
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
  /** Whatever else the catalogue says about it. */
  [detail: string]: unknown;
}

/** A function that a provider's catalogue offers. */
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

const page = (name: string): string => `https://nango.dev/docs/integrations/all/${name}`;
const guide = (name: string): string => `https://nango.dev/docs/api-integrations/${name}`;

const apiKeyField: ProviderField = { type: 'string', title: 'API Key', description: 'Your API Key' };

const githubProxy = {
  base_url: 'https://api.github.com',
  retry: { at: ['x-ratelimit-reset'], remaining: 'x-ratelimit-remaining', error_code: ['403', '5xx', '401', '429'] },
  paginate: { type: 'link', limit_name_in_request: 'per_page', link_rel_in_response_header: 'next' },
};

const githubConnection: Record<string, ProviderField> = {
  appPublicLink: {
    type: 'string',
    title: 'App Public Link',
    description: 'Where the app is installed',
    format: 'uri',
    pattern: '^https?://.*$',
    automated: true,
  },
  installation_id: {
    type: 'string',
    title: 'Installation ID',
    description: 'Which installation',
    example: '38631545',
    automated: true,
  },
};

/** A provider that stands for an auth mode. */
function example(mode: AuthMode, more: Partial<Provider> = {}): Provider {
  const name = `example-${mode.toLowerCase().replaceAll('_', '-')}`;
  return {
    display_name: `Example (${mode})`,
    categories: ['other'],
    auth_mode: mode,
    proxy: { base_url: `https://${name}.test` },
    docs: page(name),
    ...more,
  };
}

/** The providers that every emulator knows, by name. */
export function builtInProviders(): Record<string, Provider> {
  return {
    airtable: {
      display_name: 'Airtable',
      categories: ['popular', 'productivity'],
      auth_mode: 'OAUTH2',
      authorization_url: 'https://airtable.com/oauth2/v1/authorize',
      token_url: 'https://airtable.com/oauth2/v1/token',
      authorization_method: 'header',
      auth: { response_type: 'code' },
      proxy: { base_url: 'https://api.airtable.com' },
      webhook_routing_script: 'airtableWebhookRouting',
      docs: guide('airtable'),
      setup_guide_url: `${guide('airtable')}/how-to-register-your-own-airtable-api-oauth-app`,
    },
    'example-aws-sigv4': example('AWS_SIGV4', { connection_config: {} }),
    'example-bill': example('BILL'),
    'example-install-plugin': example('INSTALL_PLUGIN', { auth_type: 'BASIC' }),
    'example-jwt': example('JWT', {
      credentials: { privateKey: { type: 'string', title: 'Private Key', description: 'Signs the token' } },
    }),
    'example-mcp-oauth2': example('MCP_OAUTH2', { client_registration: 'dynamic' }),
    'example-mcp-oauth2-generic': example('MCP_OAUTH2_GENERIC'),
    'example-oauth2-cc': example('OAUTH2_CC', { token_url: 'https://example-oauth2-cc.test/token' }),
    'example-signature': example('SIGNATURE', { signature: { protocol: 'WSSE' }, token: { expires_in_ms: 3_600_000 } }),
    'example-tba': example('TBA'),
    'example-two-step': example('TWO_STEP', {
      credentials: { username: { type: 'string', title: 'Username', description: 'Your username' } },
    }),
    github: {
      display_name: 'GitHub (User OAuth)',
      categories: ['dev-tools', 'support', 'ticketing'],
      auth_mode: 'OAUTH2',
      authorization_url: 'https://github.com/login/oauth/authorize',
      token_url: 'https://github.com/login/oauth/access_token',
      proxy: githubProxy,
      docs: guide('github'),
      setup_guide_url: `${guide('github')}/how-to-register-your-own-github-api-oauth-app`,
    },
    'github-app': {
      display_name: 'GitHub (App)',
      categories: ['dev-tools', 'popular', 'ticketing'],
      auth_mode: 'APP',
      authorization_url: '${connectionConfig.appPublicLink}/installations/new',
      token_url: 'https://api.github.com/app/installations/${connectionConfig.installation_id}/access_tokens',
      proxy: githubProxy,
      docs: guide('github-app'),
      setup_guide_url: `${guide('github-app')}/how-to-register-your-own-github-app-api-app`,
      webhook_routing_script: 'githubAppWebhookRouting',
      connection_config: githubConnection,
    },
    'github-app-oauth': {
      display_name: 'GitHub (App OAuth)',
      categories: ['dev-tools', 'ticketing'],
      auth_mode: 'CUSTOM',
      authorization_url: '${connectionConfig.appPublicLink}/installations/new',
      token_url: {
        OAUTH2: 'https://github.com/login/oauth/access_token',
        APP: 'https://api.github.com/app/installations/${connectionConfig.installation_id}/access_tokens',
      },
      proxy: githubProxy,
      docs: guide('github-app-oauth'),
      setup_guide_url: `${guide('github-app-oauth')}/how-to-register-your-own-github-app-api-oauth-app`,
      authorization_url_skip_encode: ['base_url'],
      webhook_routing_script: 'githubAppOauthWebhookRouting',
      post_connection_script: 'githubAppOauthPostConnection',
      connection_config: githubConnection,
    },
    'github-pat': {
      display_name: 'Github (Personal Access Token)',
      categories: ['dev-tools', 'ticketing'],
      auth_mode: 'API_KEY',
      proxy: {
        base_url: 'https://api.github.com',
        retry: githubProxy.retry,
        headers: {
          authorization: 'Bearer ${apiKey}',
          'x-github-api-version': '${connectionConfig.version} || 2022-11-28',
          accept: 'application/vnd.github+json',
        },
        verification: { method: 'GET', headers: { 'content-type': 'application/json' }, endpoints: ['/user'] },
      },
      docs: page('github-pat'),
      docs_connect: `${page('github-pat')}/connect`,
      connection_config: { version: { type: 'string', title: '', description: '', automated: true } },
      credentials: {
        apiKey: {
          type: 'string',
          title: 'Personal Access Token',
          description: 'A token of your GitHub account',
          pattern: '^(?:github_pat|ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{36,255}$',
          example: 'github_pat_example',
          doc_section: '#step-1-finding-your-personal-access-token',
        },
      },
    },
    hubspot: {
      display_name: 'HubSpot',
      categories: ['crm', 'popular'],
      auth_mode: 'OAUTH2',
      authorization_url: 'https://app.hubspot.com/oauth/authorize',
      token_url: 'https://api.hubapi.com/oauth/v1/token',
      proxy: { base_url: 'https://api.hubapi.com' },
      webhook_routing_script: 'hubspotWebhookRouting',
      docs: page('hubspot'),
    },
    'private-api-basic': {
      display_name: 'Private API (Basic Auth)',
      categories: ['other'],
      auth_mode: 'BASIC',
      proxy: { base_url: 'https://my-private-api' },
      docs: page('private-api-basic'),
      docs_connect: `${page('private-api-basic')}/connect`,
    },
    'private-api-bearer': {
      display_name: 'Private API (Bearer Auth)',
      categories: ['other'],
      auth_mode: 'API_KEY',
      proxy: { headers: { authorization: 'Bearer ${apiKey}' }, base_url: 'https://my-private-api' },
      docs: page('private-api-bearer'),
      docs_connect: `${page('private-api-bearer')}/connect`,
      credentials: { apiKey: apiKeyField },
    },
    'private-api-generic': {
      display_name: 'Private API (Generic)',
      categories: ['other'],
      auth_mode: 'API_KEY',
      docs: page('private-api-generic'),
      docs_connect: `${page('private-api-generic')}/connect`,
      credentials: { apiKey: apiKeyField },
      integration_config: {
        baseUrl: { type: 'string', title: 'Base URL', description: 'Where the API is' },
        keyPlacement: { type: 'string', title: 'Key placement', description: 'Where the key goes', optional: true },
        keyName: { type: 'string', title: 'Key name', description: 'The name of the header', optional: true },
        valueTemplate: { type: 'string', title: 'Value', description: 'What the header says', optional: true },
      },
    },
    slack: {
      display_name: 'Slack (User OAuth)',
      categories: ['communication', 'popular'],
      auth_mode: 'OAUTH2',
      authorization_url: 'https://slack.com/oauth/v2/authorize',
      token_url: 'https://slack.com/api/oauth.v2.access',
      proxy: { base_url: 'https://slack.com/api' },
      webhook_routing_script: 'slackWebhookRouting',
      docs: page('slack'),
    },
    twitter: {
      display_name: 'Twitter (v1)',
      categories: ['marketing', 'social'],
      auth_mode: 'OAUTH1',
      request_url: 'https://api.twitter.com/oauth/request_token',
      authorization_url: 'https://api.twitter.com/oauth/authenticate',
      token_url: 'https://api.twitter.com/oauth/access_token',
      signature_method: 'HMAC-SHA1',
      proxy: { base_url: 'https://api.twitter.com' },
      docs: page('twitter'),
    },
    unauthenticated: {
      display_name: 'Unauthenticated',
      categories: ['other'],
      auth_mode: 'NONE',
      webhook_routing_script: 'unauthenticatedWebhookRouting',
      docs: page('unauthenticated'),
    },
  };
}

/** The address of a provider's logo. */
export function logoOf(host: string, name: string): string {
  return `${host}/images/template-logos/${name}.svg`;
}

/** A provider as the API gives it. */
export function writeProvider(host: string, name: string, provider: Provider): Record<string, unknown> {
  return { ...provider, name, logo_url: logoOf(host, name) };
}
