// Deployments: functions compiled, tried out, deployed and invoked without the command line.

import type { Client } from '../client.ts';
import { object, required } from '../core/guards.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';

/** Where a job stands. */
export type FunctionJobStatus = 'failed' | 'running' | 'success' | 'waiting' | (string & {});

/** A job that was accepted. */
export interface FunctionJob {
  /** The id to ask for it by, a UUID. */
  id: string;
  /** Where it stands. */
  status: FunctionJobStatus;
  /** When it was accepted, an ISO date. */
  created_at: string;
}

/** Why a job failed. */
export interface FunctionJobError {
  /** What failed. */
  code: string;
  /** The failure in words. */
  message?: string | undefined;
  /** Its details. */
  payload?: unknown;
}

/** What dry runs and deployments tell of themselves. */
export interface FunctionJobDetails extends FunctionJob {
  /** The id of the integration. */
  integration_id: string;
  /** The type of the function. */
  function_type: 'action' | 'sync' | (string & {});
  /** When the job changed last, an ISO date. */
  updated_at: string;
  /** When it began, an ISO date. */
  started_at?: string | undefined;
  /** When it ended, an ISO date. */
  completed_at?: string | undefined;
  /** How long it took, in milliseconds. */
  duration_ms?: number | undefined;
  /** What it printed. */
  output?: string | undefined;
  /** Why it failed. */
  error?: FunctionJobError | undefined;
}

/** What {@link compileFunction} takes. */
export interface CompileFunctionInput {
  /** The source: one TypeScript module. */
  code: string;
}

/** A compiled function. */
export interface CompiledFunction {
  /** The function as JavaScript, with what it imports. */
  bundled_js: string;
  /** Its size in bytes. */
  bundle_size_bytes: number;
  /** When it was compiled, an ISO date. */
  compiled_at: string;
}

/** What {@link createFunctionDryrun} takes. */
export interface CreateFunctionDryrunInput {
  /** The id of the integration. */
  integration_id: string;
  /** The id of the connection to run on. */
  connection_id: string;
  /** The type of the function. */
  function_type: 'action' | 'sync';
  /** The source: one TypeScript module. */
  code: string;
  /** The input of an action. */
  input?: unknown;
  /** The metadata to run with instead of that of the connection. */
  metadata?: object | undefined;
  /** The checkpoint that a sync resumes from. */
  checkpoint?: object | undefined;
  /** When a sync is told that it ran last, an ISO date in UTC. */
  last_sync_date?: string | undefined;
}

/** A dry run. It has ended once `status` is `success` or `failed`. */
export interface FunctionDryrun<Result = unknown> extends FunctionJobDetails {
  /** What the function gave. */
  result?: Result | undefined;
}

/** What {@link createFunctionDeployment} takes to deploy source. */
export interface DeployCodeInput {
  /** What is deployed. */
  type: 'function';
  /** The id of the integration. */
  integration_id: string;
  /** The name of the function. */
  function_name: string;
  /** The type of the function. */
  function_type: 'action' | 'sync';
  /** The source: one TypeScript module. */
  code: string;
  /** The version of the function. */
  version?: string | undefined;
  /** Whether a function of the same name is replaced, which has to be one of the API's. Defaults to false. */
  allow_destructive?: boolean | undefined;
}

/** What {@link createFunctionDeployment} takes to deploy a template. */
export interface DeployTemplateInput {
  /** What is deployed. */
  type: 'template';
  /** The id of the integration. */
  integration_id: string;
  /** The name of the template, as `getProviderTemplates` gives it. */
  template: string;
  /** The type of the template, where two have the same name. */
  function_type?: 'action' | 'sync' | undefined;
}

/** What {@link createFunctionDeployment} takes, told apart by `type`. */
export type CreateFunctionDeploymentInput = DeployCodeInput | DeployTemplateInput;

/** A deployment. It has ended once `status` is `success` or `failed`. */
export interface FunctionDeployment extends FunctionJobDetails {
  /** The name of the function. */
  function_name: string;
  /** Whether it is deployed. */
  deployed?: boolean | undefined;
  /** What was deployed. */
  deployed_functions?: { name: string; version: string }[] | undefined;
}

/** Names a dry run, a deployment or an invocation. */
export interface FunctionJobInput {
  /** The id that the job was accepted with, a UUID. */
  id: string;
}

/** What starts a function of a bundle. */
export type BundledFunctionTrigger =
  | { kind: 'none' }
  | { kind: 'schedule'; frequency: string; autoStart?: boolean | undefined }
  | { kind: 'http'; subscriptions?: readonly string[] | undefined; debounce?: BundledFunctionDebounce | undefined }
  | {
    kind: 'event';
    events: readonly ('post-connection-creation' | 'pre-connection-deletion' | 'validate-connection')[];
  };

