// The Nango that the examples read from: the emulator behind node:http, which watches who reads what.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEmulator } from '../../../lib/testing/mod.ts';

/** How many records there are to read. */
export const recordCount = 3000;

/** A Nango with the records, and what it has seen. */
export interface Source {
  host: string;
  apiKey: string;
  /** The records, each with its place in the order of changes. */
  expected: Set<string>;
  /** How many pages were asked for. */
  pages: number;
  /** Is called for each page that is asked for, with the consumer that asks. */
  onPage: (consumer: string) => void;
  /** Is called when the last page goes out. */
  onEnd: (consumer: string) => void;
  close(): void;
}

/** Starts it. `ready` consumers wait for each other at the path `/ready`. */
export async function startSource(ready: number): Promise<Source> {
  const target = {
    providerConfigKey: 'shop',
    connectionId: 'c-1',
    model: 'Widget',
  };
  const emulator = createEmulator({
    integrations: [{ unique_key: 'shop', provider: 'unauthenticated' }],
    connections: [{ provider_config_key: 'shop', connection_id: 'c-1' }],
  });
  emulator.saveRecords(
    target,
    Array.from(
      { length: recordCount },
      (_, index) => ({ id: `w-${index}`, text: 'x'.repeat(200) }),
    ),
  );
  const expected = new Set<string>();
  for (
    const { id } of Array.from(
      { length: recordCount },
      (_, index) => ({ id: `w-${index}` }),
    )
  ) {
    const record = emulator.getRecord(target, id) as {
      _nango_metadata: { cursor: string };
    };
    expected.add(`${id} ${record._nango_metadata.cursor}`);
  }
  const waiting: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/ready') {
      waiting.push(() => response.end('go'));
      if (waiting.length >= ready) { for (const go of waiting) go(); }
      return;
    }
    const consumer = String(request.headers['x-consumer'] ?? '');
    source.pages++;
    source.onPage(consumer);
    await sleep(4);
    const answer = await emulator.fetch(emulator.host + request.url, {
      headers: request.headers as Record<string, string>,
    });
    const body = await answer.text();
    if (body.includes('"next_cursor":null')) source.onEnd(consumer);
    response.writeHead(answer.status, [...answer.headers].flat());
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const source: Source = {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: emulator.apiKey,
    expected,
    pages: 0,
    onPage: () => {},
    onEnd: () => {},
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return source;
}
