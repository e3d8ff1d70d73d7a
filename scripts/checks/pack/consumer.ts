// A program of a user, for the compilers: what it uses must be there, with the types that the documentation tells.

import {
  type Client,
  createClient,
  type Fetch,
  getConnection,
  isNangoError,
  iterateRecords,
  listRecords,
  type ListRecordsResult,
  NangoApiError,
  type NangoRecord,
  withRetry,
} from 'nango-fetch';
import { createEmulator, type Emulator } from 'nango-fetch/testing';
import { type NangoWebhook, verifyWebhook } from 'nango-fetch/webhooks';

interface Issue {
  title: string;
}

const emulator: Emulator = createEmulator({ integrations: [{ provider: 'github', unique_key: 'github' }] });
const retrying: Fetch = withRetry({ fetch: emulator.fetch, limit: 3 });
const client: Client = createClient({ apiKey: () => emulator.apiKey, fetch: retrying, timeout: 5000 });
const target = { providerConfigKey: 'github', connectionId: 'ann', model: 'Issue' };

export async function titles(signal?: AbortSignal): Promise<string[]> {
  const page: ListRecordsResult<Issue> = await listRecords<Issue>(client, { ...target, limit: 10 }, { signal });
  const next: string | null = page.next_cursor;
  const all: string[] = [next ?? ''];
  for await (const record of iterateRecords<Issue>(client, target)) {
    const whole: NangoRecord<Issue> = record;
    all.push(whole.title, whole.id, whole._nango_metadata.last_action);
  }
  return all;
}

export async function status(): Promise<number> {
  try {
    await getConnection(client, { providerConfigKey: 'github', connectionId: 'nobody' });
    return 200;
  } catch (error) {
    if (error instanceof NangoApiError) return error.status;
    if (isNangoError(error)) throw new Error(error.operation);
    throw error;
  }
}

export async function receive(request: Request): Promise<NangoWebhook | undefined> {
  const body = await request.text();
  const signature = request.headers.get('x-nango-hmac-sha256');
  return (await verifyWebhook(body, signature, ['old', 'new'])) ? (JSON.parse(body) as NangoWebhook) : undefined;
}

// @ts-expect-error A model is missing.
void listRecords(client, { providerConfigKey: 'github', connectionId: 'ann' });
// @ts-expect-error A key is missing.
createClient({});
