// Details of some providers beyond the catalog: OAuth URLs, webhook scripts, descriptions of fields.

import type { ProviderField } from '../../api/providers.ts';
import type { CatalogProvider } from './providers.ts';

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

/** What is known of some providers beyond the catalog, by name. */
export function providerDetails(): Record<string, Partial<CatalogProvider>> {
  return {
    airtable: {
      authorization_url: 'https://airtable.com/oauth2/v1/authorize',
      token_url: 'https://airtable.com/oauth2/v1/token',
      authorization_method: 'header',
      auth: { response_type: 'code' },
      webhook_routing_script: 'airtableWebhookRouting',
      docs: guide('airtable'),
      setup_guide_url: `${guide('airtable')}/how-to-register-your-own-airtable-api-oauth-app`,
    },
    github: {
      authorization_url: 'https://github.com/login/oauth/authorize',
      token_url: 'https://github.com/login/oauth/access_token',
      proxy: githubProxy,
      docs: guide('github'),
      setup_guide_url: `${guide('github')}/how-to-register-your-own-github-api-oauth-app`,
    },
    'github-app': {
      authorization_url: '${connectionConfig.appPublicLink}/installations/new',
      token_url: 'https://api.github.com/app/installations/${connectionConfig.installation_id}/access_tokens',
      proxy: githubProxy,
      docs: guide('github-app'),
      setup_guide_url: `${guide('github-app')}/how-to-register-your-own-github-app-api-app`,
      webhook_routing_script: 'githubAppWebhookRouting',
      connection_config: githubConnection,
    },
    'github-app-oauth': {
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
      authorization_url: 'https://app.hubspot.com/oauth/authorize',
      token_url: 'https://api.hubapi.com/oauth/v1/token',
      webhook_routing_script: 'hubspotWebhookRouting',
      docs: page('hubspot'),
    },
    'private-api-basic': {
      docs: page('private-api-basic'),
      docs_connect: `${page('private-api-basic')}/connect`,
    },
    'private-api-bearer': {
      docs: page('private-api-bearer'),
      docs_connect: `${page('private-api-bearer')}/connect`,
      credentials: { apiKey: apiKeyField },
    },
    'private-api-generic': {
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
      authorization_url: 'https://slack.com/oauth/v2/authorize',
      token_url: 'https://slack.com/api/oauth.v2.access',
      webhook_routing_script: 'slackWebhookRouting',
      docs: page('slack'),
    },
    twitter: {
      request_url: 'https://api.twitter.com/oauth/request_token',
      authorization_url: 'https://api.twitter.com/oauth/authenticate',
      token_url: 'https://api.twitter.com/oauth/access_token',
      signature_method: 'HMAC-SHA1',
      docs: page('twitter'),
    },
    unauthenticated: {
      webhook_routing_script: 'unauthenticatedWebhookRouting',
      docs: page('unauthenticated'),
    },
  };
}
