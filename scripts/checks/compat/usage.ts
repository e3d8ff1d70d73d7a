// Code as it is written for the official client: it has to compile with either. It is compiled, and never run.

import { Nango, prodHost, SyncConfigType } from '../../../lib/compat/mod.ts';
import type {
  Action,
  AllAuthCredentials,
  ApiKeyCredentials,
  ApiProvider,
  ApiPublicConnectionFull,
  ApiPublicIntegration,
  AppCredentials,
  AuthModes,
  AuthModeType,
  AuthOperationType,
  BasicApiCredentials,
  BillCredentials,
  CombinedFilterAction,
  CredentialsCommon,
  CustomCredentials,
  FilterAction,
  GetPublicConnection,
  GetPublicConnections,
  GetPublicIntegration,
  GetPublicListIntegrations,
  GetPublicProvider,
  GetPublicProviders,
  GetPublicRecords,
  HTTP_METHOD,
  JwtCredentials,
  ListRecordsRequestConfig,
  Metadata,
  MetadataChangeResponse,
  NangoAuthWebhookBody,
  NangoAuthWebhookBodyError,
  NangoAuthWebhookBodySuccess,
  NangoProps,
  NangoRecord,
  NangoSyncConfig,
  NangoSyncEndpointV2,
  NangoSyncModel,
  NangoSyncWebhookBody,
  NangoSyncWebhookBodyError,
  NangoSyncWebhookBodySuccess,
  NangoWebhookBody,
  OAuth1Credentials,
  OAuth1Token,
  OAuth2ClientCredentials,
  OAuth2Credentials,
  PostConnectSessions,
  PostPublicConnectSessionsReconnect,
  ProxyConfiguration,
  RecordLastAction,
  RecordMetadata,
  StandardNangoConfig,
  StatusAction,
  Sync,
  SyncConfig,
  SyncResult,
  SyncStatus,
  SyncStatusResponse,
  SyncType,
  TbaCredentials,
  Timestamps,
  TwoStepCredentials,
  UnauthCredentials,
  UpdateSyncFrequencyResponse,
} from '../../../lib/compat/mod.ts';

const host: string = prodHost;
const props: NangoProps = { apiKey: 'key', host, webhookSigningKey: 'signing' };
const nango = new Nango(props);
const older = new Nango({
  secretKey: 'key',
  connectionId: 'c',
  providerConfigKey: 'p',
  isSync: false,
  dryRun: false,
  activityLogId: undefined,
});
const named = new Nango({ apiKey: 'key' }, { userAgent: 'my-app' });

/** A service that keeps a client, as applications do. */
export class Service {
  private readonly nango: Nango;

  constructor(client: Nango = older) {
    this.nango = client;
  }

  async token(integration: string, connection: string): Promise<string> {
    const token = await this.nango.getToken(integration, connection);
    if (typeof token === 'string') return token;
    if ('oAuthToken' in token) return (token as OAuth1Token).oAuthToken;
    throw new Error('no token');
  }

  key(): string {
    return `${this.nango.apiKey} ${
      this.nango.secretKey ?? ''
    } ${this.nango.serverUrl} ${this.nango.userAgent} ${this.nango.isSync}`;
  }
}

interface Issue {
  id: string;
  title: string;
  labels: string[];
}

interface Numbered {
  id: number;
}

export async function providers(): Promise<string[]> {
  const all: GetPublicProviders['Success'] = await nango.listProviders({});
  const { data }: GetPublicProvider['Success'] = await nango.getProvider({ provider: 'github' });
  const provider: ApiProvider = data;
  const mode: AuthModeType = provider.auth_mode;
  const templates = await nango.getProviderTemplates({ provider: 'github' });
  return [...all.data.map(({ name }) => name), mode, ...templates.data.map(({ name }) => name)];
}

