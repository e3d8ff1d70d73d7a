// The emulator behind node:http: what arrives, and what its faults are on real sockets.

import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEmulator, type Emulator } from '../../lib/testing/mod.ts';
import { serve } from '../../lib/dev/server.ts';

const target = { providerConfigKey: 'plain', connectionId: 'org/team 1', model: 'Widget' };

async function serving(run: (url: string, emulator: Emulator) => Promise<void>): Promise<void> {
  const emulator = createEmulator({
    integrations: [{ provider: 'unauthenticated', unique_key: 'plain' }],
    connections: [{ provider_config_key: 'plain', connection_id: 'org/team 1' }],
  });
  const running = await serve(emulator);
  try {
    await run(running.url, emulator);
  } finally {
    await running.close();
  }
}

/** Sends lines as they are and gives all that comes back. */
function raw(url: string, text: string): Promise<{ text: string; error: NodeJS.ErrnoException | undefined }> {
  return new Promise((done) => {
    let received = '';
    let error: NodeJS.ErrnoException | undefined;
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('error', (reason) => (error = reason));
    socket.on('close', () => done({ text: received, error }));
  });
}

const get = (path: string, key: string) =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n\r\n`;

test('a client talks to it over HTTP, long bodies included', async () => {
  await serving(async (url, emulator) => {
    emulator.saveRecords(
      target,
      Array.from({ length: 2000 }, (_, id) => ({ id, text: 'x'.repeat(100) })),
    );
    const headers = {
      authorization: `Bearer ${emulator.apiKey}`,
      'provider-config-key': 'plain',
      'connection-id': 'org/team 1',
    };
    const response = await fetch(`${url}/records?model=Widget&limit=2000`, { headers });
    assert.is(response.status, 200);
    assert.is(((await response.json()) as { records: unknown[] }).records.length, 2000);
    const posted = await fetch(`${url}/connections/metadata`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ provider_config_key: 'plain', connection_id: 'org/team 1', metadata: { a: 'ü' } }),
    });
    assert.is(posted.status, 201);
    assert.equal(((await posted.json()) as { metadata: object }).metadata, { a: 'ü' });
  });
});

test('paths arrive as they were sent', async () => {
  await serving(async (url, emulator) => {
    const { text } = await raw(url, get('/connections/%2e%2e?provider_config_key=plain', emulator.apiKey));
    assert.match(text, /^HTTP\/1\.1 404/);
    assert.match(text, 'Failed to find connection');
  });
});

test('a reset, a cut and a stall are real', async () => {
  await serving(async (url, emulator) => {
    emulator.fail({ reset: true });
    const reset = await raw(url, get('/connections', emulator.apiKey));
    assert.equal([reset.text, reset.error?.code], ['', 'ECONNRESET']);

    emulator.fail({ cut: 10 });
    const cut = await raw(url, get('/connections', emulator.apiKey));
    assert.ok(cut.text.endsWith('\r\n\r\n{"connecti'), cut.text);
    assert.match(cut.text, /content-length: \d{3}/);

    emulator.fail({ stall: 'body' });
    const controller = new AbortController();
    const headers = { authorization: `Bearer ${emulator.apiKey}` };
    const response = await fetch(`${url}/connections`, { headers, signal: controller.signal });
    assert.is(response.status, 200);
    setTimeout(() => controller.abort(), 5);
    const failed = await response.text().catch((error: Error) => error.name);
    assert.is(failed, 'AbortError');
  });
});

test.run();
