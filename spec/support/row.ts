// One row per operation: what it sends, what it gives back, what it refuses, and how it fails. Every operation has one.

import * as assert from 'uvu/assert';
import { createClient, createSessionClient, isNangoError, NangoApiError } from '../../lib/mod.ts';
import type { Client, RequestOptions, SessionClient } from '../../lib/mod.ts';
import { apiKey, json, rejection, script } from './support.ts';

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

const token = `nango_connect_session_${'0a'.repeat(32)}`;

/** Creates a client that gets one answer, and tells what it was asked. */
function answered(row: Row, { status, body }: { status: number; body?: unknown }) {
  const { fetch, sent } = script(body === undefined ? new Response(null, { status }) : json(body, { status }));
  const client = row.session ? createSessionClient({ token, fetch }) : createClient({ apiKey, fetch });
  return { client: client as Client & SessionClient, sent };
}

/** Runs the checks of a row. */
export async function checkRow(row: Row): Promise<void> {
  const { client, sent } = answered(row, row.answer);
  const result = await row.call(client);
  assert.equal(result, 'result' in row ? row.result : row.answer.body, 'the result');
  assert.equal(sent.length, 1, 'one request');
  const { method, url, headers, body } = sent[0]!;
  url.searchParams.delete('connect_session_token');
  const parsed = typeof body === 'string' && body ? JSON.parse(body) : body;
  const request = { method, target: url.pathname + url.search, ...(parsed === undefined ? {} : { body: parsed }) };
  const posted = row.session && row.request.method === 'POST';
  const credentials = posted ? {} : { authorization: `Bearer ${row.session ? token : apiKey}` };
  const type = row.request.body === undefined ? {} : { 'content-type': 'application/json' };
  const { headers: expectedHeaders, ...expected } = row.request;
  assert.equal(request, expected, 'the request');
  assert.equal(headers, { ...credentials, ...type, ...expectedHeaders }, 'its headers');

  for (const [argument, call] of Object.entries(row.bad ?? {})) {
    const error = await rejection(call(client));
    assert.instance(error, TypeError, `a bad ${argument} is a TypeError`);
    assert.ok(error.message.includes(argument), `"${error.message}" names ${argument}`);
    assert.is(sent.length, 1, `nothing is sent for a bad ${argument}`);
  }

  const failure: NangoApiError = await rejection(row.call(answered(row, row.error).client));
  assert.ok(isNangoError(failure), 'an error of this library');
  assert.instance(failure, NangoApiError);
  assert.is(failure.status, row.error.status);
  assert.is(failure.reason, row.error.reason);
  assert.equal(failure.body, row.error.body);
  const { operation } = failure;
  assert.ok(operation.startsWith(`${row.request.method} /`), operation);
  const depth = (path: string): number => path.split('/').length;
  assert.is(depth(operation), depth(`${row.request.method} ${row.request.target.split('?')[0]}`), operation);
}
