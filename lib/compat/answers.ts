// What calls give and throw, in the shapes of Axios, on which the official client is built.

import { NangoApiError, NangoError, NangoNetworkError, NangoParseError, NangoTimeoutError } from '../errors.ts';
import type { FetchResponse, RequestOptions } from '../core/types.ts';

/** An answer, as Axios gives it. */
export interface NangoResponse<T = any> {
  /** The body. */
  data: T;
  /** The HTTP status. */
  status: number;
  /** The words for the status, which HTTP/2 leaves out. */
  statusText: string;
  /** The headers, by their names in lower case; `set-cookie` is an array. */
  headers: Record<string, any>;
  /** Is not there: a response of Axios holds the API key in it. */
  readonly config: never;
}

/** What a failed call throws: an error of this library that can be read like one of Axios. */
export interface NangoRequestError<T = any> extends Omit<NangoError, 'code'> {
  /** `ERR_BAD_REQUEST` for 4xx, `ERR_BAD_RESPONSE` for other statuses, else the code of a broken connection. */
  code: string;
  /** The HTTP status, where there is an answer. */
  status?: number;
  /** The answer, where there is one. It is not enumerable, since it may hold what no log should. */
  readonly response?: NangoResponse<T>;
  /** Makes `axios.isAxiosError()` hold. */
  isAxiosError: true;
}

/** Runs a call, and gives its answer. */
export async function answerOf<T>(run: (options: RequestOptions) => Promise<T>): Promise<NangoResponse<T>> {
  let response: FetchResponse | undefined;
  const onResponse = (value: FetchResponse): void => void (response = value);
  try {
    const data = await run({ onResponse });
    return describe(response!, data);
  } catch (error) {
    throw dress(error, response);
  }
}

/** Runs a call, and gives the body of its answer. */
export async function dataOf<T>(run: (options: RequestOptions) => Promise<T>): Promise<T> {
  return (await answerOf(run)).data;
}

/** Describes an answer as Axios does. */
export function describe<T>(response: FetchResponse, data: T): NangoResponse<T> {
  const { status, statusText, headers } = response as Response;
  const record: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    if (name === 'set-cookie') ((record[name] ??= []) as string[]).push(value);
    else record[name] = value;
  }
  return { data, status, statusText, headers: record } as NangoResponse<T>;
}

/** Gives an error of this library what one of Axios has. */
export function dress(error: unknown, response?: FetchResponse, data?: unknown): unknown {
  if (!(error instanceof NangoError)) return error;
  let { code, message }: { code: string; message: string } = error;
  if (error instanceof NangoApiError) {
    message = `Request failed with status code ${error.status}`;
    code = error.status >= 400 && error.status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
    data ??= error.body;
  } else if (error instanceof NangoParseError) {
    code = 'ERR_BAD_RESPONSE';
  } else if (error instanceof NangoNetworkError) {
    // What fetch throws is the first of a chain, and the last one tells what happened.
    let cause: Error & { code?: string } = error;
    while (cause.cause instanceof Error) cause = cause.cause;
    message = cause.message || message;
    // Callers decide by ECONNRESET, which the fetch of Node has a name of its own for.
    code = typeof cause.code === 'string' && cause !== error
      ? cause.code.replace('UND_ERR_SOCKET', 'ECONNRESET')
      : 'ERR_NETWORK';
    response = undefined;
  } else if (error instanceof NangoTimeoutError) {
    code = 'ECONNABORTED';
    response = undefined;
  } else {
    return error;
  }
  // It may hold what no log should, and what is not enumerable is in no JSON.
  if (response) Object.defineProperty(error, 'response', { value: describe(response, data) });
  return Object.assign(error, { message, code, isAxiosError: true });
}