/** How requests that start a function are gathered. */
export interface BundledFunctionDebounce {
  /** For how long, in milliseconds. */
  windowMs: number;
  /** What requests have in common that are gathered: members of the body, or headers. */
  keyBy?: BundledFunctionKey | readonly BundledFunctionKey[] | undefined;
  /** How many groups are gathered at once. */
  maxEntities?: number | undefined;
  /** Which requests of a group are handled. */
  take?: 'all' | 'first' | 'latest' | undefined;
}

/** A member of the body, or a header. */
export type BundledFunctionKey = { body: string } | { header: string };

/** A function of a bundle. */
export interface BundledFunction {
  /** The name of the function, unique within its integration. */
  name: string;
  /** The id of the integration. */
  integrationId: string;
  /** What it does. Up to 2,000 characters. */
  description: string;
  /** What starts it. */
  trigger: BundledFunctionTrigger;
  /** What it needs. A function without a connection cannot send requests to the provider. */
  requires:
    | { connection?: true | undefined; outbound?: boolean | undefined; invoke?: boolean | undefined }
    | { connection: false; outbound?: false | undefined; invoke?: boolean | undefined };
  /** What it makes use of, in agreement with `requires` and the references to schemas. */
  capabilities: {
    usesRecords: boolean;
    usesOutbound: boolean;
    usesCheckpoints: boolean;
    usesMetadata: boolean;
    usesInvoke: boolean;
  };
  /** How many runs of it there may be at once. */
  limits: { concurrency?: { perConnection: 1 | 'max' } | undefined };
  /** The schema of its input, for example `#/definitions/Input`. */
  input_schema_ref: string | null;
  /** The schema of its output. */
  output_schema_ref: string | null;
  /** The schemas of its records. */
  model_schema_refs: readonly string[];
  /** The schema of the metadata that it reads. */
  metadata_schema_ref: string | null;
  /** The schema of its checkpoints. */
  checkpoint_schema_ref: string | null;
  /** JSON Schema (draft 7) with all of them in `definitions`. */
  json_schema: object;
  /** The function as JavaScript, and its source. */
  fileBody: { js: string; ts: string };
}

/** What {@link previewFunctionBundle} and {@link deployFunctionBundle} take. */
export interface FunctionBundle {
  /** What the bundle is all of: the functions of the environment, or of one integration. */
  reconciliationScope: { kind: 'environment' } | { kind: 'integration'; integrationId: string };
  /** The functions. Those that are deployed in the scope and are not here are deleted. */
  functions: readonly BundledFunction[];
}

/** Names a function of a bundle. */
export interface BundledFunctionReference {
  /** The id of the integration. */
  integrationId: string;
  /** The name of the function. */
  name: string;
}

/** What the deployment of a bundle does. */
export interface FunctionBundleChanges {
  /** The functions that are new. */
  created: BundledFunctionReference[];
  /** The functions that are replaced. */
  updated: BundledFunctionReference[];
  /** The functions that stay as they are. */
  unchanged: BundledFunctionReference[];
  /** The functions that go. */
  deleted: BundledFunctionReference[];
}

/** What {@link invokeFunction} takes. */
export interface InvokeFunctionInput {
  /** The id of the integration. */
  integration_id: string;
  /** The id of the connection. */
  connection_id: string;
  /** The name of the function. */
  name: string;
  /** Whether to wait for the result, or to be told where to ask for it. */
  invocation_type: 'no_wait' | 'wait';
  /** The input, any JSON value. */
  input?: unknown;
  /** Further options. */
  options?: object | undefined;
}

/** An invocation that was accepted. */
export interface FunctionInvocation {
  /** The id to ask for the result by. */
  id: string;
  /** The path to ask for the result at. */
  statusUrl: string;
}

/**
 * Compiles the source of a function.
 *
 * `POST /functions/compile`
 *
 * @throws NangoApiError with the reason `compilation_error` where the source does not compile.
 * @see https://nango.dev/docs/reference/backend/http-api/functions/compile
 */
export async function compileFunction(
  client: Client,
  input: CompileFunctionInput,
  options?: RequestOptions,
): Promise<CompiledFunction> {
  return send(client, 'POST /functions/compile', { body: required(input, 'input', 'code') }, options);
}

/**
 * Starts a run of a function that saves nothing. {@link getFunctionDryrun} tells how it went.
 *
 * `POST /functions/dryruns`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/functions/dryruns-create
 */
