// The `nango` object that functions get: the interface of the package `nango` for syncs, actions and handlers of events. What it
// cannot do in its own thread it asks the server for. It is over 350 lines because that interface is.

import { ActionError, HttpError, type HttpResponse, PlatformError, statusError } from './errors.ts';
import { type PagedRequest, paginate, type Pagination } from './paginate.ts';
import type { Calls, Checkpoint, Facts, LogLevel, ProviderAnswer, Run } from './protocol.ts';

/** What the thread gives to its `nango` object. */
export interface Link {
  /** Asks the server. */
  call<Name extends keyof Calls>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>>;
  /** Writes a line of the log. */
  log(level: LogLevel, values: readonly unknown[]): void;
  /** Fires when the run is to end. */
  signal: AbortSignal;
}

/** A request to the provider, as functions ask for it. */
export interface ProxyConfiguration {
  endpoint: string;
  providerConfigKey?: string;
  connectionId?: string;
  method?:
    | 'GET'
    | 'POST'
    | 'PATCH'
    | 'PUT'
    | 'DELETE'
    | 'PROPFIND'
    | 'REPORT'
    | Lowercase<
      'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'PROPFIND' | 'REPORT'
    >;
  headers?: Record<string, string>;
  params?: string | Record<string, string | number | string[] | number[]>;
  data?: unknown;
  retries?: number;
  retryOn?: number[] | null;
  baseUrlOverride?: string | undefined;
  responseType?: 'arraybuffer' | 'blob' | 'document' | 'json' | 'text' | 'stream' | undefined;
  decompress?: boolean | string;
  // deno-lint-ignore no-explicit-any
  paginate?: Partial<Pagination> | any;
}

type Json = Record<string, unknown>;
type SyncName = string | { name: string; variant: string };

