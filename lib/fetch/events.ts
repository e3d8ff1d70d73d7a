// What the fetches of this folder know of a call, and what they report of it. No event holds a header, a body or a
// query.

import type { FetchResponse } from '../core/types.ts';

/**
 * What is read of an init, and what the fetches add to it for those that they wrap. Platforms ignore what they add.
 *
 * @internal
 */
export interface CallInit {
  method?: string;
  headers?: RequestInit['headers'];
  body?: unknown;
  signal?: AbortSignal | null;
  /** The method and path template. */
  operation?: string;
  /** When the call times out, in milliseconds since 1970. */
  deadline?: number;
  /** Which attempt it is, from 1. */
  attempt?: number;
  /** Tells the hooks around it what happens inside. */
  observe?: (kind: 'retry' | 'wait', event: { attempt?: number; milliseconds: number }) => void;
}

/**
 * Any fetch, as those that wrap it call it.
 *
 * @internal
 */
export type InnerFetch = (input: unknown, init?: CallInit) => Promise<FetchResponse>;

/** What every event says. */
export interface CallEvent {
  /** The method and path template, for example `GET /records`; the method alone where the call is none of this library's. */
  readonly operation: string;
  /** Which attempt it is, from 1. */
  readonly attempt: number;
}

/** A response came, whatever its status. */
export interface ResponseEvent extends CallEvent {
  /** The HTTP status. */
  readonly status: number;
  /** How long it took until the headers were there. */
  readonly milliseconds: number;
}

/** No response came. */
export interface FailureEvent extends CallEvent {
  /** The code or the name of the deepest cause, for example `ECONNREFUSED` or `AbortError`. */
  readonly error: string;
  /** How long it took. */
  readonly milliseconds: number;
}

/** An attempt failed, and another will be made. */
export interface RetryEvent extends CallEvent {
  /** The HTTP status, where there was a response. */
  readonly status: number | undefined;
  /** The code or the name of the deepest cause, where there was none. */
  readonly error: string | undefined;
  /** How long it waits before the next attempt. */
  readonly milliseconds: number;
}

/** The rate limit holds a call back. */
export interface WaitEvent extends CallEvent {
  /** How long it waits. It may have to wait again. */
  readonly milliseconds: number;
}

/**
 * Gives the code or the name of the deepest cause of a failure. Its message is left out: it may quote the URL.
 *
 * @internal
 */
export function failureOf(failure: unknown): string {
  let deepest = failure as { cause?: typeof deepest; code?: unknown; name?: string } | undefined;
  for (let depth = 0; depth < 9; depth++) deepest = deepest?.cause ?? deepest;
  // The codes of DOMExceptions are numbers that say less than their names.
  const code = deepest?.code;
  return typeof code === 'string' ? code : `${deepest?.name}`;
}
