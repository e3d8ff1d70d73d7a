// The command `nango-fetch dev` as a process: what it prints, what it keeps, how it ends, and what it says about bad input.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('../../../scripts/dev.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dev-'));
test.after(() => rmSync(folder, { recursive: true }));

function start(...options: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const heard: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
      for (const wake of heard.splice(0)) wake();
    });
  }
  const ended = once(child, 'close') as Promise<[number | null]>;
  return {
    async says(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        const over = await Promise.race([
          new Promise<false>((wake) => heard.push(() => wake(false))),
          ended.then(() => true),
        ]);
        if (over && !pattern.test(output)) throw new Error(`It ended without ${pattern}: ${output}`);
      }
    },
    output: () => output,
    async end(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal);
      return (await ended)[0];
    },
    ended: async () => ({ code: (await ended)[0], output }),
  };
}

const fails = async (...options: string[]) => {
  const { code, output } = await start(...options).ended();
  assert.is(code, 1, output);
  return output.trim();
};

test('it prints what is needed, answers, keeps what was changed, and ends on both signals', async () => {
  const options = ['--port', '0', '--data', join(folder, 'kept')];
  const first = start(...options);
  const [, host = ''] = await first.says(/^host +(\S+)/m);
  const [, key = ''] = await first.says(/^key +(\S+)/m);
  await first.says(/^data +\S+nango\.json/m);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({
    provider: 'notion',
    unique_key: 'kept',
    credentials: { type: 'OAUTH2', client_id: 'a', client_secret: 'b' },
  });
  assert.is((await fetch(`${host}/integrations`, { method: 'POST', headers, body })).status, 200);
  await first.says(/POST \/integrations 200 [\d.]+ ms/);
  assert.is(await first.end('SIGINT'), 0);

  const second = start(...options, '--quiet');
  const [, again = ''] = await second.says(/^host +(\S+)/m);
  await second.says(/^data /m);
  assert.is((await fetch(`${again}/integrations/kept`, { headers })).status, 200);
  assert.is(await second.end('SIGTERM'), 0);
  assert.not.match(second.output(), 'GET /integrations');
});

test('a data file that was cut off is told with its line, and left as it is', async () => {
  const file = join(folder, 'kept', 'nango.json');
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.slice(0, -40));
  const output = await fails('--port', '0', '--data', join(folder, 'kept'));
  assert.match(output, /nango\.json cannot be read \(line \d+: .*\)\. Move it away/);
  assert.is(output.split('\n').length, 1);
  assert.is(readFileSync(file, 'utf8'), whole.slice(0, -40));
});

test('bad options are one clear line each', async () => {
  assert.match(await fails('--prot', '1'), /Unknown option '--prot'/);
  assert.match(await fails('--port', 'x'), '--port must be a number from 0 to 65535, not x');
  assert.match(await fails('serve'), 'Unknown command serve; there is only dev');
  assert.match(await fails('--webhooks', 'localhost'), '--webhooks must be a URL, not localhost');
  assert.match(await fails('--provider', join(folder, 'none')), 'names no file or folder');
});

test('a port in use is said', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.match(await fails('--port', String(port)), `Port ${port} is in use. Choose another one with --port`);
  server.close();
});

test('mistakes of a seed are named with their place', async () => {
  const file = join(folder, 'seed.json');
  writeFileSync(file, '{');
  assert.match(await fails('--seed', file), /seed\.json is no JSON/);
  assert.match(await fails('--seed', join(folder, 'none.json')), /cannot be read/);
  const seed = { integrations: [{ provider: 'github' }, { provider: 1, unique_key: 'a' }], conections: [] };
  writeFileSync(file, JSON.stringify(seed));
  const output = await fails('--seed', file);
  assert.match(output, 'integrations[0].unique_key is missing');
  assert.match(output, 'integrations[1].provider must be text, not 1');
  assert.match(output, 'conections is unknown');
  writeFileSync(file, JSON.stringify({ connections: [{ provider_config_key: 'a', connection_id: 'b' }] }));
  assert.match(await fails('--seed', file), 'connections[0].provider_config_key names no integration of the seed: a');
});

test('the routes under /_emulator/ do what createEmulator does, and refuse pages of other sites', async () => {
  const server = start('--port', '0');
  const [, host = ''] = await server.says(/^host +(\S+)/m);
  const [, key = ''] = await server.says(/^key +(\S+)/m);
  await server.says(/^data /m);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const own = async (method: string, path: string, body?: object, more: Record<string, string> = {}) => {
    const response = await fetch(`${host}/_emulator/${path}`, {
      method,
      headers: more,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() as Record<string, unknown> };
  };
  const connections = () => fetch(`${host}/connections`, { headers });
  assert.is((await own('POST', 'fail', { status: 503 })).status, 200);
  assert.is((await connections()).status, 503);
  assert.is((await own('POST', 'fail', { status: 503, times: 5 })).status, 200);
  assert.is((await own('POST', 'clearFaults')).status, 200);
  assert.is((await connections()).status, 200);

  const session = await fetch(`${host}/connect/sessions`, {
    method: 'POST',
    headers,
    body: '{"tags":{"end_user_id":"u"}}',
  });
  const { data } = await session.json() as { data: { token: string; connect_link: string } };
  assert.ok(data.connect_link.startsWith(`${host}/connect/?session_token=`), data.connect_link);
  assert.is((await fetch(data.connect_link)).headers.get('content-type'), 'text/html; charset=utf-8');
  const made = await own('POST', 'completeConnection', { token: data.token, integrationId: 'github' });
  assert.is(made.body['providerConfigKey'], 'github');
  assert.is((await own('POST', 'settled')).status, 200);
  assert.is((await own('GET', 'deliveries')).body['length'], 1);
  assert.ok(Number((await own('GET', 'requests')).body['length']) >= 3);
  assert.is((await own('POST', 'reset')).status, 200);
  assert.is(((await (await connections()).json()) as { connections: unknown[] }).connections.length, 1);
  assert.is((await own('GET', 'nothing')).status, 404);
  assert.is((await own('POST', 'reset', {}, { origin: 'https://evil.example' })).status, 403);
  assert.not.match(JSON.stringify((await own('GET', 'state')).body), key);
  assert.not.match(server.output(), data.token);
  assert.is(await server.end('SIGTERM'), 0);
});

test.run();