export async function integrations(): Promise<string | null | undefined> {
  const { configs } = await nango.listIntegrations();
  const first: ApiPublicIntegration | undefined = configs[0];
  const query: GetPublicIntegration['Querystring'] = { include: ['webhook', 'credentials'] };
  const { data }: GetPublicIntegration['Success'] = await nango.getIntegration(
    { uniqueKey: first?.unique_key ?? '' },
    query,
  );
  const list: GetPublicListIntegrations['Success'] = { data: configs };
  await nango.createIntegration({
    provider: 'github',
    unique_key: 'gh',
    credentials: { type: 'OAUTH2', client_id: 'id', client_secret: 'secret', scopes: 'repo' },
  });
  await nango.createQuickstartIntegration({ provider: 'github', unique_key: 'gh' });
  const updated = await nango.updateIntegration(
    { uniqueKey: 'gh' },
    { display_name: 'GitHub', forward_webhooks: true },
  );
  const response = await nango.deleteIntegration(updated.data.unique_key);
  if (response.status !== 200) throw new Error(response.statusText);
  return data.webhook_url ?? list.data[0]?.logo;
}

export async function functions(): Promise<string> {
  const { data, pagination } = await nango.listFunctions({ uniqueKey: 'gh' }, { type: 'sync', limit: 10 });
  const one = await nango.getFunction({ uniqueKey: 'gh', name: 'issues' }, { type: 'sync' });
  const { code } = await nango.getFunctionCode({ uniqueKey: 'gh', name: 'issues' });
  const gone = await nango.deleteFunction({ uniqueKey: 'gh', name: 'issues' }, { type: 'sync' });
  const config = await nango.getScriptsConfig();
  const standard = config as StandardNangoConfig[];
  const sync: NangoSyncConfig | undefined = standard[0]?.syncs[0];
  const endpoint: NangoSyncEndpointV2 | undefined = sync?.endpoints[0];
  await nango.getScriptsConfig('openai');
  return `${data.length} ${pagination.total} ${one.data.type} ${code} ${gone.data.success} ${sync?.name} ${endpoint?.path}`;
}

export async function connections(): Promise<string> {
  const all: GetPublicConnections['Success'] = await nango.listConnections();
  await nango.listConnections('c-1', 'search', { endUserId: 'u', limit: 10 });
  const { connections } = await nango.listConnections({
    connectionId: 'c-1',
    userId: 'u',
    integrationId: ['github', 'slack'],
    tags: { end_user_id: 'u' },
    limit: 100,
  });
  const ids = connections
    .map((connection) => connection.connection_id)
    .concat(all.connections.map(({ provider }) => provider));
  const connection: GetPublicConnection['Success'] = await nango.getConnection('github', 'c-1', true, true, false);
  const full: ApiPublicConnectionFull = connection;
  const { credentials } = full;
  let token = '';
  if (credentials.type === 'OAUTH2') token = credentials.access_token;
  if (credentials.type === 'API_KEY') token = credentials.apiKey;
  if (credentials.type === 'BASIC') token = credentials.username;
  await nango.patchConnection({ connectionId: 'c-1', provider_config_key: 'github' }, { tags: { a: 'b' } });
  const raw = await nango.getRawTokenResponse<{ scope: string }>('github', 'c-1', true);
  const anything = await nango.getRawTokenResponse('github', 'c-1');
  const metadata: Metadata = await nango.getMetadata('github', 'c-1');
  const typed = await nango.getMetadata<{ plan: string }>('github', 'c-1');
  const set = await nango.setMetadata('github', 'c-1', { plan: 'pro' });
  const change: MetadataChangeResponse = set.data;
  const { data } = await nango.updateMetadata('github', ['c-1', 'c-2'], metadata);
  const { status } = await nango.deleteConnection('github', 'c-1');
  const waited = await nango.waitForConnection('github', 'u', { signal: new AbortController().signal });
  const lastError: string | undefined = waited.errors[0]?.type;
  return `${ids} ${token} ${raw.scope} ${
    anything['a'].b
  } ${typed.plan} ${change.connection_id} ${data.metadata} ${status} ${lastError}`;
}

