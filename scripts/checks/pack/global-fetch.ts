// The fetch that is there, in whatever scope this is compiled for.

import { createClient, withRetry } from 'nango-fetch';

createClient({ apiKey: 'key', fetch });
createClient({ apiKey: 'key', fetch: withRetry({ fetch }) });
createClient({ apiKey: 'key', fetch: (url, init) => fetch(url, init) });
