// Turns answers into responses: headers, entity tag, 304, a chunked body, and the faults that break a body.

import { bodyBytes, entityTag } from './answer.ts';
import type { Answer, Bytes } from './answer.ts';
import { brokenBody } from './faults.ts';
import type { FaultRule } from './faults.ts';
import type { Exchange } from './request.ts';

// With these statuses a response cannot have a body.
const bodilessStatuses = [101, 204, 205, 304];

// Long bodies are sent in chunks of 64 KiB.
const chunkSize = 65_536;

/** Makes the response of an answer. */
export async function respond(
  { request, headers }: Exchange,
  answer: Answer,
  fault: FaultRule | undefined,
  now: number,
): Promise<Response> {
  if (answer.response) return answer.response(headers);
  const bytes = bodilessStatuses.includes(answer.status) ? null : bodyBytes(answer);
  const all = new Headers({ ...headers, ...answer.headers, date: new Date(now).toUTCString() });
  if (!bytes) return new Response(null, { status: answer.status, headers: all });

  const tag = answer.untagged === true ? undefined : await entityTag(bytes);
  if (tag !== undefined) all.set('etag', tag);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && answer.status === 200 && isKnown(tag, request.headers.get('if-none-match'))) {
    return new Response(null, { status: 304, headers: all });
  }
  if (answer.contentType !== null) all.set('content-type', answer.contentType ?? 'application/json; charset=utf-8');
  all.set('content-length', String(bytes.length));
  const init = { status: answer.status, headers: all };
  if (request.method === 'HEAD') return new Response(null, init);
  if (fault?.stall === 'body') return new Response(brokenBody(bytes.slice(0, 0), 'stall', request.signal), init);
  if (fault?.cut !== undefined && fault.cut !== false) {
    const kept = fault.cut === true ? Math.floor(bytes.length / 2) : fault.cut;
    return new Response(brokenBody(bytes.slice(0, kept), 'reset', request.signal), init);
  }
  const streams = request.signal !== undefined || bytes.length > chunkSize;
  return new Response(streams ? inChunks(bytes, request.signal) : bytes, init);
}

function isKnown(tag: string | undefined, known: string | null): boolean {
  if (tag === undefined || known === null) return false;
  return known === '*' || known.split(/\s*,\s*/).includes(tag);
}

/** A chunked body, which an abort ends like that of the platform's fetch. */
function inChunks(bytes: Bytes, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  let start = 0;
  let stop: () => void;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = () => {
          controller.error(signal?.reason);
        };
        signal?.addEventListener('abort', stop, { once: true });
      },
      pull(controller) {
        controller.enqueue(bytes.subarray(start, start + chunkSize));
        start += chunkSize;
        if (start < bytes.length) return;
        signal?.removeEventListener('abort', stop);
        controller.close();
      },
      cancel() {
        signal?.removeEventListener('abort', stop);
      },
    },
    // Nothing is enqueued ahead of a read, so an abort also ends what would already be buffered.
    { highWaterMark: 0 },
  );
}
