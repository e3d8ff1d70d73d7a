// What the specs share: a fetch that follows a script, bodies that arrive when the test says so, and a look for
// secrets.

import * as assert from 'uvu/assert';
import { createClient } from '../../lib/mod.ts';
import type { Client, ClientOptions, PlatformFetch } from '../../lib/mod.ts';

/** The key that every client of the specs holds, and that must appear nowhere but in the header. */
export const apiKey = '7c1d0f6e-2a4b-4c8d-9e0f-5b6a7c8d9e0f';

/** A request as the server would see it. */
export interface Sent {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: unknown;
  signal: AbortSignal;
  init: RequestInit;
}

/** What a scripted fetch does with a request: answer, fail, or whatever the function does. */
export type Step = Response | Error | ((sent: Sent) => Response | Promise<Response>);

/** Creates a fetch that takes one step for each request, and notes the requests. */
export function script(...steps: Step[]): { fetch: PlatformFetch; sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch: PlatformFetch = async (input, init = {}) => {
    const request: Sent = {
      url: new URL(input instanceof Request ? input.url : input),
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      body: init.body,
      signal: init.signal!,
      init,
    };
    const step = steps[sent.push(request) - 1];
    if (step === undefined) {
      throw new Error(`request ${sent.length} was not expected: ${request.method} ${request.url}`);
    }
    if (step instanceof Error) throw step;
    return typeof step === 'function' ? step(request) : step;
  };
  return { fetch, sent };
}

/** Creates a client on a scripted fetch. */
export function scripted(steps: Step[], options: Partial<ClientOptions> = {}): { client: Client; sent: Sent[] } {
  const { fetch, sent } = script(...steps);
  return { client: createClient({ apiKey, fetch, ...options }), sent };
}

/** Creates an answer in JSON. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8', ...(init.headers as Record<string, string>) };
  return new Response(JSON.stringify(body), { ...init, headers });
}

/** An answer whose body arrives when the test says so. */
export interface Slow {
  response: Response;
  push: (text: string) => void;
  end: () => void;
  fail: (error: unknown) => void;
  /** Whether the reader gave it up. */
  cancelled: () => boolean;
}

/**
 * Creates an answer whose body arrives when the test says so. Like a platform's fetch, it ends when the signal fires.
 */
export function slow(init: ResponseInit = {}, signal?: AbortSignal): Slow {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (value) => void (controller = value),
    cancel: () => void (cancelled = true),
  });
  signal?.addEventListener('abort', () => controller.error(signal.reason));
  return {
    response: new Response(body, { headers: { 'content-type': 'application/json' }, ...init }),
    push: (text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    cancelled: () => cancelled,
  };
}

/** Gives what a promise rejects with. */
export async function rejection(promise: Promise<unknown> | (() => unknown)): Promise<any> {
  let value: unknown;
  try {
    value = await (typeof promise === 'function' ? promise() : promise);
  } catch (error) {
    return error;
  }
  assert.unreachable(`it should have failed, but gave ${JSON.stringify(value)}`);
}

/** Lets everything that is ready happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
}

/** Collects what an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Gives all text that can be had from a value: each property, hidden ones too, what it prints as, and its JSON. */
export function textOf(value: unknown, seen: Set<unknown> = new Set()): string {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return `${String(value)}\n`;
  if (seen.has(value)) return '';
  seen.add(value);
  let text = '';
  if (typeof value === 'object') {
    try {
      text += `${String(value)}\n${JSON.stringify(value)}\n`;
    } catch {
      // Some platform objects cannot be printed; their properties follow.
    }
  }
  if (value instanceof Headers) text += JSON.stringify([...value]);
  for (const key of Reflect.ownKeys(value)) {
    text += `${String(key)}\n`;
    try {
      text += textOf((value as Record<PropertyKey, unknown>)[key], seen);
    } catch {
      // A getter that throws shows nothing.
    }
  }
  if (value instanceof Error) text += `${value.stack}\n${textOf(value.cause, seen)}`;
  return text + textOf(Object.getPrototypeOf(value) === Object.prototype ? null : Object.getPrototypeOf(value), seen);
}