export async function createFunctionDryrun(
  client: Client,
  input: CreateFunctionDryrunInput,
  options?: RequestOptions,
): Promise<FunctionJob> {
  const body = required(input, 'input', 'integration_id', 'function_type', 'code', 'connection_id');
  return send(client, 'POST /functions/dryruns', { body }, options);
}

/**
 * Gets a dry run.
 *
 * `GET /functions/dryruns/{id}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/functions/dryruns-get
 */
export async function getFunctionDryrun<Result = unknown>(
  client: Client,
  input: FunctionJobInput,
  options?: RequestOptions,
): Promise<FunctionDryrun<Result>> {
  const { id } = object(input, 'input');
  return send(client, 'GET /functions/dryruns/{id}', { path: { id } }, options);
}

/**
 * Deploys a function from its source, or from a template. Source takes a while, and {@link getFunctionDeployment} tells
 * how it went; a template is deployed once the answer is there.
 *
 * `POST /functions/deployments`
 *
 * @throws NangoApiError with the reason `invalid_request` where a function has the name that came from a repository or
 * from a template, `template_already_deployed` where the template is there already.
 * @see https://nango.dev/docs/reference/backend/http-api/functions/deployments-create
 */
export async function createFunctionDeployment(
  client: Client,
  input: CreateFunctionDeploymentInput,
  options?: RequestOptions,
): Promise<FunctionJob> {
  const body = input?.type === 'template'
    ? required(input, 'input', 'integration_id', 'template')
    : required(input, 'input', 'type', 'integration_id', 'function_name', 'function_type', 'code');
  return send(client, 'POST /functions/deployments', { body }, options);
}

/**
 * Gets a deployment.
 *
 * `GET /functions/deployments/{id}`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/functions/deployments-get
 */
export async function getFunctionDeployment(
  client: Client,
  input: FunctionJobInput,
  options?: RequestOptions,
): Promise<FunctionDeployment> {
  const { id } = object(input, 'input');
  return send(client, 'GET /functions/deployments/{id}', { path: { id } }, options);
}

/**
 * Tells what the deployment of a bundle would do, and does nothing.
 *
 * `POST /functions/deployments/bundle/preview`
 */
export async function previewFunctionBundle(
  client: Client,
  input: FunctionBundle,
  options?: RequestOptions,
): Promise<FunctionBundleChanges> {
  const body = required(input, 'input', 'reconciliationScope', 'functions');
  return send(client, 'POST /functions/deployments/bundle/preview', { body }, options);
}

/**
 * Makes the functions of the environment, or of an integration, those of a bundle: others are deleted.
 *
 * `POST /functions/deployments/bundle`
 *
 * @throws NangoApiError with the reason `concurrent_deployment` while another bundle is deployed.
 */
export async function deployFunctionBundle(
  client: Client,
  input: FunctionBundle,
  options?: RequestOptions,
): Promise<FunctionBundleChanges> {
  const body = required(input, 'input', 'reconciliationScope', 'functions');
  return send(client, 'POST /functions/deployments/bundle', { body }, options);
}

/**
 * Invokes a function that was deployed with a bundle, and gives its result, or tells where to ask for it. Servers up to
 * 0.71.4 refuse with the status 501.
 *
 * `POST /functions/invocations`
 *
 * @experimental
 */
export function invokeFunction<Output = unknown>(
  client: Client,
  input: InvokeFunctionInput & { invocation_type: 'wait' },
  options?: RequestOptions,
): Promise<Output>;
/** Invokes a function, and tells where to ask for its result. */
export function invokeFunction(
  client: Client,
  input: InvokeFunctionInput & { invocation_type: 'no_wait' },
  options?: RequestOptions,
): Promise<FunctionInvocation>;
/** Invokes a function where the compiler cannot tell whether it waits: gives its output, or where to ask for it. */
export function invokeFunction<Output = unknown>(
  client: Client,
  input: InvokeFunctionInput,
  options?: RequestOptions,
): Promise<Output | FunctionInvocation>;
export async function invokeFunction(
  client: Client,
  input: InvokeFunctionInput,
  options?: RequestOptions,
): Promise<unknown> {
  const body = required(input, 'input', 'integration_id', 'connection_id', 'name', 'invocation_type');
  return send(client, 'POST /functions/invocations', { body }, options);
}

/**
 * Gets the result of an invocation that was not waited for.
 *
 * `GET /functions/invocations/{id}`
 *
 * @experimental
 */
export async function getFunctionInvocation<Output = unknown>(
  client: Client,
  input: FunctionJobInput,
  options?: RequestOptions,
): Promise<Output> {
  const { id } = object(input, 'input');
  return send(client, 'GET /functions/invocations/{id}', { path: { id } }, options);
}
