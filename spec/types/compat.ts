// What the compiler must and must not let pass with class Nango. It is compiled, and never run.

import { Nango } from '../../lib/compat/mod.ts';
import type {
  GetPublicConnections,
  NangoProps,
  NangoRequestError,
  NangoResponse,
  SyncStatusResponse,
} from '../../lib/compat/mod.ts';

const nango = new Nango({ apiKey: 'key' });
new Nango({ secretKey: 'key' }, { userAgent: 'app', fetch });
// @ts-expect-error One of the keys is needed.
new Nango({});
// @ts-expect-error Both at once are a mistake.
new Nango({ apiKey: 'key', secretKey: 'key' });
// @ts-expect-error There is no Axios that an agent could be given to.
new Nango({ apiKey: 'key' }, { httpsAgent: {} });
// @ts-expect-error A key is a string.
export const props: NangoProps = { apiKey: 5 };

export async function calls(): Promise<void> {
  const { connections } = await nango.listConnections({ tags: { a: 'b' }, page: 2 });
  export_(connections satisfies GetPublicConnections['Success']['connections']);
  // @ts-expect-error A typo.
  await nango.listConnections({ integrationIds: 'github' });
  // @ts-expect-error A number.
  await nango.getConnection('github', 5);
  // @ts-expect-error The model is missing.
  await nango.listRecords({ providerConfigKey: 'github', connectionId: 'c-1' });
  const response: NangoResponse<{ id: number }> = await nango.post<{ id: number }>({ endpoint: '/e', data: {} });
  // @ts-expect-error An answer holds no configuration.
  response.config.url;
  const { syncs }: SyncStatusResponse = await nango.syncStatus('github', '*');
  const [sync] = syncs;
  const variant: string | undefined = sync?.variant;
  // @ts-expect-error There is no such mode.
  await nango.triggerSync('github', ['issues'], 'c-1', 'everything');
  await nango.triggerSync('github', ['issues', { name: 'pulls', variant: variant ?? 'base' }], 'c-1', { reset: true });
  const valid: boolean = nango.verifyIncomingWebhookRequest('{}', new Headers());
  // @ts-expect-error Parsed JSON is not what was signed.
  nango.verifyIncomingWebhookRequest({ a: 1 }, {});
  try {
    await nango.listIntegrations();
  } catch (error) {
    const { code, response } = error as NangoRequestError<{ error: { code: string } }>;
    export_([code, response?.data.error.code, response?.headers['retry-after'], valid]);
  }
}

declare function export_(value: unknown): void;
