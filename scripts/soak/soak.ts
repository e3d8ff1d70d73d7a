// A night in a few minutes: `npm run soak`, or `npm run soak -- --calls 20000`. Mixed calls over loopback against a server
// that breaks one request in twenty, through withHooks, withRetry and withRateLimit. Nothing may be lost, doubled or hung,
// and memory must stay as it is.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  createClient,
  createConnectSession,
  iterateRecords,
  listConnections,
  listRecords,
  proxy,
  withHooks,
  withRateLimit,
  withRetry,
} from '../../lib/mod.ts';
import { createRandom } from '../fuzz/random.ts';

const { values } = parseArgs({ options: { calls: { type: 'string' }, seed: { type: 'string' } } });
const calls = Number(values.calls ?? 200_000);
const random = createRandom(Number(values.seed ?? 1));
const connection = { providerConfigKey: 'github', connectionId: 'c-1' };
const metadata = { first_seen_at: '', last_modified_at: '', last_action: 'ADDED', deleted_at: null, cursor: 'k' };

const counts = { requests: 0, injected: 0, retried: 0, surfaced: 0, sessions: 0 };

/** Records come in three pages of two. */
function page(cursor: string | null): string {
  const at = Number(cursor ?? 0);
  const records = [0, 1].map((index) => ({ id: `${at * 2 + index}`, _nango_metadata: metadata }));
  return JSON.stringify({ records, next_cursor: at < 2 ? `${at + 1}` : null });
}

const server = createServer((request, response) => {
  counts.requests++;
  const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
  const posted = request.method === 'POST';
  const body = pathname === '/records'
    ? page(searchParams.get('cursor'))
    : pathname === '/connections'
    ? '{"connections":[{"id":1}]}'
    : posted
    ? '{"data":{"token":"t"}}'
    : '{"provider":true}';
  request.resume();
  request.once('end', () => {
    response.setHeader('content-type', 'application/json');
    const headers = { 'x-ratelimit-limit': '99999', 'x-ratelimit-remaining': '99000' };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('x-ratelimit-reset', Math.ceil(Date.now() / 60_000) * 60);
    // A 429 holds all calls back for a second.
    if (counts.requests % 10_000 === 0) {
      counts.injected++;
      return void response.writeHead(429, { 'retry-after': '0', 'x-ratelimit-remaining': '0' }).end();
    }
    if (random.chance(0.05)) {
      counts.injected++;
      // What is posted may not be done twice, so that only refusals are retried.
      const kind = posted ? 0 : random.below(4);
      if (kind === 0) return void response.writeHead(503, { 'retry-after': '0' }).end();
      if (kind === 1) return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>');
      return void (kind === 2 ? request.socket.destroy() : request.socket.resetAndDestroy());
    }
    if (posted) counts.sessions++;
    response.end(body);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const fetch = withHooks({
  fetch: withRetry({ fetch: withRateLimit(), limit: 12, random: () => 0.01, sleep: async () => {} }),
  retry: () => void counts.retried++,
});
const client = createClient({ apiKey: 'soak', host, fetch, timeout: 60_000 });

let lost = 0;
let doubled = 0;
let answered = 0;
let posted = 0;

/** Makes one call, and counts what is missing from its answer. */
async function call(kind: number): Promise<void> {
  try {
    if (kind === 0) {
      const ids: string[] = [];
      for await (const { id } of iterateRecords(client, { ...connection, model: 'Issue' })) ids.push(id);
      lost += 6 - new Set(ids).size;
      doubled += ids.length - new Set(ids).size;
    } else if (kind === 1) lost += 2 - (await listRecords(client, { ...connection, model: 'Issue' })).records.length;
    else if (kind === 2) lost += 1 - (await listConnections(client)).connections.length;
    else if (kind === 3) {
      await createConnectSession(client, { tags: { a: 'b' } });
      posted++;
    } else {lost += Number(
        (await (await proxy(client, { ...connection, endpoint: '/x' }, { timeout: 60_000 })).json()).provider !== true,
      );}
    answered++;
  } catch (error) {
    counts.surfaced++;
    if (counts.surfaced < 4) console.log(`surfaced: ${error}`);
  }
}

// What the collector has not come to yet is no leak.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const memory = (): number => {
  collect();
  return process.memoryUsage().rss;
};

const begin = performance.now();
let warm = 0;
for (let done = 0; done < calls; done += 50) {
  await Promise.all(Array.from({ length: Math.min(50, calls - done) }, () => call(random.below(5))));
  if (done >= calls / 4 && !warm) warm = memory();
  if (done % 20_000 === 0) console.log(`${done} calls, ${(memory() / 2 ** 20).toFixed(0)} MB`);
}
const rss = memory();
server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));

console.log(`
calls                ${calls} in ${((performance.now() - begin) / 1000).toFixed(0)} s, ${counts.requests} requests
faults injected      ${counts.injected}
retried              ${counts.retried}
surfaced             ${counts.surfaced}
records lost         ${lost}
records doubled      ${doubled}
posts made, counted  ${counts.sessions}, ${posted}
memory               ${(warm / 2 ** 20).toFixed(0)} MB warm, ${(rss / 2 ** 20).toFixed(0)} MB at the end`);
const holds: Record<string, boolean> = {
  'every call is answered or surfaced': answered + counts.surfaced === calls,
  'nothing surfaces': counts.surfaced === 0,
  'nothing is lost': lost === 0,
  'nothing comes twice': doubled === 0,
  'what is posted is done once': counts.sessions === posted,
  'every fault is retried': counts.retried === counts.injected,
  'memory stays within 10 %': rss < warm * 1.1,
};
const broken = Object.entries(holds).filter(([, held]) => !held).map(([name]) => name);
for (const name of broken) console.log(`FAIL ${name}`);
console.log(`${Object.keys(holds).length - broken.length} passed, ${broken.length} failed`);
process.exit(broken.length ? 1 : 0);
