// Fetches that users hand to createClient: each fits as it is, and with what is its own added.

import { createClient, withRetry } from 'nango-fetch';
import nodeFetch from 'node-fetch';
import * as undici6 from 'undici-6';
import * as undici7 from 'undici-7';
import * as undici8 from 'undici-8';

const apiKey = 'key';
createClient({ apiKey, fetch: nodeFetch });
createClient({ apiKey, fetch: undici6.fetch });
createClient({ apiKey, fetch: undici7.fetch });
createClient({ apiKey, fetch: undici8.fetch });
createClient({ apiKey, fetch: withRetry({ fetch: undici7.fetch }) });

createClient({ apiKey, fetch: (url, init) => undici6.fetch(url, { ...init, dispatcher: new undici6.Agent() }) });
createClient({ apiKey, fetch: (url, init) => undici7.fetch(url, { ...init, dispatcher: new undici7.Agent() }) });
createClient({ apiKey, fetch: (url, init) => undici8.fetch(url, { ...init, dispatcher: new undici8.Agent() }) });
createClient({ apiKey, fetch: (url, init) => nodeFetch(url, { ...init, compress: false }) });
