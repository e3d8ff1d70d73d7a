// What the specs of the emulator share: calling it by hand, as a client in any language would.

import type { Emulator } from '../../lib/testing/mod.ts';

/** An answer, read. */
export interface Answered {
  status: number;
  headers: Headers;
  /** The body: parsed where it is JSON. */
  body: any;
}

/** What a call carries. */
export interface Sending {
  body?: unknown;
  /** Headers that identify a connection: provider config key and connection id. */
  of?: readonly [string, string];
  headers?: Record<string, string>;
  /** The key, `null` for none. Defaults to the emulator's. */
  key?: string | null;
}

/** Calls the emulator, e.g. `call(emulator, 'GET /connections')`. */
export async function call(emulator: Emulator, line: string, sending: Sending = {}): Promise<Answered> {
  const [method = 'GET', path = '/'] = line.split(' ');
  const { body, of, headers = {}, key = emulator.apiKey } = sending;
  const response = await emulator.fetch(emulator.host + path, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(of ? { 'provider-config-key': of[0], 'connection-id': of[1] } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown = text;
  if (text !== '' && response.headers.get('content-type')?.includes('json')) parsed = JSON.parse(text);
  return { status: response.status, headers: response.headers, body: parsed };
}

/** The error of an answer, in short: its code and the codes and paths of its issues. */
export function refusal({ status, body }: Answered): string {
  const issues = (body.error?.errors ?? []) as { code: string; path: string[] }[];
  return [status, body.error?.code, ...issues.map(({ code, path }) => `${code}@${path.join('.')}`)].join(' ');
}