export async function records(): Promise<string[]> {
  const config: ListRecordsRequestConfig = {
    providerConfigKey: 'github',
    connectionId: 'c-1',
    model: 'Issue',
    cursor: null,
  };
  const titles: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { records: NangoRecord<Issue>[]; next_cursor: string | null } = await nango.listRecords<Issue>({
      ...config,
      cursor,
      filter: 'added,updated',
    });
    for (const record of page.records) {
      const { last_action, deleted_at }: RecordMetadata = record._nango_metadata;
      const action: RecordLastAction = last_action;
      if (action === 'DELETED' || deleted_at) continue;
      titles.push(record.title, record.labels.join());
    }
    cursor = page.next_cursor;
  } while (cursor);
  const loose = await nango.listRecords({ ...config, ids: ['1'], limit: 10, modifiedAfter: new Date().toISOString() });
  titles.push(loose.records[0]!['title'].toUpperCase());
  const numbered = await nango.listRecords<Numbered>(config);
  const next: number = numbered.records[0]!.id + 1;
  const { count, has_more } = await nango.pruneRecords({
    providerConfigKey: 'github',
    connectionId: 'c-1',
    model: 'Issue',
    untilCursor: 'c',
  });
  return [...titles, `${next} ${count} ${has_more}`];
}

export async function syncs(): Promise<Date> {
  await nango.triggerSync('github', ['issues', { name: 'pulls', variant: 'eu' }], 'c-1', {
    reset: true,
    emptyCache: true,
  });
  await nango.triggerSync('github', ['issues'], undefined, 'full_refresh');
  await nango.triggerSync('github', ['issues'], 'c-1', true);
  const started: Promise<void> = nango.startSync('github', ['issues'], 'c-1');
  await Promise.all([started, nango.pauseSync('github', ['issues'])]);
  const response: SyncStatusResponse = await nango.syncStatus('github', '*', 'c-1');
  const status: SyncStatus | undefined = response.syncs[0];
  const result: StatusAction | undefined = status?.latestResult['Issue'];
  const kind: SyncType = status?.type ?? 'INITIAL';
  if (kind === 'INITIAL' && status?.status === 'RUNNING' && result) result.added++;
  const { frequency }: UpdateSyncFrequencyResponse = await nango.updateSyncConnectionFrequency(
    'github',
    'issues',
    'c-1',
    'every hour',
  );
  const variant = { provider_config_key: 'github', connection_id: 'c-1', name: 'issues', variant: 'eu' };
  const created = await nango.createSyncVariant(variant);
  const { success } = await nango.deleteSyncVariant(variant);
  const variables = await nango.getEnvironmentVariables();
  const [first] = variables;
  return new Date(success ? status!.nextScheduledSyncAt : `${frequency}${created.id}${first?.name}`);
}

export async function actions(): Promise<unknown> {
  const output = await nango.triggerAction<{ title: string }, { url: string }>('github', 'c-1', 'create-issue', {
    title: 'Hi',
  });
  const other: object = await nango.triggerAction('github', 'c-1', 'create-issue');
  const { id, statusUrl } = await nango.triggerActionAsync('github', 'c-1', 'create-issue', { title: 'Hi' });
  const result = await nango.getAsyncActionResult<{ url: string }>({ id });
  return [output.url, other, result.url, await nango.getAsyncActionResult({ statusUrl })];
}

export async function proxy(): Promise<number> {
  const config: ProxyConfiguration = {
    endpoint: '/user/repos',
    providerConfigKey: 'github',
    connectionId: 'c-1',
    params: { per_page: 100, ids: ['a', 'b'] },
    headers: { accept: 'application/json' },
    retries: 3,
    retryOn: [429],
  };
  const response = await nango.get(config);
  const names = response.data.map((repository: { name: string }) => repository.name);
  const typed = await nango.post<{ id: number }>({ ...config, data: { name: 'x' } });
  const method: HTTP_METHOD = 'PUT';
  await nango.proxy({ ...config, method, responseType: 'arraybuffer' });
  await nango.put(config);
  await nango.patch(config);
  await nango.delete(config);
  const limit: string = response.headers['x-ratelimit-limit'];
  return names.length + typed.data.id + typed.status + Number(limit);
}

