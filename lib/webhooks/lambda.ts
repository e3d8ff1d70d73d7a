// Mounts a handler of requests on AWS Lambda, behind API Gateway, a function URL or a load balancer.

/** What is needed of the event of a Lambda, in both of its payload forms: 1.0 and 2.0. */
export interface LambdaEvent {
  /** The method, of form 1.0 and of load balancers. */
  httpMethod?: string | undefined;
  /** The path, of form 1.0 and of load balancers. */
  path?: string | undefined;
  /** The path, of form 2.0. */
  rawPath?: string | undefined;
  /** The query, of form 2.0. */
  rawQueryString?: string | undefined;
  requestContext?: { http?: { method: string } | undefined } | undefined;
  /** The headers, in any case. */
  headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  /** The headers of form 1.0 with all of their values. */
  multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null | undefined;
  /** The body: text, or base64. */
  body?: string | null | undefined;
  /** Whether the body is base64. */
  isBase64Encoded?: boolean | undefined;
}

/** What a Lambda gives back; both payload forms take it. */
export interface LambdaResult {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Mounts a handler of requests, such as that of `createWebhookHandler`, on AWS Lambda: for the payload forms 1.0 and 2.0 of
 * API Gateway, function URLs and load balancers, with bodies in text and in base64. Form 1.0 does not keep the query as it was
 * sent, so there it is left out.
 *
 * @example
 * ```ts
 * import { createWebhookHandler, toLambdaHandler } from 'nango-fetch/webhooks';
 *
 * export const handler = toLambdaHandler(
 *   createWebhookHandler({ keys: '<SIGNING-KEY>', on: { auth: (event) => console.log(event.connectionId) } }),
 * );
 * ```
 */
export function toLambdaHandler(
  handler: (request: Request) => Promise<Response>,
): (event: LambdaEvent) => Promise<LambdaResult> {
  return async (event) => {
    const response = await handler(requestOf(event));
    return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
}

function requestOf(event: LambdaEvent): Request {
  const method = event.requestContext?.http?.method ?? event.httpMethod ?? 'GET';
  const headers = new Headers();
  // Load balancers give one of the two.
  for (const [name, value] of Object.entries(event.multiValueHeaders ?? event.headers ?? {})) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const url = `https://${headers.get('host') ?? 'localhost'}${event.rawPath ?? event.path ?? '/'}${query}`;
  const text = event.body ?? '';
  const body = event.isBase64Encoded ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : text;
  return new Request(url, { method, headers, ...(/^(GET|HEAD)$/.test(method) ? {} : { body }) });
}
