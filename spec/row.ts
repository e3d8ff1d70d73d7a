// One row per operation: what it sends, what it gives back, what it refuses, and how it fails. Every operation has one.

import * as assert from 'uvu/assert';
import { createClient, createSessionClient, isNangoError, NangoApiError } from '../lib/mod.ts';
import type { Client, RequestOptions, SessionClient } from '../lib/mod.ts';

/** A request as the server would see it. */
export interface ExpectedRequest {
  method: string;
  /** The path and the query. */
  target: string;
  /** Headers that must be there, beside those that every request has. No others may be there. */
  headers?: Record<string, string>;
  /** The body, parsed where it is JSON. */
  body?: unknown;
}

/** How an operation is checked. */
export interface Row {
  /** The name of the exported function. */
  name: string;
  /** Calls it with every argument that it has. */
  call: (client: Client & SessionClient, options?: RequestOptions) => Promise<unknown>;
  /** What it must send. */
  request: ExpectedRequest;
  /** What the server answers. */
  answer: { status: number; body?: unknown };
  /** What the call must give. Defaults to the body of the answer. */
  result?: unknown;
  /** Calls that must be refused, by the name of the argument that the TypeError must tell. */
  bad?: Record<string, (client: Client & SessionClient) => Promise<unknown>>;
  /** An error of the server, as it answers this operation. */
  error: { status: number; body: unknown; reason?: string };
  /** Whether it is a connect session that calls. */
  session?: boolean;
}

const apiKey = '3f2b8c14-7d56-4e0a-9b1f-6c8a2d4e5f70';
const token = `nango_connect_session_${'0a'.repeat(32)}`;

/** Creates a client whose fetch notes each request and gives one answer. */
function scripted(row: Row, answer: { status: number; body?: unknown }) {
  const requests: ExpectedRequest[] = [];
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    url.searchParams.delete('connect_session_token');
    const headers = Object.fromEntries(new Headers(init.headers));
    const body = typeof init.body === 'string' && init.body ? JSON.parse(init.body) : init.body;
    requests.push({
      method: init.method!,
      target: url.pathname + url.search,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
      status: answer.status,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
  };
  const client = row.session ? createSessionClient({ token, fetch }) : createClient({ apiKey, fetch });
  return { client: client as Client & SessionClient, requests };
}

/** Runs the checks of a row. */
export async function checkRow(row: Row): Promise<void> {
  const { client, requests } = scripted(row, row.answer);
  const result = await row.call(client);
  assert.equal(result, 'result' in row ? row.result : row.answer.body, 'the result');
  assert.equal(requests.length, 1, 'one request');
  const { headers, ...request } = requests[0]!;
  const credentials = row.session && row.request.method === 'POST' ? {} : { authorization: `Bearer ${row.session ? token : apiKey}` };
  const json = row.request.body === undefined ? {} : { 'content-type': 'application/json' };
  const { headers: expectedHeaders, ...expected } = row.request;
  assert.equal(request, expected, 'the request');
  assert.equal(headers, { ...credentials, ...json, ...expectedHeaders }, 'its headers');

  for (const [argument, call] of Object.entries(row.bad ?? {})) {
    const sent = requests.length;
    const error = await call(client).then(() => undefined, (reason: unknown) => reason);
    assert.instance(error, TypeError, `a bad ${argument} is a TypeError`);
    assert.ok((error as Error).message.includes(argument), `"${(error as Error).message}" names ${argument}`);
    assert.is(requests.length, sent, `nothing is sent for a bad ${argument}`);
  }

  const failing = scripted(row, row.error);
  const error = await row.call(failing.client).then(() => undefined, (reason: unknown) => reason);
  assert.ok(isNangoError(error), 'an error of this library');
  assert.instance(error, NangoApiError);
  const failure = error as NangoApiError;
  const { method, target } = row.request;
  assert.is(failure.status, row.error.status);
  assert.is(failure.reason, row.error.reason);
  assert.equal(failure.body, row.error.body);
  assert.ok(failure.operation.startsWith(`${method} /`), failure.operation);
  assert.is(failure.operation.split('/').length, `${method} ${target.split('?')[0]}`.split('/').length, failure.operation);
}