export async function sessions(): Promise<string> {
  const body: PostConnectSessions['Body'] = {
    end_user: { id: 'u', email: 'u@example.com' },
    organization: { id: 'o', display_name: 'O' },
    allowed_integrations: ['github'],
    integrations_config_defaults: { github: { user_scopes: 'repo', connection_config: { subdomain: 'x' } } },
  };
  const { data }: PostConnectSessions['Success'] = await nango.createConnectSession(body);
  await nango.createConnectSession({ tags: { end_user_id: 'u' } });
  const again: PostPublicConnectSessionsReconnect['Success'] = await nango.createReconnectSession({
    connection_id: 'c-1',
    integration_id: 'github',
  });
  return data.token + data.connect_link + again.data.expires_at;
}

/** A handler of webhooks, for a framework that hands on the raw body. */
export function receive(request: { body: string; headers: Record<string, string | string[] | undefined> }): string {
  const valid: boolean = named.verifyIncomingWebhookRequest(request.body, request.headers);
  if (!valid && !nango.verifyWebhookSignature('signature', JSON.parse(request.body))) return 'refused';
  const event = JSON.parse(request.body) as NangoWebhookBody;
  switch (event.type) {
    case 'auth':
      return authorized(event);
    case 'sync':
      return synced(event);
  }
}

function authorized(event: NangoAuthWebhookBody): string {
  const operation: AuthOperationType = event.operation;
  if (!event.success) return failed(event);
  const done: NangoAuthWebhookBodySuccess = event;
  return `${operation} ${done.connectionId} ${done.endUser?.endUserId} ${done.tags?.['end_user_id']}`;
}

function failed(event: NangoAuthWebhookBodyError): string {
  return `${event.error.type}: ${event.error.description}`;
}

function synced(event: NangoSyncWebhookBody): string {
  if (!event.success) {
    const error: NangoSyncWebhookBodyError = event;
    return error.error.description;
  }
  const done: NangoSyncWebhookBodySuccess = event;
  const { added, updated, deleted }: SyncResult = done.responseResults;
  return `${event.model} ${event.syncName} ${event.modifiedAfter} ${added + updated + deleted}`;
}

export function describe(credentials: AllAuthCredentials): string {
  switch (credentials.type) {
    case 'OAUTH2':
      return (credentials as OAuth2Credentials).access_token;
    case 'OAUTH1':
      return (credentials as OAuth1Credentials).oauth_token;
    case 'API_KEY':
      return (credentials as ApiKeyCredentials).apiKey;
    case 'BASIC':
      return (credentials as BasicApiCredentials).password;
    case 'APP':
      return (credentials as AppCredentials).access_token;
    case 'TBA':
      return (credentials as TbaCredentials).token_id;
    case 'OAUTH2_CC':
      return (credentials as OAuth2ClientCredentials).token;
    case 'BILL':
      return (credentials as BillCredentials).dev_key;
    case 'JWT':
      return (credentials as JwtCredentials).token ?? '';
    case 'TWO_STEP':
      return (credentials as TwoStepCredentials).token ?? '';
    case 'CUSTOM':
      return JSON.stringify((credentials as CustomCredentials).raw);
    default:
      return '';
  }
}

/** Errors, as the documentation handles them. */
export async function careful(): Promise<number> {
  try {
    await nango.listIntegrations();
    return 0;
  } catch (err: any) {
    if (err.response.status === 429) return Number(err.response.headers['retry-after']);
    throw err;
  }
}

// What else the official client exports as types.
export interface Others {
  action: Action;
  common: CredentialsCommon<{ scope: string }>;
  filter: FilterAction | CombinedFilterAction;
  model: NangoSyncModel;
  modes: AuthModes['OAuth2'];
  query: GetPublicRecords['Querystring'];
  records: GetPublicRecords['Success'];
  sync: Sync & SyncConfig & Timestamps;
  type: SyncConfigType;
  none: UnauthCredentials;
}

export const kind: SyncConfigType = SyncConfigType.SYNC;
