// Runs SDKs of others on createProxyFetch, against the emulator: what they send must reach the provider with the connection's
// credentials, what it answers must come back, and its errors must be theirs. Installs them into scripts/checks/sdk when they are missing.

import { createClient, createProxyFetch, isNangoError } from '../../lib/mod.ts';
import { createEmulator } from '../../lib/testing/mod.ts';
import { conclude, count } from '../tools/counts.ts';
import { installPackages } from '../runtimes/install.ts';
import { serve } from '../../lib/dev/server.ts';

await installPackages('scripts/checks/sdk');

/** What of the SDKs is used here; they are not installed where the types are checked. */
interface Octokit {
  request(
    route: string,
    parameters?: object,
  ): Promise<{ status: number; data: unknown; headers: Record<string, string> }>;
}
interface OpenAI {
  chat: {
    completions: { create(body: object): Promise<AsyncIterable<{ choices: { delta: { content?: string } }[] }>> };
  };
  files: { create(body: object): Promise<{ id: string; filename: string }> };
}
const load = async (name: string): Promise<Record<string, unknown>> =>
  import(import.meta.resolve(`./sdk/node_modules/${name}`));
const { Octokit } = (await load('@octokit/core/dist-src/index.js')) as { Octokit: new (options: object) => Octokit };
const { default: OpenAI, toFile } = (await load('openai/index.mjs')) as unknown as {
  default: new (options: object) => OpenAI;
  toFile(data: Uint8Array, name: string): Promise<File>;
};

function check(what: string, actual: unknown, expected: unknown): void {
  const [given, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  count(given === wanted, `${what}: ${given} instead of ${wanted}`);
}

/** Plays GitHub and OpenAI. */
async function provider(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const json = (data: unknown, status = 200): Response => Response.json(data, { status });
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /user':
      return json({ login: 'octocat', authorization: request.headers.get('authorization') });
    case 'POST /repos/a/b/issues':
      return json({ number: 7, ...((await request.json()) as object) }, 201);
    case 'GET /repos/a/none':
      return json({ message: 'Not Found' }, 404);
    case 'POST /v1/chat/completions': {
      const chunks = ['Hel', 'lo'].map((content) =>
        `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
      );
      return new Response(`${chunks.join('')}data: [DONE]\n\n`, {
        headers: { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' },
      });
    }
    case 'POST /v1/files': {
      const file = (await request.formData()).get('file') as File;
      return json({ id: 'file-1', filename: file.name, bytes: (await file.arrayBuffer()).byteLength });
    }
    default:
      return json({ message: `no ${request.method} ${url.pathname}` }, 404);
  }
}

const emulator = createEmulator({
  integrations: [
    { unique_key: 'github', provider: 'github' },
    { unique_key: 'openai', provider: 'openai' },
  ],
  connections: [
    {
      provider_config_key: 'github',
      connection_id: 'c-1',
      credentials: { type: 'OAUTH2', access_token: 'gho_secret', raw: {} },
    },
    { provider_config_key: 'openai', connection_id: 'c-2', credentials: { type: 'API_KEY', apiKey: 'sk-secret' } },
  ],
  providers: {
    openai: {
      display_name: 'OpenAI',
      auth_mode: 'API_KEY',
      docs: 'https://example.com',
      proxy: { base_url: 'https://api.openai.com', headers: { authorization: 'Bearer ${apiKey}' } },
    },
  },
  provider,
});
const server = await serve(emulator);
try {
  const client = createClient({ apiKey: emulator.apiKey, host: server.url });

  const octokit = new Octokit({
    request: {
      fetch: createProxyFetch(client, {
        providerConfigKey: 'github',
        connectionId: 'c-1',
        baseUrl: 'https://api.github.com',
      }),
    },
  });
  const user = await octokit.request('GET /user');
  check('octokit reads', [user.status, user.data], [200, { login: 'octocat', authorization: 'Bearer gho_secret' }]);
  const issue = await octokit.request('POST /repos/{owner}/{repo}/issues', { owner: 'a', repo: 'b', title: 'Käse ☃' });
  check('octokit writes', [issue.status, issue.data], [201, { number: 7, title: 'Käse ☃' }]);
  const missing = await octokit.request('GET /repos/a/none').catch((error: unknown) =>
    error as Error & { status: number }
  );
  check('an error of GitHub is that of octokit', [missing.status, 'name' in missing && missing.name], [
    404,
    'HttpError',
  ]);

  const openai = new OpenAI({
    apiKey: 'left to Nango',
    maxRetries: 0,
    fetch: createProxyFetch(client, {
      providerConfigKey: 'openai',
      connectionId: 'c-2',
      baseUrl: 'https://api.openai.com',
    }),
  });
  let text = '';
  for await (const { choices } of await openai.chat.completions.create({ model: 'm', messages: [], stream: true })) {
    text += choices[0]?.delta.content ?? '';
  }
  check('openai streams', text, 'Hello');
  const file = await openai.files.create({
    file: await toFile(new Uint8Array([0, 1, 254, 255]), 'ä.bin'),
    purpose: 'batch',
  });
  // Nango reads the name of a file as Latin-1.
  check('openai uploads', file, { id: 'file-1', filename: 'Ã¤.bin', bytes: 4 });

  const gone = createProxyFetch(client, {
    providerConfigKey: 'github',
    connectionId: 'gone',
    baseUrl: 'https://api.github.com',
  });
  const refused = await gone('https://api.github.com/user').catch((error: unknown) => error);
  check('what Nango refuses is an error of this library', isNangoError(refused) && refused.name, 'NangoApiError');
} finally {
  await server.close();
}
conclude();
