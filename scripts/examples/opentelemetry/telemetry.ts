// Spans of OpenTelemetry for every request that goes over the wire, with the attributes of the HTTP client conventions.

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Attributes, Tracer } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from '@opentelemetry/semantic-conventions';
import { withHooks, withRetry } from 'nango-fetch';
import type { CallEvent, Fetch } from 'nango-fetch';

/** Makes a fetch that retries, and makes a span of each attempt. `host` is the one of the client. */
export function tracedFetch(
  tracer: Tracer,
  host: string,
  fetch?: Fetch,
): Fetch {
  const { hostname, port, protocol } = new URL(host);
  const record = (
    { operation, attempt }: CallEvent,
    milliseconds: number,
    outcome: Attributes,
  ): void => {
    const [method = '', path = ''] = operation.split(' ');
    const span = tracer.startSpan(operation, {
      kind: SpanKind.CLIENT,
      startTime: Date.now() - milliseconds,
      attributes: {
        [ATTR_HTTP_REQUEST_METHOD]: method,
        [ATTR_SERVER_ADDRESS]: hostname,
        [ATTR_SERVER_PORT]: Number(port) || (protocol === 'https:' ? 443 : 80),
        // The template instead of the path: who asks for which connection is nobody's business but yours.
        [ATTR_URL_FULL]: host + path,
        'url.template': path,
        ...(attempt > 1 && { [ATTR_HTTP_REQUEST_RESEND_COUNT]: attempt - 1 }),
        ...outcome,
      },
    });
    if (outcome[ATTR_ERROR_TYPE]) {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };
  // Inside of withRetry the hooks see each attempt, as the conventions want it.
  const hooked = withHooks({
    fetch,
    response: (event) =>
      record(event, event.milliseconds, {
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: event.status,
        ...(event.status >= 400 && { [ATTR_ERROR_TYPE]: `${event.status}` }),
      }),
    error: (event) => record(event, event.milliseconds, { [ATTR_ERROR_TYPE]: event.error }),
  });
  return withRetry({ fetch: hooked });
}
