// Every kind of call, made against a hostile server, and how it ended, in one line.

import { request } from 'undici';
import { Nango } from '../../../lib/compat/mod.ts';
import {
  consumeRecords,
  createClient,
  createProxyFetch,
  iterateRecords,
  listRecords,
  proxy,
  streamRecords,
  waitForConnection,
} from '../../../lib/mod.ts';
import type { Client, Fetch, FetchInit, FetchResponse } from '../../../lib/mod.ts';
import { fromUndici } from '../../../lib/undici/mod.ts';
import { apiKey, textOf } from '../../support/support.ts';
import type { Call } from './kinds.ts';

const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const input = { ...connection, model: 'Issue' };

/** The calls: each gives a word on its success. */
const calls: Record<Call, (client: Client, host: string, timeout: number, patient: boolean) => Promise<string>> = {
  json: async (client) => sent(await listRecords(client, input)),
  iterate: async (client) => {
    let records = 0;
    for await (const _ of iterateRecords(client, input)) records++;
    return count(records);
  },
  consume: async (client) => {
    let records = 0;
    await consumeRecords(client, { ...input, store: new Map(), handle: ({ added }) => void (records += added.length) });
    return count(records);
  },
  stream: async (client) => count((await new Response(streamRecords(client, input)).text()).split('\n').length - 1),
  proxy: async (client, _, timeout) => responded(await proxy(client, { ...connection, endpoint: '/x' }, { timeout })),
  proxyFetch: async (client, _, timeout) =>
    responded(await createProxyFetch(client, connection)('/x', { signal: AbortSignal.timeout(timeout) })),
  wait: async (client, _, timeout, patient) => {
    const tags = { end_user_id: 'u' };
    const times = { interval: 20, timeout: patient ? timeout : 80 };
    const found = await waitForConnection(client, { providerConfigKey: 'github', tags, ...times }, { timeout });
    return found.connection_id === 'c-1' ? 'ok' : 'wrong';
  },
  class: async (_, host, timeout) => sent(await new Nango({ secretKey: apiKey, host }, { timeout }).listRecords(input)),
};

/** The names of the calls. */
export const callNames = Object.keys(calls) as Call[];

/** The fetches that the calls are made on. */
export const fetches: Record<string, Fetch | undefined> = {
  fetch: undefined,
  undici: fromUndici(request) as (url: string, init: FetchInit) => Promise<FetchResponse>,
};

/** All that the calls have shown to anybody: errors with their causes and stacks. */
export const shown: string[] = [];

/** What a page is like that is given as the server sent it. */
function sent(page: { records?: unknown } | null | undefined): string {
  return Array.isArray(page?.records) ? count(page.records.length) : 'as it was sent';
}

function count(records: number): string {
  return records === 2 ? 'ok' : `${records} records`;
}

/** Reads a provider's response to its end. */
async function responded(response: Response): Promise<string> {
  try {
    const { length } = await response.text();
    return `${response.status}, ${length > 999 ? 'long' : length ? 'text' : 'empty'}`;
  } catch (error) {
    // Whether the head came in time depends on how fast the machine is. What else breaks a body is the fetch's own error.
    if (/Timeout/.test((error as Error).name)) throw error;
    shown.push(textOf(error));
    return `${response.status}, then a failure`;
  }
}

/** Says what an error is: its class, code, status, reason and the time that the server asked for. */
function word(error: unknown): string {
  shown.push(textOf(error));
  const { name, code, status, reason, retryAfter, response } = error as Record<string, unknown>;
  // The causes of a wait depend on how fast the machine is.
  if (code === 'wait_timeout') return `${name} ${code}`;
  return [
    name,
    // A machine may have no resolver, and the class passes on codes that differ between versions of undici.
    typeof code === 'string' && code.replace('EAI_AGAIN', 'ENOTFOUND').replace(/^(HPE|UND_ERR|Z)_\w+/, 'ERR_NETWORK'),
    status ?? (response as { status?: number } | undefined)?.status,
    reason,
    retryAfter !== undefined && `after ${Math.round(retryAfter as number / 10) * 10} s`,
  ].filter(Boolean).join(' ');
}

/** Makes a call on a fetch, and says how it ended. */
export async function outcome(
  call: Call,
  fetch: Fetch | undefined,
  host: string,
  timeout: number,
  patient: boolean,
): Promise<string> {
  const client = createClient({ apiKey, host, timeout, fetch });
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const hung = new Promise<string>((resolve) => (watchdog = setTimeout(() => resolve('hangs'), 20_000)));
  try {
    return await Promise.race([calls[call](client, host, timeout, patient), hung]);
  } catch (error) {
    return word(error);
  } finally {
    clearTimeout(watchdog);
  }
}
