// A hostile server on a socket of its own: it takes one request of a connection and answers with bytes of its choice.

import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What a fault does with a connection once its request is there. `good` is the body that would be right. */
export type Answer = (socket: Socket, good: string, request: string) => void;

/** A server that misbehaves. */
export interface HostileServer {
  host: string;
  /** How many requests came. */
  requests(): number;
  close(): Promise<void>;
}

/** The body that each kind of call takes for a whole success. */
function goodBody(request: string): string {
  if (request.includes(' /records')) return JSON.stringify({ records: [record(1), record(2)], next_cursor: null });
  if (request.includes(' /connections')) return JSON.stringify({ connections: [{ id: 1, connection_id: 'c-1' }] });
  return JSON.stringify({ provider: 'said so' });
}

/** A record that is long enough to be cut. */
function record(id: number): object {
  const metadata = {
    first_seen_at: '',
    last_modified_at: '',
    last_action: 'ADDED',
    deleted_at: null,
    cursor: `k${id}`,
  };
  return { id: `${id}`, text: 'x'.repeat(2000), _nango_metadata: metadata };
}

/** Starts a server that answers as told. */
export async function serve(answer: Answer): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {
      // Clients that give up reset their connections.
    });
    socket.on('close', () => sockets.delete(socket));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const request = received.slice(0, end);
      received = '';
      requests++;
      answer(socket, goodBody(request), request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Writes the head of an answer. */
export function head(status: string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

/** Answers with a status, headers and a body whose length is right. */
export function reply(status: string, body: string | Buffer = '', headers: Record<string, string> = {}): Answer {
  return (socket) => {
    const bytes = Buffer.from(body);
    socket.write(head(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers }));
    socket.write(bytes);
  };
}

/** Gives a port that nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