const levels = ['debug', 'info', 'warn', 'error', 'off'] as const;
// How long what was read of a connection is used again, in milliseconds.
const memory = 60_000;
const networkCodes = ['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'ECONNREFUSED', 'EHOSTUNREACH', 'EAI_AGAIN'];

/** The `nango` object of a function. */
export class FunctionNango {
  readonly ActionError: typeof ActionError = ActionError;
  readonly connectionId: string;
  readonly providerConfigKey: string;
  readonly provider: string;
  readonly variant: string;
  readonly scriptType: string;
  readonly environmentId: number;
  readonly environmentName: string;
  readonly nangoConnectionId: number;
  readonly accountId = 1;
  readonly activityLogId: string = crypto.randomUUID();
  readonly syncId: string | undefined;
  readonly syncJobId: number | undefined;
  readonly syncConfig: Json;
  readonly runnerFlags: Json = {};
  readonly isCLI = false;
  readonly integrationConfig: Json;
  readonly abortSignal: AbortSignal;
  readonly lastSyncDate: Date | undefined;
  readonly track_deletes: boolean;
  readonly emptyCache = false;
  readonly telemetryBag = { customLogs: 0, proxyCalls: 0, durationMs: 0, memoryGb: 1 };
  logger: { level: (typeof levels)[number] } = { level: 'info' };

  readonly #link: Link;
  readonly #facts: Facts;
  readonly #connections = new Map<string, { at: number; connection: Promise<Json> }>();
  readonly #integrations = new Map<string, Promise<Json>>();
  readonly #locks = new Set<string>();

  constructor({ facts, type, name }: Pick<Run, 'facts' | 'type' | 'name'>, link: Link) {
    this.#link = link;
    this.#facts = facts;
    this.connectionId = facts.connectionId;
    this.providerConfigKey = facts.providerConfigKey;
    this.provider = facts.provider;
    this.variant = facts.variant;
    this.scriptType = type;
    this.environmentId = facts.environmentId;
    this.environmentName = facts.environmentName;
    this.nangoConnectionId = facts.nangoConnectionId;
    this.integrationConfig = facts.integrationConfig;
    this.syncConfig = { sync_name: name, type, models: facts.models, track_deletes: facts.trackDeletes };
    this.syncId = type === 'sync' ? this.activityLogId : undefined;
    this.syncJobId = type === 'sync' ? 1 : undefined;
    this.abortSignal = link.signal;
    this.lastSyncDate = facts.lastSyncDate === undefined ? undefined : new Date(facts.lastSyncDate);
    this.track_deletes = facts.trackDeletes;
  }

  // Requests to the provider.

  // deno-lint-ignore no-explicit-any
  async proxy<T = any>(config: ProxyConfiguration): Promise<HttpResponse<T>> {
    this.#throwIfAborted();
    this.telemetryBag.proxyCalls += 1;
    const method = (config.method ?? 'GET').toUpperCase();
    const headers = lowerCased(config.headers);
    const body = await bodyOf(config.data, method, headers);
    const request = {
      providerConfigKey: config.providerConfigKey ?? this.providerConfigKey,
      connectionId: config.connectionId ?? this.connectionId,
      method,
      endpoint: config.endpoint,
      query: queryOf(config.params),
      headers,
      body,
      baseUrlOverride: config.baseUrlOverride,
    };
    for (let attempt = 0;; attempt += 1) {
      const last = attempt >= (config.retries ?? 0);
      let wait = 3000 * 2 ** attempt;
      try {
        const answer = await this.#link.call('provider', request);
        const response = await responseOf(answer, { ...config, method: request.method, headers }, config.responseType);
        if (answer.status < 400) return response as HttpResponse<T>;
        if (last || !this.#retries(answer.status, config.retryOn)) throw statusError(response);
        const seconds = Number(answer.headers['retry-after']);
        if (seconds > 0) wait = seconds * 1000;
      } catch (error) {
        if (error instanceof HttpError) throw error;
        const { code, message } = error as { code?: string; message: string };
        if (last || !networkCodes.includes(code ?? '')) {
          if (code === undefined) throw error;
          throw new HttpError(message, code, { ...config, method, headers });
        }
      }
      await this.#link.call('wait', Math.min(wait, 600_000));
      this.#throwIfAborted();
    }
  }

  #retries(status: number, retryOn: number[] | null | undefined): boolean {
    if (retryOn?.includes(status) === true) return true;
    const codes = this.#facts.retryCodes ?? ['5xx', '429', '401'];
    return codes.some((code) => code === String(status) || (code.endsWith('xx') && code[0] === String(status)[0]));
  }

  // deno-lint-ignore no-explicit-any
  get<T = any>(config: Omit<ProxyConfiguration, 'method'>): Promise<HttpResponse<T>> {
    return this.proxy({ ...config, method: 'GET' });
  }

  // deno-lint-ignore no-explicit-any
  post<T = any>(config: Omit<ProxyConfiguration, 'method'>): Promise<HttpResponse<T>> {
    return this.proxy({ ...config, method: 'POST' });
  }

  // deno-lint-ignore no-explicit-any
  put<T = any>(config: Omit<ProxyConfiguration, 'method'>): Promise<HttpResponse<T>> {
    return this.proxy({ ...config, method: 'PUT' });
  }

  // deno-lint-ignore no-explicit-any
  patch<T = any>(config: Omit<ProxyConfiguration, 'method'>): Promise<HttpResponse<T>> {
    return this.proxy({ ...config, method: 'PATCH' });
  }

  // deno-lint-ignore no-explicit-any
  delete<T = any>(config: Omit<ProxyConfiguration, 'method'>): Promise<HttpResponse<T>> {
    return this.proxy({ ...config, method: 'DELETE' });
  }

  // deno-lint-ignore no-explicit-any
  async *paginate<T = any>(config: ProxyConfiguration): AsyncGenerator<T[], undefined, void> {
    const { paginate: given, ...request } = config;
    const how = { ...this.#facts.paginate, ...given } as Pagination;
    if (!how.type) throw new PlatformError('missing_pagination', `${this.provider} has no pagination of its own`);
    const pages = paginate(request as PagedRequest, how, (page) => this.proxy(page as ProxyConfiguration));
    yield* pages as AsyncGenerator<T[], undefined, void>;
    return undefined;
  }

  async uncontrolledFetch(
    options: { url: URL; method?: string; headers?: Record<string, string> | undefined; body?: string | null },
  ): Promise<Response> {
    this.#throwIfAborted();
    const { url, method = 'GET', headers, body } = options;
    return await fetch(url, { method, ...(headers && { headers }), body: body ?? null, signal: this.abortSignal });
  }

  // The connection and its integration.

  async getConnection(
    providerConfigKey: string = this.providerConfigKey,
    connectionId: string = this.connectionId,
    options: { refreshToken?: boolean; refreshGithubAppJwtToken?: boolean; forceRefresh?: boolean } = {},
    // deno-lint-ignore no-explicit-any
  ): Promise<any> {
    this.#throwIfAborted();
    const query = new URLSearchParams({ provider_config_key: providerConfigKey });
    if (options.forceRefresh === true) query.set('force_refresh', 'true');
    if (options.refreshToken === true) query.set('refresh_token', 'true');
    const path = `/connections/${encodeURIComponent(connectionId)}?${query}`;
    const known = this.#connections.get(path);
    if (known && options.forceRefresh !== true && Date.now() - known.at < memory) return await known.connection;
    const connection = this.#api('GET', path).then(({ data }) => data as Json);
    this.#connections.set(path, { at: Date.now(), connection });
    return await connection;
  }

  // deno-lint-ignore no-explicit-any
  async getToken(): Promise<any> {
    const { credentials } = await this.getConnection() as { credentials: Json };
    switch (credentials['type']) {
      case 'OAUTH2':
      case 'APP':
        return credentials['access_token'];
      case 'OAUTH2_CC':
        return credentials['token'];
      case 'OAUTH1':
        return { oAuthToken: credentials['oauth_token'], oAuthTokenSecret: credentials['oauth_token_secret'] };
      default:
        return credentials;
    }
  }

  getVariant(): string {
    return this.variant;
  }

  // deno-lint-ignore no-explicit-any
  async getIntegration(queries?: { include?: any }): Promise<any> {
    this.#throwIfAborted();
    const query = new URLSearchParams();
    for (const include of queries?.include ?? []) query.append('include', include);
    const path = `/integrations/${encodeURIComponent(this.providerConfigKey)}${query.size > 0 ? `?${query}` : ''}`;
    let known = this.#integrations.get(path);
    if (!known) {
      known = this.#api('GET', path).then(({ data }) => (data as { data: Json }).data);
      this.#integrations.set(path, known);
    }
    return await known;
  }

  async getWebhookURL(): Promise<string | null | undefined> {
    return (await this.getIntegration({ include: ['webhook'] }) as { webhook_url?: string | null }).webhook_url;
  }

  // deno-lint-ignore no-explicit-any
  async getMetadata<T = any>(): Promise<T> {
    return (await this.getConnection() as { metadata: T }).metadata;
  }

  // deno-lint-ignore no-explicit-any
  setMetadata(metadata: any): Promise<HttpResponse<any>> {
    return this.#writeMetadata('POST', metadata);
  }

  // deno-lint-ignore no-explicit-any
  updateMetadata(metadata: any): Promise<HttpResponse<any>> {
    return this.#writeMetadata('PATCH', metadata);
  }

  async #writeMetadata(method: string, metadata: unknown): Promise<HttpResponse> {
    this.#throwIfAborted();
    const { connectionId: connection_id, providerConfigKey: provider_config_key } = this;
    const response = await this.#api(method, '/connections/metadata', { connection_id, provider_config_key, metadata });
    this.#connections.clear();
    return response;
  }

  // deno-lint-ignore no-explicit-any
  setFieldMapping(fieldMapping: Record<string, string>): Promise<HttpResponse<any>> {
    return this.setMetadata(fieldMapping);
  }

  async getFieldMapping(): Promise<Record<string, string>> {
    return (await this.getMetadata<{ fieldMapping?: Record<string, string> }>())?.fieldMapping ?? {};
  }

  async getEnvironmentVariables(): Promise<{ name: string; value: string }[] | null> {
    this.#throwIfAborted();
    return await this.#link.call('variables');
  }

  getFlowAttributes<A = object>(): A | null {
    return (this.syncConfig['attributes'] ?? {}) as A;
  }

  // The log.

  // deno-lint-ignore no-explicit-any
  async log(...args: any[]): Promise<void> {
    if (args.length === 0) return;
    const options: unknown = args.length > 1 ? args.at(-1) : undefined;
    const level = isObject(options) && levels.includes(options['level'] as LogLevel)
      ? options['level'] as LogLevel
      : undefined;
    const values = level === undefined ? args : args.slice(0, -1);
    this.#write(level ?? 'info', values);
    // Lets the messages go out while a function logs in a loop.
    await Promise.resolve();
  }

  #write(level: LogLevel, values: readonly unknown[]): void {
    if (levels.indexOf(level) < levels.indexOf(this.logger.level)) return;
    this.telemetryBag.customLogs += 1;
    this.#link.log(level, values);
  }

  setLogger(logger: { level: (typeof levels)[number] }): void {
    this.logger = logger;
  }

  // Other functions.

  async triggerAction<In = unknown, Out = object>(
    providerConfigKey: string,
    connectionId: string,
    actionName: string,
    input?: In,
  ): Promise<Out> {
    this.#throwIfAborted();
    const body = { action_name: actionName, input };
    const headers = { 'connection-id': connectionId, 'provider-config-key': providerConfigKey };
    return (await this.#api('POST', '/action/trigger', body, headers)).data as Out;
  }

  async triggerSync(
    providerConfigKey: string,
    connectionId: string,
    sync: SyncName,
    syncMode?: string | boolean,
  ): Promise<void> {
    this.#throwIfAborted();
    const full = syncMode === true || syncMode === 'full_refresh' || syncMode === 'full_refresh_and_clear_cache';
    await this.#api('POST', '/sync/trigger', {
      syncs: [sync],
      provider_config_key: providerConfigKey,
      connection_id: connectionId,
      opts: { reset: full, emptyCache: syncMode === 'full_refresh_and_clear_cache' },
    });
  }

  async startSync(providerConfigKey: string, syncs: SyncName[], connectionId?: string): Promise<void> {
    this.#throwIfAborted();
    const connection = connectionId === undefined ? {} : { connection_id: connectionId };
    await this.#api('POST', '/sync/start', { syncs, provider_config_key: providerConfigKey, ...connection });
  }

  // deno-lint-ignore no-explicit-any
  async zodValidateInput({ zodSchema, input }: { zodSchema: any; input: any }): Promise<any> {
    const result = zodSchema.safeParse(input) as {
      success: boolean;
      error: { issues: { message: string; path: PropertyKey[] }[] };
    };
    if (result.success) return result;
    for (const { message, path } of result.error.issues) {
      await this.log(`Invalid input provided: ${message} at path ${path.join('.')}`, { level: 'error' });
    }
    throw new ActionError({ message: 'Invalid input provided' });
  }

  // Locks.

  async tryAcquireLock({ key, ttlMs }: { key: string; ttlMs: number }): Promise<boolean> {
    this.#throwIfAborted();
    const acquired = this.#locks.has(key) ? false : await this.#link.call('lock', key, ttlMs);
    if (acquired) this.#locks.add(key);
    return acquired;
  }

  async releaseLock({ key }: { key: string }): Promise<boolean> {
    this.#locks.delete(key);
    return await this.#link.call('unlock', key);
  }

  async releaseAllLocks(): Promise<void> {
    this.#locks.clear();
    await this.#link.call('unlock', undefined);
  }

  // Checkpoints.

  // deno-lint-ignore no-explicit-any
  async getCheckpoint(): Promise<any> {
    this.#throwIfAborted();
    return await this.#link.call('checkpoint');
  }

  // deno-lint-ignore no-explicit-any
  async saveCheckpoint(checkpoint: any): Promise<void> {
    this.#throwIfAborted();
    if (!isObject(checkpoint) || Array.isArray(checkpoint)) throw new Error('Invalid checkpoint: not an object');
    for (const [name, value] of Object.entries(checkpoint)) {
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new Error(`Invalid checkpoint: ${name} must be a string, a number or a boolean`);
      }
    }
    await this.#link.call('saveCheckpoint', checkpoint as Checkpoint);
  }

  async clearCheckpoint(): Promise<void> {
    this.#throwIfAborted();
    await this.#link.call('saveCheckpoint', null);
  }

  // Records.

  modelFullName(model: string): string {
    return this.variant === 'base' ? model : `${model}::${this.variant}`;
  }

  // deno-lint-ignore no-explicit-any
  async batchSave(results: any[], model: any): Promise<boolean> {
    return await this.#batch('save', 'batchSave', results, model);
  }

  // deno-lint-ignore no-explicit-any
  async batchSend(results: any[], model: any): Promise<boolean | null> {
    return await this.batchSave(results, model);
  }

  // deno-lint-ignore no-explicit-any
  async batchUpdate(results: any[], model: any): Promise<boolean> {
    return await this.#batch('update', 'batchUpdate', results, model);
  }

  // deno-lint-ignore no-explicit-any
  async batchDelete(results: any[], model: any): Promise<boolean> {
    return await this.#batch('delete', 'batchDelete', results, model);
  }

  async #batch(call: 'save' | 'update' | 'delete', name: string, results: Json[], model: string): Promise<boolean> {
    this.#throwIfAborted();
    if (!results || results.length === 0) {
      this.#write('debug', [`${name} got no records of ${model}`]);
      return true;
    }
    const records = results.map(({ _nango_metadata: _, ...record }) => record);
    const lost = records.findIndex(({ id }) => id === undefined || id === null || id === '');
    if (lost >= 0) {
      throw new PlatformError('invalid_sync_record', `Record ${lost} of ${name} for ${model} has no id`, { model });
    }
    await this.#link.call(call, model, JSON.stringify(records));
    return true;
  }

  // deno-lint-ignore no-explicit-any
  async getRecordsByIds<K = string | number, T = any>(ids: K[], model: any): Promise<Map<K, T>> {
    this.#throwIfAborted();
    const found = new Map<K, T>();
    if (ids.length === 0) return found;
    const asked = new Map(ids.map((id) => [String(id), id]));
    for (const text of await this.#link.call('records', model, [...asked.keys()])) {
      const record = JSON.parse(text) as T & { id: string };
      const id = asked.get(record.id);
      if (id !== undefined) found.set(id, record);
    }
    return found;
  }

  // deno-lint-ignore no-explicit-any
  async *listRecords<T = any>(model: any, options: { cursor?: string } = {}): AsyncGenerator<T> {
    let cursor = options.cursor;
    for (;;) {
      this.#throwIfAborted();
      const page = await this.#link.call('page', model, cursor);
      for (const text of page.records) yield JSON.parse(text) as T;
      if (page.next === null) return;
      cursor = page.next;
    }
  }

  // deno-lint-ignore no-explicit-any
  async deleteRecordsFromPreviousExecutions(model: any): Promise<{ deletedKeys: string[] }> {
    this.#throwIfAborted();
    return { deletedKeys: await this.#link.call('deleteUnsaved', model) };
  }

  // deno-lint-ignore no-explicit-any
  async trackDeletesStart(model: any): Promise<void> {
    this.#throwIfAborted();
    await this.#link.call('trackStart', model);
  }

  // deno-lint-ignore no-explicit-any
  async trackDeletesEnd(model: any): Promise<{ deletedKeys: string[] }> {
    this.#throwIfAborted();
    const deletedKeys = await this.#link.call('trackEnd', model);
    if (!deletedKeys) this.#write('warn', [`trackDeletesEnd of ${model} without trackDeletesStart deletes nothing`]);
    return { deletedKeys: deletedKeys ?? [] };
  }

  // deno-lint-ignore no-explicit-any
  async setMergingStrategy(merging: { strategy: 'ignore_if_modified_after' | 'override' }, model: any): Promise<void> {
    this.#throwIfAborted();
    await this.#link.call('merge', model, merging.strategy);
  }

  // Asks Nango's own API, and fails as axios does.
  async #api(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<HttpResponse> {
    const { status, body: data } = await this.#link.call('api', method, path, body, headers);
    const config = { method, url: path, headers };
    const response = { data, status, statusText: '', headers: {}, config, request: { path } };
    if (status >= 400) throw statusError(response);
    return response;
  }

  #throwIfAborted(): void {
    if (this.abortSignal.aborted) throw new PlatformError('script_aborted');
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function lowerCased(headers: Record<string, unknown> | undefined): Record<string, string> {
  const entries = Object.entries(headers ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** The parameters as a query. Lists repeat their name; what is undefined is left out. */
function queryOf(params: unknown): string {
  if (typeof params === 'string') return params.replace(/^\?/, '');
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue;
      query.append(name, isObject(item) ? JSON.stringify(item) : String(item));
    }
  }
  return query.toString();
}

