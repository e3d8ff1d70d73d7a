// The server of the benchmark, in a process of its own: answers from memory, as Nango does, so that it costs the clients nothing.
// What it serves is said by the base path of the host:
//
//   /{bytes}/connections/…                 a connection of about so many bytes
//   /{records}/{delay}/records?limit=…     so many records by pages, each after so many milliseconds

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How many records there are to tell apart; longer lists repeat them. */
const distinct = 100_000;

const authors = [
  'octocat',
  'hubot',
  'mona-lisa',
  'defunkt',
  'wanstrath',
  'pjhyett',
];
const labels = [
  'bug',
  'docs',
  'enhancement',
  'good first issue',
  'wontfix',
  'needs triage',
];
const words =
  'the sync fails when a page "breaks off" in the middle of a record; see C:\\logs and naïve café résumé – 日本 for'
    .split(' ');

/** Makes a record of 350 to 700 bytes, as an issue tracker has them. */
function record(index: number): object {
  const stamp = new Date(Date.UTC(2026, 0, 1) + index * 61_000).toISOString()
    .replace('Z', '+00:00');
  const text = Array.from(
    { length: 4 + ((index * 7) % 31) },
    (_, at) => words[(index + at * 5) % words.length],
  );
  return {
    id: `${4_000_000_000 + index}`,
    number: index,
    title: `Issue ${index}: ${text.slice(0, 5).join(' ')}`,
    state: index % 3 ? 'open' : 'closed',
    body: text.join(' '),
    author: { login: authors[index % authors.length], id: 1000 + (index % 97) },
    labels: labels.slice(index % 3, index % 5),
    comments: index % 13,
    reactions: { total: index % 7, ratio: (index % 7) / 3 },
    closed_at: index % 3 ? null : stamp,
    _nango_metadata: {
      first_seen_at: stamp,
      last_modified_at: stamp,
      last_action: index % 4 ? 'ADDED' : 'UPDATED',
      deleted_at: null,
      pruned_at: null,
      cursor: Buffer.from(`${stamp}||${index}`).toString('base64'),
    },
  };
}

// All records in one buffer, joined by commas, and where each begins.
const starts: number[] = [];
const texts: string[] = [];
let length = 0;
for (let index = 0; index < distinct; index++) {
  const text = `${JSON.stringify(record(index))},`;
  starts.push(length);
  length += Buffer.byteLength(text);
  texts.push(text);
}
starts.push(length);
const all = Buffer.from(texts.join(''));
texts.length = 0;
const close = Buffer.from(']}');

const connections = new Map<string, Buffer>();
function connection(bytes: string): Buffer {
  let body = connections.get(bytes);
  if (!body) {
    const metadata: Record<string, string> = {};
    const whole = {
      id: 1,
      connection_id: 'c-1',
      provider_config_key: 'github',
      provider: 'github',
      errors: [],
      end_user: null,
      tags: { team: 'core' },
      metadata,
      connection_config: {},
      created_at: '2026-11-22T17:31:25.831Z',
      updated_at: '2026-11-22T17:31:25.831Z',
      credentials: {
        type: 'OAUTH2',
        access_token: 'gho_16C7e42F292c6912E7710c838347Ae178B4a',
        raw: {},
      },
    };
    for (
      let size = JSON.stringify(whole).length;
      size < Number(bytes) - 50;
      size += 62
    ) {
      metadata[`field_${size}`.padEnd(14, '_')] = `value ${size}`.padEnd(
        43,
        '.',
      );
    }
    body = Buffer.from(JSON.stringify(whole));
    connections.set(bytes, body);
  }
  return body;
}

/** Gives a page: what stands before its records, and they themselves. The cursor is the index of the first record. */
function page(count: number, limit: number, from: number): Buffer[] {
  const next = from + limit < count ? `"${Buffer.from(`${from + limit}`.padStart(64, '0')).toString('base64')}"` : null;
  const begin = from % distinct;
  const bytes = all.subarray(
    starts[begin],
    starts[Math.min(begin + Math.min(limit, count - from), distinct)]! - 1,
  );
  return [Buffer.from(`{"next_cursor":${next},"records":[`), bytes, close];
}

const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://localhost');
  const [, first, second] = url.pathname.split('/') as [string, string, string];
  let parts: Buffer[];
  let delay = 0;
  if (url.pathname.includes('/records')) {
    delay = Number(second);
    const cursor = url.searchParams.get('cursor');
    const from = cursor ? Number(Buffer.from(cursor, 'base64').toString()) : 0;
    parts = page(Number(first), Number(url.searchParams.get('limit')), from);
  } else parts = [connection(first)];
  const answer = (): void => {
    response.writeHead(200, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Authorization, Etag, Content-Type, Content-Length, X-RateLimit-Limit',
      'x-ratelimit-limit': '100000',
      'x-ratelimit-remaining': '99999',
      'x-ratelimit-reset': '1795369015',
      'content-type': 'application/json; charset=utf-8',
      'content-length': parts.reduce((sum, part) => sum + part.length, 0),
      etag: 'W/"b2a7-SgljSSHER5OdAMD1p2MeiQx9XsA"',
    });
    for (const part of parts) response.write(part);
    response.end();
  };
  if (delay > 0) setTimeout(answer, delay);
  else answer();
});
// No connection ends between two rounds.
server.keepAliveTimeout = 0;
server.listen(
  0,
  '127.0.0.1',
  () => console.log((server.address() as AddressInfo).port),
);
process.stdin.on('end', () => process.exit()).resume();
