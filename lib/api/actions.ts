// Actions: functions that run on a connection when they are called, at once or in a queue.

import type { Client } from '../client.ts';
import type { ActionInput, ActionInputMember, ActionName, ActionOutput, IntegrationName } from '../core/functions.ts';
import { NangoApiError } from '../errors.ts';
import { check, id, object } from '../core/guards.ts';
import { poll } from '../core/poll.ts';
import { connectionHeaders } from '../core/request.ts';
import type { RequestParts } from '../core/request.ts';
import { send } from '../core/send.ts';
import type { RequestOptions } from '../core/types.ts';
import type { ConnectionInput } from './connections.ts';

/** What {@link triggerAction} takes. */
export interface TriggerActionInput<
  Input = unknown,
  Integration extends string = string,
  Action extends string = string,
> extends ConnectionInput<Integration> {
  /** The name of the action. */
  actionName: Action;
  /** The input of the action, any JSON value. The server hands `0`, `''` and `false` on as null. */
  input?: Input | undefined;
}

/** What {@link triggerActionAsync} takes. */
export interface TriggerActionAsyncInput<
  Input = unknown,
  Integration extends string = string,
  Action extends string = string,
> extends TriggerActionInput<Input, Integration, Action> {
  /** How often Nango runs the action again after a failure, from 0 to 5. Defaults to 0. */
  maxRetries?: number | undefined;
}

/**
 * Names an action in the queue.
 *
 * @typeParam Output The output of the action.
 */
export interface AsyncActionHandle<Output = unknown> {
  /** The type of the output; never there at run time. */
  readonly '~output'?: Output;
  /** The id of the run, a UUID. */
  id: string;
  /** The path of its result. */
  statusUrl: string;
}

/**
 * What {@link getAsyncActionResult} takes: what `triggerActionAsync` gave, or a part of it. The id wins where both are
 * there.
 */
export type AsyncActionInput<Output = unknown> =
  & { readonly '~output'?: Output }
  & (
    | {
      /** The id of the run, a UUID. */
      id: string;
      statusUrl?: string | undefined;
    }
    | {
      /** The path of the result, `/action/<id>`, or its URL below the host of the client. */
      statusUrl: string;
      id?: undefined;
    }
  );

/**
 * Runs an action and gives its output, at most 2 MB. It takes up to 30 seconds to start and 15 minutes to run, so the
 * call has no time limit unless `timeout` sets one.
 *
 * `POST /action/trigger`
 *
 * @example
 * ```ts
 * import { createClient, triggerAction } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const issue = await triggerAction<{ id: number }>(client, {
 *   providerConfigKey: 'github',
 *   connectionId: 'c-1',
 *   actionName: 'create-issue',
 *   input: { title: 'It works' },
 * });
 * ```
 *
 * @typeParam Output The output of the action, any JSON value. Left out, it is that of the client's functions.
 * @typeParam Input The input of the action. Left out, it is that of the client's functions.
 * @throws NangoApiError with the reason `action_script_runtime_error` for an error that the action throws on purpose,
 * whose details are in `payload`; `script_http_error` for a provider's error that it let through, whose answer is in
 * `body`.
 * @see https://nango.dev/docs/reference/backend/http-api/action/trigger
 */
export async function triggerAction<
  Output = unknown,
  Input = unknown,
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
  A extends ActionName<F, K> = ActionName<F, K>,
>(
  client: Client<F>,
  input: TriggerActionInput<NoInfer<Input & ActionInput<F, K, A>>, K, A> & ActionInputMember<F, K, A>,
  options: RequestOptions = {},
): Promise<Output & ActionOutput<F, K, A>> {
  const { timeout = Infinity } = object(options, 'options');
  return send(client, 'POST /action/trigger', actionParts(input), { ...options, timeout });
}

/**
 * Queues an action. Those of an environment run one at a time, each within 24 hours and for 15 minutes at most.
 *
 * `POST /action/trigger`
 *
 * @see https://nango.dev/docs/reference/backend/http-api/action/trigger
 */
export async function triggerActionAsync<
  Input = unknown,
  F = unknown,
  K extends IntegrationName<F> = IntegrationName<F>,
  A extends ActionName<F, K> = ActionName<F, K>,