/** The body as it is sent. Sets the content type where the caller has not. */
async function bodyOf(
  data: unknown,
  method: string,
  headers: Record<string, string>,
): Promise<string | Uint8Array | undefined> {
  if (data === undefined || data === null || method === 'GET') return undefined;
  const form = 'application/x-www-form-urlencoded';
  if (data instanceof URLSearchParams) {
    headers['content-type'] ??= form;
    return data.toString();
  }
  if (typeof data === 'string') {
    headers['content-type'] ??= form;
    return data;
  }
  if (data instanceof FormData || data instanceof Blob) {
    const sent = new Response(data);
    const type = sent.headers.get('content-type');
    if (type !== null && (data instanceof FormData || headers['content-type'] === undefined)) {
      headers['content-type'] = type;
    }
    return new Uint8Array(await sent.arrayBuffer());
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (headers['content-type']?.startsWith(form) === true) return queryOf(data);
  headers['content-type'] ??= 'application/json';
  return JSON.stringify(data);
}

async function responseOf(
  answer: ProviderAnswer,
  config: Omit<ProxyConfiguration, 'method'> & { method: string },
  responseType: ProxyConfiguration['responseType'],
): Promise<HttpResponse> {
  const { status, statusText, url } = answer;
  const headers = answer.headers;
  // axios's headers can be asked too; functions that copy them see plain members only.
  Object.defineProperties(headers, {
    get: { value: (name: string) => headers[name.toLowerCase()] },
    has: { value: (name: string) => headers[name.toLowerCase()] !== undefined },
  });
  const { method, endpoint } = config;
  const request = { method, path: endpoint, res: { responseUrl: url } };
  return {
    data: await dataOf(answer.body, responseType),
    status,
    statusText,
    headers,
    config: { ...config, headers: config.headers ?? {}, url },
    request,
  };
}

async function dataOf(body: Uint8Array, responseType: ProxyConfiguration['responseType']): Promise<unknown> {
  const bytes = new Uint8Array(body);
  if (responseType === 'arraybuffer') return Buffer.from(bytes);
  if (responseType === 'blob') return new Blob([bytes]);
  if (responseType === 'stream') return (await import('node:stream')).Readable.from([Buffer.from(bytes)]);
  const text = new TextDecoder().decode(bytes);
  if (responseType === 'text' || responseType === 'document' || text === '') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // No JSON: the text is what axios gives, too.
  }
}
