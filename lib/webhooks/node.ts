// Mounts a handler of requests on Node's own HTTP server, and on what is built on it: Express, Fastify, Nest.

/** What is needed of Node's `IncomingMessage`, and of what frameworks add to it. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  /** The URL before a router cut off where it is mounted; of Express. */
  originalUrl?: string | undefined;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What a body parser left. */
  body?: unknown;
  /** The raw body, where a framework was told to keep it: Nest with `rawBody: true`, Google's Functions Framework. */
  rawBody?: unknown;
  /** Whether somebody read the body before. */
  readableDidRead?: boolean | undefined;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** What is needed of Node's `ServerResponse`. */
export interface NodeResponse {
  readonly headersSent: boolean;
  writeHead(status: number, headers: string[]): unknown;
  write(chunk: Uint8Array): boolean;
  end(text?: string): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain', listener: () => void): unknown;
}

/** A listener for `http.createServer` and `app.post()`. */
export type NodeListener = (
  request: NodeRequest,
  response: NodeResponse,
  next?: (error: unknown) => void,
) => Promise<void>;

/**
 * Mounts a handler of requests, such as that of `createWebhookHandler`, on Node's HTTP server, Express, Fastify (on
 * `request.raw` and `reply.raw`) or Nest. The body has to be raw: mount this before `express.json()`, or behind
 * `express.raw({ type: () => true })`, or have Nest keep the raw body (`rawBody: true`).
 *
 * What fails goes to Express's `next`, and is answered with a 500 that says why where there is none.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createWebhookHandler, toNodeListener } from 'nango-fetch/webhooks';
 *
 * const handler = createWebhookHandler({ keys: '<SIGNING-KEY>', on: { auth: (event) => console.log(event.connectionId) } });
 * createServer(toNodeListener(handler)).listen(3000);
 * ```
 */
export function toNodeListener(handler: (request: Request) => Promise<Response>): NodeListener {
  return async (incoming, outgoing, next) => {
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    try {
      await respond(await handler(requestOf(incoming, gone.signal)), outgoing, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      if (outgoing.headersSent) outgoing.destroy();
      else if (next) next(error);
      else {
        outgoing.writeHead(500, ['content-type', 'text/plain; charset=utf-8']);
        outgoing.end(error instanceof BodyError ? error.message : 'The request could not be handled');
        if (!(error instanceof BodyError)) throw error;
      }
    }
  };
}

/** A body that somebody else has read and parsed. */
class BodyError extends TypeError {}

function requestOf(incoming: NodeRequest, signal: AbortSignal): Request {
  const { method = 'GET', headers: given, url = '/', originalUrl = url } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    // HTTP/2 has its method and path among the headers.
    if (!name.startsWith(':')) { for (const each of [value ?? []].flat()) headers.append(name, each); }
  }
  const body = /^(GET|HEAD)$/.test(method) ? null : bodyOf(incoming);
  const host = headers.get('host') ?? given[':authority'] ?? 'localhost';
  // Node's fetch wants `duplex` where a stream is sent, and DOM's types do not know it.
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' };
  return new Request(`http://${host}${originalUrl}`, init);
}

function bodyOf(incoming: NodeRequest): BodyInit {
  if (!incoming.readableDidRead) return streamOf(incoming);
  for (const raw of [incoming.rawBody, incoming.body]) {
    if (typeof raw === 'string' || raw instanceof Uint8Array) return raw as BodyInit;
  }
  throw new BodyError('The body was parsed before: mount this before express.json(), or keep the raw body');
}

function streamOf(incoming: NodeRequest): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Once it has ended or failed, no more can be said of it.
      let open = true;
      const finish = (act: () => void) => (): void => {
        if (open) act();
        open = false;
      };
      incoming.on('data', (chunk) => {
        if (!open) return;
        controller.enqueue(new Uint8Array(chunk));
        if (controller.desiredSize! <= 0) incoming.pause();
      });
      incoming.on('end', finish(() => controller.close()));
      incoming.on('error', (error) => finish(() => controller.error(error))());
      incoming.on('close', finish(() => controller.error(new Error('The request was cut off'))));
    },
    pull: () => void incoming.resume(),
    // The rest of the body is not kept, so that the answer can go out and the connection can be used again.
    cancel: () => void incoming.resume(),
  });
}

async function respond(response: Response, outgoing: NodeResponse, signal: AbortSignal): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  const reader = response.body?.getReader();
  let drained = (): void => {};
  outgoing.on('drain', () => drained());
  outgoing.on('close', () => drained());
  for (let read; reader && !(read = await reader.read()).done;) {
    const waited = new Promise<void>((resolve) => (drained = resolve));
    if (!outgoing.write(read.value)) await waited;
    if (signal.aborted) return reader.cancel(signal.reason);
  }
  outgoing.end();
}
