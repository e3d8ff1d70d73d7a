// Types of the core: fetches that fit without a cast, and inputs and results that are what they say.

import type { request as undiciRequest } from 'undici';
import type * as undici from 'undici';
import { createClient, invokeFunction, listRecords, proxy, withRetry } from '../../lib/mod.ts';
import type { Client, InvokeFunctionInput, NangoRecord, PlatformFetch } from '../../lib/mod.ts';
import { fromUndici } from '../../lib/undici/mod.ts';

declare const undiciFetch: typeof undici.fetch;
declare const request: typeof undiciRequest;
declare const dispatcher: undici.Dispatcher;
declare const client: Client;
const apiKey = 'key';

createClient({ apiKey, fetch });
createClient({ apiKey, fetch: undiciFetch });
createClient({ apiKey, fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) });
createClient({ apiKey, fetch: fromUndici(request, { dispatcher }) });
createClient({ apiKey, fetch: withRetry() });
createClient({ apiKey, fetch: withRetry({ fetch: fromUndici(request) }) });
const platform: PlatformFetch = withRetry();
void platform('https://example.com');

const id: string = (null as unknown as NangoRecord<{ id: number }>)['id'];
void id;

declare const invocation: InvokeFunctionInput;
void invokeFunction(client, invocation);

interface Issue {
  title: string;
}
declare const issue: Issue;
const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
void proxy(client, { ...connection, endpoint: '/x', method: 'POST', body: issue });
void proxy(client, { ...connection, endpoint: '/x', method: 'POST', body: { title: 'x' } });
// @ts-expect-error a Map is no JSON
void proxy(client, { ...connection, endpoint: '/x', method: 'POST', body: new Map() });
// @ts-expect-error a Date is no JSON
void proxy(client, { ...connection, endpoint: '/x', method: 'POST', body: new Date() });

void listRecords(client, { ...connection, model: 'Issue', filter: 'deleted' });
void listRecords(client, { ...connection, model: 'Issue', filter: ['added', 'updated'] });
// @ts-expect-error the server would leave out deletions
void listRecords(client, { ...connection, model: 'Issue', filter: ['added', 'deleted'] });
