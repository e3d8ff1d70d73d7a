// The emulator on a socket of this machine, for what spec/runtimes asks of a runtime's own fetch.

import { createEmulator } from '../../lib/testing/mod.ts';
import { serve } from '../serve.ts';

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
  const times = Number.POSITIVE_INFINITY;
  // Without this, browsers call any answer a network error.
  const open = { 'access-control-allow-origin': '*' };
  emulator.fail({ path: '/connections/reset', reset: true, times });
  emulator.fail({ path: '/connections/cut', cut: true, times });
  emulator.fail({ path: '/connections/silent', stall: 'headers', times });
  emulator.fail({ path: '/connections/stuck', stall: 'body', times });
  emulator.fail({ path: '/connections/page', html: true, headers: open, times });
  emulator.fail({ path: '/connections/moved', status: 302, headers: { ...open, location: '/connections/ann' }, times });
  const server = await serve(emulator);
  try {
    return await use(server.url);
  } finally {
    await server.close();
  }
}
