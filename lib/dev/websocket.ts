// The server's side of a WebSocket, as far as the official browser client needs it: it listens for a line or two of text.

import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The sockets that wait for an authorization. */
export interface Sockets {
  /** Takes a connection over from node:http and greets it. */
  accept(request: IncomingMessage, socket: Duplex): void;
  /** Sends to one of them. Does nothing when it is gone. */
  send(id: string, message: object): void;
  /** Closes all of them. */
  close(): void;
}

// What RFC 6455 has servers add to the key of the client.
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const closeFrame = Buffer.from([0x88, 0]);

/** Makes a set of sockets. */
export function createSockets(): Sockets {
  const open = new Map<string, Duplex>();
  return {
    accept(request, socket) {
      const key = request.headers['sec-websocket-key'];
      if (key === undefined) {
        socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
        return;
      }
      const accept = createHash('sha1').update(key + guid).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      );
      const id = randomUUID();
      open.set(id, socket);
      socket.on('close', () => open.delete(id));
      socket.on('error', () => open.delete(id));
      socket.on('data', (chunk: Buffer) => {
        // Clients only say goodbye.
        if (((chunk[0] ?? 0) & 0x0f) === 8) socket.end(closeFrame);
      });
      socket.write(frame(JSON.stringify({ message_type: 'connection_ack', ws_client_id: id })));
    },
    send(id, message) {
      open.get(id)?.write(frame(JSON.stringify(message)));
    },
    close() {
      for (const socket of open.values()) socket.end(closeFrame);
    },
  };
}

function frame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = bytes.length < 126
    ? Buffer.from([0x81, bytes.length])
    : Buffer.from([0x81, 126, bytes.length >> 8, bytes.length & 0xff]);
  return Buffer.concat([head, bytes]);
}
