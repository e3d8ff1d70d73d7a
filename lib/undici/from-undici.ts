// A fetch made of `undici.request`. undici is handed in, and imported by nobody.

import type { FetchInit, FetchResponse } from '../core/types.ts';

/** What is needed of a response of `undici.request`. */
export interface UndiciResponse {
  /** The HTTP status. */
  statusCode: number;
  /** The headers, by their names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** The body. */
  body: AsyncIterable<Uint8Array> & {
    /** Reads the body as text. */
    text(): Promise<string>;
  };
}

/** The function `request` of the package `undici`, of version 6 or later. */
export type UndiciRequest = (url: string, options: never) => Promise<UndiciResponse>;

/** What {@link fromUndici} takes after `request`. */
export interface UndiciOptions {
  /** The dispatcher, for example an `Agent`, a `ProxyAgent` or a `MockAgent`. Defaults to the global one. */
  dispatcher?: object | undefined;
}

/**
 * Makes a fetch of `undici.request`, for Node servers with many small calls. Redirects are not followed and bodies are
 * not decompressed; a server that is not asked for compression sends none.
 *
 * @example
 * ```ts
 * import { createClient } from 'nango-fetch';
 * import { fromUndici } from 'nango-fetch/undici';
 * import { request } from 'undici';
 *
 * const client = createClient({ apiKey: '<API-KEY>', fetch: fromUndici(request) });
 * ```
 *
 * @param request The function `request` of the package `undici`.
 */
export function fromUndici(
  request: UndiciRequest,
  { dispatcher }: UndiciOptions = {},
): (input: string, init: FetchInit) => Promise<FetchResponse> {
  if (typeof request !== 'function') throw new TypeError('request must be the function of undici');
  return async (input, { method, headers, signal, body, whole }) => {
    const sent = Object.prototype.toString.call(body) === '[object URLSearchParams]' ? `${body}` : body;
    const options = { method, headers, signal, body: sent, dispatcher };
    const { statusCode, headers: received, body: content } = await request(input, options as never);
    if (whole) return wholeResponse(statusCode, received, content);
    let stream: ReadableStream<Uint8Array> | undefined;
    return {
      ok: statusCode >= 200 && statusCode < 300,
      status: statusCode,
      headers: { get: (name) => [received[name.toLowerCase()] ?? []].flat().join(', ') || null },
      // Made only when it is asked for: text() is faster.
      get body() {
        return (stream ??= streamOf(content));
      },
      text: () => content.text(),
    };
  };
}

/** Gives the platform's own response. */
function wholeResponse(
  status: number,
  received: UndiciResponse['headers'],
  content: AsyncIterable<Uint8Array>,
): Response {
  const headers = new Headers();
  for (const name in received) for (const value of [received[name] ?? []].flat()) headers.append(name, value);
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : streamOf(content), { status, headers });
}

/** Gives the stream of the web that a stream of Node stands for. */
function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
