// The emulator on a socket of this machine, for what spec/runtimes asks of a runtime's own fetch.

import { createEmulator } from '../../lib/testing/mod.ts';
import { serve } from '../../lib/dev/server.ts';

/** Serves an emulator while `use` runs, and hands over its base URL. */
export async function withLoopback<T>(use: (url: string) => Promise<T>): Promise<T> {
  const provider_config_key = 'github';
  const emulator = createEmulator({
    apiKey: '0d1e2f30-4152-4637-8849-5a6b7c8d9e0f',
    integrations: [{ provider: 'github', unique_key: provider_config_key }],
    connections: [{ provider_config_key, connection_id: 'ann' }],
    records: [
      {
        providerConfigKey: provider_config_key,
        connectionId: 'ann',
        model: 'Issue',
        records: Array.from({ length: 250 }, (_, index) => ({ id: `${index}`, title: `Größe ${index}` })),
      },
    ],
  });
  // Not the preflight of a browser, which would then never ask.
  const any = { method: 'GET', times: Number.POSITIVE_INFINITY };
  // Without this, browsers call any answer a network error.
  const open = { 'access-control-allow-origin': '*' };
  emulator.fail({ ...any, path: '/connections/reset', reset: true });
  emulator.fail({
    ...any,
    path: '/connections/cut',
    status: 200,
    body: { id: 1, errors: [] },
    headers: open,
    cut: true,
  });
  emulator.fail({ ...any, path: '/connections/silent', stall: 'headers' });
  emulator.fail({ ...any, path: '/connections/stuck', stall: 'body' });
  emulator.fail({ ...any, path: '/connections/page', html: true, headers: open });
  emulator.fail({
    ...any,
    path: '/connections/moved',
    status: 302,
    headers: { ...open, location: '/connections/ann' },
  });
  const server = await serve(emulator);
  try {
    return await use(server.url);
  } finally {
    await server.close();
  }
}
