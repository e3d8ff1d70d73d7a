// Faults on demand: what goes wrong between a client and a server, and how to ask for it.

import { type Answer, type Bytes, dashboardPage, json } from './answer.ts';
import { parseQuery } from './query.ts';

/** A fault, and the requests that it befalls. Without `operation`, `method` or `path` it befalls any. */
export interface FaultRule {
  /** The name of the operation, e.g. `listRecords`. */
  operation?: string | undefined;
  /** The method. */
  method?: string | undefined;
  /** The path, without the query: the whole of it, or what a regular expression finds in it. */
  path?: string | RegExp | undefined;
  /** How many requests it befalls. Defaults to 1; `Infinity` for all. */
  times?: number | undefined;
  /** How many requests it lets pass first. Defaults to 0. */
  skip?: number | undefined;
  /** Answer only after so many milliseconds, which really pass. Goes together with any other fault, or none. */
  delay?: number | undefined;
  /** Break the connection: `true` before anything is done, `'after'` once it is done but before it is answered. */
  reset?: boolean | 'after' | undefined;
  /** Never send the headers, or the headers and never the body. Only the caller's signal ends it. */
  stall?: 'headers' | 'body' | undefined;
  /** Break the connection in the body after so many bytes; `true` in the middle of it. */
  cut?: number | boolean | undefined;
  /** Answer with this status instead of doing anything. */
  status?: number | undefined;
  /** The body of that answer: text as it is, anything else as JSON. */
  body?: unknown;
  /** More headers for that answer. */
  headers?: Record<string, string> | undefined;
  /** Answer with an HTML page, and the status 200 unless another one is given. */
  html?: boolean | undefined;
  /** Answer 429, with so many seconds in `Retry-After`; `true` for 1. */
  rateLimit?: number | boolean | undefined;
  /** Give the page of records that was asked for, with a cursor that leads back to it. */
  repeatPage?: boolean | undefined;
}

/** A fault that was asked for. */
export interface Fault {
  /** How many requests it has befallen. */
  readonly used: number;
  /** Takes it back. */
  remove(): void;
}

/** The faults of an emulator. */
export interface Faults {
  /** Asks for a fault. */
  add(rule: FaultRule): Fault;
  /** Takes the fault that befalls a request, if one does. */
  take(request: { operation: string | undefined; method: string; path: string }): FaultRule | undefined;
  /** Takes all back. */
  clear(): void;
}

/** Starts without faults. */
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
        rule.seen += 1;
        if (rule.seen <= (rule.skip ?? 0)) continue;
        rule.used += 1;
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

/** Waits, until the signal says otherwise. Without an end it waits for the signal alone. */
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

/** The beginning of a body, after which the connection breaks, or stays silent until the signal fires. */
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

/** The answer that a fault puts in the place of the server's, where it names one. */
export function plannedAnswer({ html, status, body, headers }: FaultRule): Answer | undefined {
  if (html === true) {
    const page = dashboardPage();
    return { ...page, status: status ?? 200, headers: { ...page.headers, ...headers } };
  }
  if (status === undefined) return undefined;
  const contentType = body === undefined ? null : typeof body === 'string' ? 'text/plain; charset=utf-8' : undefined;
  return { status, body, contentType, headers };
}

/** The seconds that a fault says to wait, where it is a rate limit. */
export function plannedWait({ rateLimit }: FaultRule): number | undefined {
  if (rateLimit === undefined || rateLimit === false) return undefined;
  return rateLimit === true ? 1 : rateLimit;
}

/** A page of records whose cursor leads back to it. */
export function repeatedPage(answer: Answer, search: string): Answer {
  const page = (typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body) as Record<string, unknown>;
  const { cursor } = parseQuery(search);
  return json({ ...page, next_cursor: cursor ?? page['next_cursor'] }, answer.status);
}
