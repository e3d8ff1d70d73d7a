// Functions: the syncs, actions and event handlers that are deployed on an integration.

import type { Client } from '../client.ts';
import { id, noOthers, object } from '../core/guards.ts';
import { expect, send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';
import type { ActionTemplate, SyncTemplate } from './providers.ts';

/** The kinds of functions. */
export type FunctionType = 'action' | 'on-event' | 'sync';

/** Where a function came from: Nango's templates, the API, or the repository that `nango deploy` deploys. */
export type FunctionSource = 'catalog' | 'repo' | 'standalone' | (string & {});

/** What all deployed functions have. */
export interface Deployed {
  /** An internal number. */
  id: number;
  /** Whether it runs. */
  enabled: boolean;
  /** When it was deployed last, an ISO date. */
  last_deployed: string;
  /** Where it came from. */
  source: FunctionSource;
}

/** An action that is deployed. */
export interface DeployedAction extends ActionTemplate, Deployed {}

/** A sync that is deployed. */
export interface DeployedSync extends SyncTemplate, Deployed {}

/** A function that is deployed to run when something happens to a connection. */
export interface DeployedEventHandler extends Deployed {
  /** The kind of the function. */
  type: 'on-event';
  /** The name of the function. */
  name: string;
  /** What it does. */
  description?: string | undefined;
  /** The OAuth scopes that it needs. */
  scopes?: string[] | undefined;
  /** When it runs. */
  event: 'post-connection-creation' | 'pre-connection-deletion' | 'validate-connection' | (string & {});
}

/** A function that is deployed, told apart by `type`. */
export type DeployedFunction = DeployedAction | DeployedEventHandler | DeployedSync;

/** What {@link listFunctions} takes. */
export interface ListFunctionsInput {
  /** The id of the integration. */
  uniqueKey: string;
  /** Gives only functions of this type. */
  type?: FunctionType | undefined;
  /** Gives only functions whose name contains this, in any case. Up to 255 characters. */
  search?: string | undefined;
  /** The page, counted from 0. */
  page?: number | undefined;
  /** How many functions a page holds, from 1 to 100. The server's default is 20. */
  limit?: number | undefined;
}

/** A page of functions. */
export interface ListFunctionsResult {
  /** The functions of the page, by type and name. */
  data: DeployedFunction[];
  /** Where the page stands: the functions of all pages, the page counted from 0, and how many a page holds. */
  pagination: { total: number; page: number; limit: number };
}

/** Names a function. */
export interface FunctionInput {
  /** The id of the integration. */
  uniqueKey: string;
  /** The name of the function. */
  name: string;
  /** The type of the function, where several have the same name. */
  type?: FunctionType | undefined;
}

/** The source of a function. */
export interface FunctionCode {
  /** The type of the function. */
  type: FunctionType;
  /** Its TypeScript. */
  code: string;
}

/** What {@link deleteFunction} takes. */
export interface DeleteFunctionInput extends FunctionInput {
  /** The type of the function. */
  type: 'action' | 'sync';
}

/**
 * Lists one page of the functions that are deployed on an integration.
 *
 * `GET /integrations/{uniqueKey}/functions`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/functions/list
 */
export async function listFunctions(
  client: Client,
  input: ListFunctionsInput,
  options?: RequestOptions,
): Promise<ListFunctionsResult> {
  const { uniqueKey, type, search, page, limit, ...others } = object(input, 'input');
  noOthers(others, 'input');
  const parts = { path: { uniqueKey }, query: { type, search, page, limit } };
  return send(client, 'GET /integrations/{uniqueKey}/functions', parts, options);
}

/**
 * Iterates over the functions that are deployed on an integration, until there are no more. Pages hold 100 functions
 * unless `limit` says otherwise.
 *
 * `GET /integrations/{uniqueKey}/functions`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/functions/list
 */
export async function* iterateFunctions(
  client: Client,
  input: Omit<ListFunctionsInput, 'page'>,
  options?: RequestOptions,
): AsyncGenerator<DeployedFunction, void, undefined> {
  const { limit = 100 } = object(input, 'input');
  for (let page = 0;; page++) {
    const result = await listFunctions(client, { ...input, limit, page }, options);
    expect(Array.isArray(result?.data), 'GET /integrations/{uniqueKey}/functions', 'a page without data');
    const { data, pagination } = result;
    yield* data;
    // Where the server tells no total, a page that is not full is the last.
    if ((page + 1) * limit >= (pagination?.total ?? Infinity) || data.length < limit) return;
  }
}

/**
 * Gets a function. Where an action and a sync have the same name and `type` is left out, it is the action.
 *
 * `GET /integrations/{uniqueKey}/functions/{name}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/functions/get
 */
export async function getFunction(
  client: Client,
  input: FunctionInput,
  options?: RequestOptions,
): Promise<{ data: DeployedFunction }> {
  const { uniqueKey, name, type } = object(input, 'input');
  const parts = { path: { uniqueKey, name }, query: { type } };
  return send(client, 'GET /integrations/{uniqueKey}/functions/{name}', parts, options);
}

/**
 * Gets the source of a function.
 *
 * `GET /integrations/{uniqueKey}/functions/{name}/code`
 *
 * @throws NangoApiError with the reason `ambiguous_function` where several functions have the name and `type` is left
 * out; `payload.matches` lists them.
 * @see https://nango.dev/docs/reference/backend/http-api/functions/code
 */
export async function getFunctionCode(
  client: Client,
  input: FunctionInput,
  options?: RequestOptions,
): Promise<FunctionCode> {
  const { uniqueKey, name, type } = object(input, 'input');
  const parts = { path: { uniqueKey, name }, query: { type } };
  return send(client, 'GET /integrations/{uniqueKey}/functions/{name}/code', parts, options);
}

/**
 * Deletes a function. The answer comes before it is gone.
 *
 * `DELETE /integrations/{uniqueKey}/functions/{name}`
 *
 * @throws NangoApiError with the reason `function_managed_by_deploy` where the function came from a repository.
 * @see https://nango.dev/docs/reference/backend/http-api/functions/delete
 */
export async function deleteFunction(
  client: Client,
  input: DeleteFunctionInput,
  options?: RequestOptions,
): Promise<{ data: { success: boolean } }> {
  const { uniqueKey, name, type } = object(input, 'input');
  const parts = { path: { uniqueKey, name }, query: { type: id(type, 'type') } };
  return send(client, 'DELETE /integrations/{uniqueKey}/functions/{name}', parts, options);
}

/** What the syncs and actions of {@link ScriptsConfig} have in common. */
export interface ScriptSummary extends Deployed {
  /** The name of the function. */
  name: string;
  /** What it does; empty where nothing is said. */
  description: string;
  /** The OAuth scopes that it needs. */
  scopes: string[];
  /** The name of the model that it takes. */
  input?: string | undefined;
  /** The names of the models that it gives. */
  returns: string[];
  /** The models, `fields` being empty where `json_schema` describes them. */
  models: {
    name: string;
    description?: string | undefined;
    fields: { name: string; [attribute: string]: unknown }[];
  }[];
  /** JSON Schema of the models, in `definitions`. */
  json_schema: Record<string, unknown> | null;
  /** Further settings. */
  attributes: Record<string, unknown>;
  /** The version of the function. */
  version: string | null;
  /** The version of the SDK that it was built with. */
  sdk_version: string | null;
  /** The paths that it once could be called by. */
  endpoints: { method: string; path: string; group?: string | null | undefined }[];
  /** The webhooks of the provider that it handles. */
  webhookSubscriptions: string[];
  /** What it makes use of. */
  features: ('checkpoints' | (string & {}))[];
}

/** An action of {@link ScriptsConfig}. */
export interface ScriptsConfigAction extends ScriptSummary {
  /** The kind of the function. */
  type: 'action';
}

/** A sync of {@link ScriptsConfig}. */
export interface ScriptsConfigSync extends ScriptSummary {
  /** The kind of the function. */
  type: 'sync';
  /** Whether it fetches everything or only what has changed. */
  sync_type?: 'full' | 'incremental' | (string & {}) | undefined;
  /** How often it runs, for example `every day`. */
  runs?: string | null | undefined;
  /** Whether it starts with a new connection. */
  auto_start?: boolean | undefined;
  /** Whether it finds out what was deleted. */
  track_deletes?: boolean | undefined;
}

/** The functions of a provider. */
export interface ScriptsConfig {
  /** The id of an integration: of the first one where several integrations are of the same provider. */
  providerConfigKey: string;
  /** The `name` of the provider. */
  provider: string;
  /** Its syncs. */
  syncs: ScriptsConfigSync[];
  /** Its actions. */
  actions: ScriptsConfigAction[];
  /** Always empty: {@link listFunctions} gives them. */
  'on-events': unknown[];
}

/** A function as language models want it described. */
export interface OpenAIFunction {
  /** The name of the function. Functions of several integrations may have the same one. */
  name: string;
  /** What it does. */
  description: string;
  /** JSON Schema of its input, empty for syncs. */
  parameters: { type: 'object'; properties: Record<string, Record<string, unknown>>; required: string[] };
}

/** The functions as language models want them described, or an empty array where nothing is deployed. */
export type OpenAIScriptsConfig = { data: OpenAIFunction[] } | [];

/** What {@link getScriptsConfig} takes. */
export interface GetScriptsConfigInput {
  /** How the functions are described. Defaults to `nango`. */
  format?: 'nango' | 'openai' | undefined;
}

/**
 * Gets all syncs and actions of the environment, by provider, or as descriptions for language models.
 *
 * `GET /scripts/config`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/scripts/config
 */
export function getScriptsConfig(
  client: Client,
  input?: { format?: 'nango' | undefined },
  options?: RequestOptions,
): Promise<ScriptsConfig[]>;
/** Gets all syncs and actions of the environment as descriptions for language models. */
export function getScriptsConfig(
  client: Client,
  input: { format: 'openai' },
  options?: RequestOptions,
): Promise<OpenAIScriptsConfig>;
/** Gets all syncs and actions of the environment in the format that the input names. */
export function getScriptsConfig(
  client: Client,
  input?: GetScriptsConfigInput,
  options?: RequestOptions,
): Promise<ScriptsConfig[] | OpenAIScriptsConfig>;
export async function getScriptsConfig(
  client: Client,
  input: GetScriptsConfigInput = {},
  options?: RequestOptions,
): Promise<ScriptsConfig[] | OpenAIScriptsConfig> {
  const { format } = object(input, 'input');
  return send(client, 'GET /scripts/config', { query: { format } }, options);
}
