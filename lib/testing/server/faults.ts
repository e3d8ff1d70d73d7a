// Fault injection: what can go wrong between a client and a server, and for which requests.

import { dashboardPage, json } from './answer.ts';
import type { Answer, Bytes } from './answer.ts';
import { checkMembers, unknownName } from '../members.ts';
import type { Members } from '../members.ts';
import { parseQuery } from './query.ts';
import type { Route } from './router.ts';
import { tooManyRequests } from './rate-limit.ts';
import type { Exchange } from './request.ts';

/** A fault to inject, and the requests it applies to: any, without `operation`, `method` and `path`. */
export interface FaultRule {
  /** The name of the operation, for example `listRecords`. */
  operation?: string | undefined;
  /** The method. */
  method?: string | undefined;
  /** The path without the query: an exact string, or a regular expression that matches some of it. */
  path?: string | RegExp | undefined;
  /** How many requests it applies to. Defaults to 1; `Infinity` for all. */
  times?: number | undefined;
  /** How many matching requests to let through first. Defaults to 0. */
  skip?: number | undefined;
  /** Delay the answer by this many milliseconds of real time. Combines with any other fault. */
  delay?: number | undefined;
  /** Break the connection: `true` before the request is processed, `'after'` once it is, before the answer. */
  reset?: boolean | 'after' | undefined;
  /** Never send the headers, or send the headers and never the body. Only the caller's signal ends the call. */
  stall?: 'headers' | 'body' | undefined;
  /** Break the connection after this many bytes of the body; `true` for half of it. */
  cut?: number | boolean | undefined;
  /** Answer with this status instead of processing the request. */
  status?: number | undefined;
  /** The body for `status`: a string is sent as it is, anything else as JSON. */
  body?: unknown;
  /** Headers to add for `status` and `html`. */
  headers?: Record<string, string> | undefined;
  /** Answer with an HTML page, with status 200 unless `status` is set. */
  html?: boolean | undefined;
  /** Answer 429 with this many seconds in `Retry-After`; `true` for 1. */
  rateLimit?: number | boolean | undefined;
  /** Answer with the requested page of records, but with a cursor that leads back to it. */
  repeatPage?: boolean | undefined;
}

/** An injected fault. */
export interface Fault {
  /** How many requests it has been applied to. */
  readonly used: number;
  /** Removes it. */
  remove(): void;
}

/** The faults of an emulator. */
export interface Faults {
  /** Adds a fault. */
  add(rule: FaultRule): Fault;
  /** Returns the fault that applies to a request, if any, and counts it as used. */
  take(request: { operation: string | undefined; method: string; path: string }): FaultRule | undefined;
  /** Removes all faults. */
  clear(): void;
}

const ruleMembers: Members<FaultRule> = {
  operation: 'optional',
  method: 'optional',
  path: 'optional',
  times: 'optional',
  skip: 'optional',
  delay: 'optional',
  reset: 'optional',
  stall: 'optional',
  cut: 'optional',
  status: 'optional',
  body: 'optional',
  headers: 'optional',
  html: 'optional',
  rateLimit: 'optional',
  repeatPage: 'optional',
};

/** Throws a TypeError for a rule with unknown members, or with an operation that no route has. */
export function checkFault(rule: FaultRule, routes: readonly Route[]): void {
  checkMembers('rule', rule, ruleMembers);
  const { operation } = rule;
  if (operation === undefined || routes.some((route) => route.operation === operation)) return;
  throw unknownName('rule names an unknown operation', operation, routes.map((route) => route.operation));
}

/** Creates an empty set of faults. */
export function createFaults(): Faults {
  const rules = new Map<Fault, FaultRule & { seen: number; used: number }>();
  return {
    add(rule) {
      const state = { ...rule, seen: 0, used: 0 };
      const fault: Fault = {
        get used() {
          return state.used;
        },
        remove() {
          rules.delete(fault);
        },
      };
      rules.set(fault, state);
      return fault;
    },
    take({ operation, method, path }) {
      for (const rule of rules.values()) {
        if (rule.operation !== undefined && rule.operation !== operation) continue;
        if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
        if (typeof rule.path === 'string' && rule.path !== path) continue;
        if (rule.path instanceof RegExp && path.search(rule.path) < 0) continue;
        if (rule.used >= (rule.times ?? 1)) continue;
        rule.seen++;
        if (rule.seen <= (rule.skip ?? 0)) continue;
        rule.used++;
        return rule;
      }
      return undefined;
    },
    clear() {
      rules.clear();
    },
  };
}

/** What `fetch` rejects with when a connection breaks. */
export function connectionReset(): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
}

/** Waits, or rejects with the reason of the signal. `Infinity` waits for the signal alone. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = Number.isFinite(milliseconds)
      ? setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, milliseconds)
      : undefined;
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The beginning of a body, after which the connection breaks, or stalls until the signal fires. */
export function brokenBody(
  bytes: Bytes,
  ending: 'reset' | 'stall',
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!sent && bytes.length > 0) {
        sent = true;
        controller.enqueue(bytes);
        return;
      }
      try {
        if (ending === 'stall') await pause(Number.POSITIVE_INFINITY, signal);
        throw connectionReset();
      } catch (error) {
        controller.error(error);
      }
    },
  });
}

/** The answer that a fault sends instead of the server's, if it has one. */
export function injectedAnswer(fault: FaultRule, { headers, log }: Exchange, now: number): Answer | undefined {
  const { html, status, body, rateLimit = false } = fault;
  if (rateLimit !== false) {
    const wait = rateLimit === true ? 1 : rateLimit;
    headers['x-ratelimit-limit'] = '1';
    headers['x-ratelimit-remaining'] = '0';
    headers['x-ratelimit-reset'] = String(Math.ceil(now / 1000) + wait);
    return tooManyRequests(wait, headers, log.method, log.path).answer;
  }
  if (html === true) {
    const page = dashboardPage();
    return { ...page, status: status ?? 200, headers: { ...page.headers, ...fault.headers } };
  }
  if (status === undefined) return undefined;
  const contentType = body === undefined ? null : typeof body === 'string' ? 'text/plain; charset=utf-8' : undefined;
  return { status, body, contentType, headers: fault.headers };
}

/** A page of records whose cursor leads back to it. */
export function repeatedPage(answer: Answer, search: string): Answer {
  const page = (typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body) as Record<string, unknown>;
  const { cursor } = parseQuery(search);
  return json({ ...page, next_cursor: cursor ?? page['next_cursor'] }, answer.status);
}
