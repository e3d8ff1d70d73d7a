// The proxy as the official client has it: bodies are made and read as Axios does, and what is no success throws.

import { proxy } from '../api/proxy.ts';
import type { ProxyInput } from '../api/proxy.ts';
import { check } from '../core/guards.ts';
import type { Client } from '../client.ts';
import { NangoApiError } from '../errors.ts';
import { networkError, readJson, withBody } from '../core/send.ts';
import type { FetchResponse } from '../core/types.ts';
import { describe, dress } from './answers.ts';
import type { NangoResponse } from './answers.ts';
import { builtin } from './builtin.ts';
import type { ProxyConfiguration } from './types.ts';

/** Calls the proxy. */
export async function callProxy<T>(client: Client, config: ProxyConfiguration): Promise<NangoResponse<T>> {
  const { connectionId, providerConfigKey, endpoint, params, retries, decompress, forwardHeadersOnRedirect } = config;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  const method = config.method?.toUpperCase() || 'GET';
  const input = {
    connectionId,
    providerConfigKey,
    endpoint,
    method,
    params,
    retries,
    retryOn: config.retryOn ?? undefined,
    baseUrlOverride: config.baseUrlOverride || undefined,
    decompress: typeof decompress === 'string' ? decompress === 'true' : decompress,
    forwardHeadersOnRedirect,
    body: method === 'GET' ? undefined : bodyOf(config.data, headers),
    headers,
  };
  let answered = undefined as FetchResponse | undefined;
  let refusal: NangoApiError | undefined;
  let response: Response;
  try {
    response = await proxy(client, input as ProxyInput, { onResponse: (value) => void (answered = value) });
  } catch (error) {
    if (!(error instanceof NangoApiError) || !answered) throw dress(error);
    // Its body has been read.
    refusal = error;
    response = withBody(answered as Response, typeof error.body === 'string' ? error.body : JSON.stringify(error.body));
  }
  const operation = `${method} /proxy/{endpoint}`;
  try {
    if (!response.ok && !refusal) {
      const text = config.responseType === 'stream' ? '' : await response.clone().text();
      refusal = await errorOf(response, operation, text);
    }
    const data = await readAs(response, config.responseType);
    if (!refusal) return describe(response, data as T);
    dress(refusal, response, data);
  } catch (error) {
    throw dress(networkError(error, operation));
  }
  throw refusal;
}

/** Gives the error that the answer of a provider is. */
async function errorOf(response: Response, operation: string, text: string): Promise<NangoApiError> {
  try {
    return await readJson<never>(response, { operation }, text);
  } catch (error) {
    return Object.assign(error as NangoApiError, { origin: 'provider' });
  }
}

/** What is needed of `node:stream`. */
interface Streams {
  PassThrough: new () => { destroy(error: unknown): void };
  Readable: {
    from(items: Iterable<never>): object;
    fromWeb(stream: ReadableStream): object;
    toWeb(stream: object): ReadableStream;
  };
}

/** Reads a body as Axios does on Node. */
async function readAs(response: Response, type: ProxyConfiguration['responseType']): Promise<unknown> {
  if (type === 'stream') {
    const Readable = builtin<Streams>('node:stream')?.Readable;
    if (!Readable) return response.body;
    return response.body ? Readable.fromWeb(response.body) : Readable.from([]);
  }
  if (type === 'blob') return response.blob();
  if (type === 'arraybuffer') {
    const bytes = await response.arrayBuffer();
    return builtin<{ Buffer: { from(bytes: ArrayBuffer): Uint8Array } }>('node:buffer')?.Buffer.from(bytes) ?? bytes;
  }
  const text = await response.text();
  try {
    return type === undefined || type === 'json' ? JSON.parse(text) : text;
  } catch {
    // The provider may answer with anything.
    return text;
  }
}

/** A stream of Node, perhaps the form of the package form-data, which knows its boundary. */
interface NodeStream {
  pipe<T>(to: T): T;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  getHeaders?(): Record<string, string>;
}

/** Makes a body as Axios does: Node's streams are taken, and objects become forms where the content type says so. */
function bodyOf(data: unknown, headers: Record<string, string>): unknown {
  if (!data || typeof data !== 'object') return data || undefined;
  if (typeof (data as NodeStream).pipe === 'function') {
    const stream = data as NodeStream;
    const streams = builtin<Streams>('node:stream');
    check(streams, 'data must not be a stream of Node where there is no Node');
    Object.assign(headers, stream.getHeaders?.());
    // Older streams flow only where they are piped to, and tell of errors only those who listen.
    const through = new streams.PassThrough();
    stream.on('error', (error) => through.destroy(error));
    return streams.Readable.toWeb(stream.pipe(through));
  }
  const plain = /^\[object (Object|Array)\]$/.test(Object.prototype.toString.call(data));
  const [type] = (plain && headers['content-type']?.split(';')) || [];
  if (type === 'application/x-www-form-urlencoded') return fill(new URLSearchParams(), data);
  if (type === 'multipart/form-data') return fill(new FormData(), data);
  return data;
}

/** Writes an object into a form, its depths as `name[member]`. What is null is left out. */
function fill(form: URLSearchParams | FormData, value: unknown, name = ''): URLSearchParams | FormData {
  if (typeof value === 'object' && value && !(value instanceof Blob) && !(value instanceof Date)) {
    const flat = Array.isArray(value) && value.every((item) => typeof item !== 'object');
    for (const [key, item] of Object.entries(value)) fill(form, item, name ? `${name}[${flat ? '' : key}]` : key);
  } else if (value !== undefined && value !== null) {
    form.append(name, (value instanceof Date ? value.toISOString() : value) as string);
  }
  return form;
}