>(
  client: Client<F>,
  input: TriggerActionAsyncInput<NoInfer<Input & ActionInput<F, K, A>>, K, A> & ActionInputMember<F, K, A>,
  options?: RequestOptions,
): Promise<AsyncActionHandle<ActionOutput<F, K, A>>> {
  const { headers, body } = actionParts(input);
  const { maxRetries } = input;
  const retries = maxRetries !== undefined && { 'x-max-retries': `${maxRetries}` };
  return send(
    client,
    'POST /action/trigger',
    { headers: { ...headers, 'x-async': 'true', ...retries }, body },
    options,
  );
}

function actionParts(input: TriggerActionInput): RequestParts {
  const headers = connectionHeaders(input);
  return { headers, body: { action_name: id(input.actionName, 'actionName'), input: input.input } };
}

/**
 * Gets the output of a queued action.
 *
 * `GET /action/{id}`
 *
 * @throws NangoApiError with the status 404 while the action waits or runs, and likewise where there is no such run, or
 * where its output is null; with the error of the action where that failed.
 * @see https://nango.dev/docs/reference/backend/backend-sdk/node
 */
export async function getAsyncActionResult<Output = unknown, Known = unknown>(
  client: Client,
  input: AsyncActionInput<Known>,
  options?: RequestOptions,
): Promise<Output & Known> {
  return send(client, 'GET /action/{id}', { path: { id: runId(client, input) } }, options);
}

/** Gives the id of a run. Of a URL nothing but the id is used, so that it cannot lead the key elsewhere. */
function runId(client: Client, input: AsyncActionInput): string {
  const { id: run, statusUrl } = object(input, 'input');
  if (run !== undefined) {
    check(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(run), 'id must be a UUID');
    return run;
  }
  const url = `${statusUrl}`;
  const { host = '' } = client ?? {};
  const path = url.slice(url.startsWith(host) ? host.length : 0);
  const [, found] = /^\/action\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.exec(path) ?? [];
  check(found, 'statusUrl must be /action/ and a UUID, or the same below the host of the client');
  return found;
}

/** What {@link waitForAction} takes. */
export type WaitForActionInput<Output = unknown> = AsyncActionInput<Output> & {
  /**
   * The first pause between two looks, in milliseconds; each is half as long again as the one before, up to 10,000.
   * Defaults to 1,000.
   */
  interval?: number | undefined;
  /** How long to wait, in milliseconds. Defaults to 900,000, the longest that an action runs. */
  timeout?: number | undefined;
};

/**
 * Waits until a queued action has ended, and gives its output. It outlives rate limits and failures of the network.
 * Where `options` set a `timeout`, it is that of a look.
 *
 * `GET /action/{id}`
 *
 * @example
 * ```ts
 * import { createClient, triggerActionAsync, waitForAction } from 'nango-fetch';
 *
 * const client = createClient({ apiKey: '<API-KEY>' });
 * const run = await triggerActionAsync(client, {
 *   providerConfigKey: 'github',
 *   connectionId: 'c-1',
 *   actionName: 'export-issues',
 *   maxRetries: 3,
 * });
 * const output = await waitForAction<{ url: string }>(client, { ...run, timeout: 120_000 });
 * ```
 *
 * @throws NangoError with the code `wait_timeout` where there is no output in time. The API answers alike for an action
 * that is not done, for an unknown id and for an output of null, so it may be any of these.
 * @throws NangoApiError with the error of the action, where that failed.
 * @see https://nango.dev/docs/reference/backend/backend-sdk/node
 */
export async function waitForAction<Output = unknown, Known = unknown>(
  client: Client,
  input: WaitForActionInput<Known>,
  options?: RequestOptions,
): Promise<Output & Known> {
  const run = runId(client, input);
  const { interval = 1000, timeout = 900_000 } = input;
  return poll(
    client,
    'GET /action/{id}',
    (limited) =>
      getAsyncActionResult<Output & Known>(client, { id: run }, limited).catch((error: unknown) => {
        if (error instanceof NangoApiError && error.status === 404) return undefined;
        throw error;
      }),
    { interval, timeout, growth: 1.5 },
    // A status of 500 is that of an action that failed.
    502,
    `output of action ${run} (not done, unknown, or with an output of null: the API answers 404 for each)`,
    options,
  );
}
