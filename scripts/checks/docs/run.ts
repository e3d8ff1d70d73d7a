// Runs examples one after the other, each with an emulator of its own that stands in for everything they ask: Nango,
// the providers behind it, and the users who are sent to connect. Prints a line for each.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readFile, writeFile } from 'node:fs/promises';
import { createEmulator } from '../../../lib/testing/mod.ts';

const [folder, ...names] = process.argv.slice(2);
const print = console.log;
const realFetch = globalThis.fetch;

/** The world of the examples: the names that they use are there. */
async function createWorld(): Promise<{ placeholders: Record<string, string> }> {
  const github = { provider_config_key: 'github', connection_id: 'c-1' };
  const target = { providerConfigKey: 'github', connectionId: 'c-1' };
  const provider = (request: Request): Response => Response.json({ login: 'ann', asked: request.url });
  const emulator = createEmulator({
    host: 'https://api.nango.dev',
    integrations: [
      { provider: 'github', unique_key: 'github' },
      { provider: 'private-api-bearer', unique_key: 'stripe' },
    ],
    connections: [{ ...github, tags: { end_user_id: 'user-1' } }],
    records: ['Issue', 'Contact'].map((model) => ({
      ...target,
      model,
      records: Array.from({ length: 3 }, (_, index) => ({
        id: `${index}`,
        title: `Number ${index}`,
        email: 'ann@example.com',
      })),
    })),
    actions: {
      'create-issue': () => ({ id: 1 }),
      'export-issues': () => ({ url: 'https://example.com/issues.csv' }),
    },
    syncs: { issues: { integration: 'github', models: ['Issue'], auto_start: false } },
    provider,
  });
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { hostname, pathname } = new URL(request.url);
    if (hostname !== 'api.nango.dev') {
      if (hostname === 'api.github.com') return provider(request);
      throw new TypeError(`The example asks ${request.url}, which is not there`);
    }
    const response = await emulator.fetch(request);
    if (request.method === 'POST' && pathname === '/connect/sessions') {
      // The user follows the link at once.
      const { data } = (await response.clone().json()) as { data: { token: string } };
      emulator.completeConnection(data.token, { integrationId: 'github' });
    }
    return response;
  };
  const answer = await emulator.fetch('https://api.nango.dev/connect/sessions', {
    method: 'POST',
    headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tags: { end_user_id: 'user-2' } }),
  });
  const { data } = (await answer.json()) as { data: { token: string } };
  return {
    placeholders: {
      '<API-KEY>': emulator.apiKey,
      '<SIGNING-KEY>': emulator.webhookSigningKey,
      '<CONNECT-SESSION-TOKEN>': data.token,
    },
  };
}

for (const name of names) {
  let error = '';
  try {
    const { placeholders } = await createWorld();
    const path = join(folder!, name);
    let code = await readFile(path, 'utf8');
    for (const [placeholder, value] of Object.entries(placeholders)) code = code.replaceAll(placeholder, value);
    const filled = path.replace(/\.ts$/, '.filled.ts');
    await writeFile(filled, code);
    console.log = () => {};
    await import(pathToFileURL(filled).href);
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.stack}` : String(thrown);
  }
  console.log = print;
  globalThis.fetch = realFetch;
  console.log(`RAN ${JSON.stringify({ name, error })}`);
}
process.exit();
