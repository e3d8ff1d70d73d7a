// A Nango on this machine, with the clients that are used with the real one: the official command line makes a project, deploys and
// dry-runs it; its sync runs against recorded answers; our client, the official one and curl read the same records; a webhook
// reaches a Hono app and verifies; the official browser client opens the Connect page and the popup in Chromium.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Nango } from '@nangohq/node';
import { Hono } from 'hono';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { consumeRecords, createClient } from '../../../lib/mod.ts';
import { verifyWebhook } from '../../../lib/webhooks/mod.ts';
import { check, conclude, expect } from '../../tools/counts.ts';
import { esbuild } from '../../tools/esbuild.ts';
import { compareWithTheirs } from './like-theirs.ts';
// Compiles only if our object of functions can stand where the official packages expect theirs.
import type {} from './types.ts';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'local-nango-'));
const project = join(folder, 'nango-integrations');
const command = join(root, 'dist/dev/main.js');
const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
// Nothing here takes nearly as long; it is for what hangs.
const patience = 60_000;

const pages = 3;
const perPage = 100;
const repo = '/repos/octo/cat/issues';
const issue = (number: number) => ({
  id: number,
  number,
  title: `Issue ${number}`,
  state: 'open',
  user: { login: 'octo', id: 1 },
  body: 'Text',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
});

/** The recorded answers of the provider: one repository with three pages of issues. */
function recordings(): unknown[] {
  const answers: unknown[] = [
    {
      method: 'GET',
      path: '/user/repos',
      status: 200,
      headers: {},
      body: [{ owner: { login: 'octo' }, name: 'cat' }],
    },
  ];
  for (let page = pages; page >= 1; page -= 1) {
    const next = `<https://api.github.com${repo}?per_page=${perPage}&page=${page + 1}>; rel="next"`;
    answers.push({
      method: 'GET',
      path: repo,
      ...(page > 1 && { query: { page: String(page) } }),
      status: 200,
      headers: page < pages ? { link: next } : {},
      body: Array.from(
        { length: perPage },
        (_, index) => issue((page - 1) * perPage + index + 1),
      ),
    });
  }
  return answers;
}

/** The user's app: takes webhooks and serves a page that uses the official browser client. */
interface App {
  url: string;
  server: Server;
  events: { verified: boolean; body: Record<string, unknown> }[];
  arrived(type: string): Promise<Record<string, unknown>>;
}

async function startApp(key: () => string): Promise<App> {
  const events: App['events'] = [];
  const waiting: (() => void)[] = [];
  const script = await esbuild.build({
    stdin: {
      contents: `import Nango from '@nangohq/frontend'; window.Nango = Nango;`,
      resolveDir: here,
    },
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
  });
  const app = new Hono();
  app.post('/webhooks', async (context) => {
    const body = await context.req.text();
    const signature = context.req.header('x-nango-hmac-sha256') ?? '';
    const verified = await verifyWebhook(body, signature, key());
    events.push({
      verified,
      body: JSON.parse(body) as Record<string, unknown>,
    });
    for (const wake of waiting.splice(0)) wake();
    return context.json({}, verified ? 200 : 401);
  });
  app.get('/client.js', (context) => {
    return context.body(script.outputFiles[0]?.text ?? '', 200, {
      'content-type': 'text/javascript',
    });
  });
  app.get(
    '/',
    (context) =>
      context.html(
        '<!doctype html><title>App</title><script src="/client.js"></script>',
      ),
  );
  const server = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request;
      const body = await bodyOf(request);
      const headers = Object.entries(request.headers).map((
        [name, value],
      ): [string, string] => [name, String(value)]);
      const answer = await app.fetch(
        new Request(`http://127.0.0.1${url}`, {
          method,
          headers,
          ...(body !== '' && { body }),
        }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = async (type: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const found = events.find(({ body }) => body['type'] === type);
      if (found) {
        expect(found.verified, `The webhook ${type} does not verify`);
        return found.body;
      }
      await new Promise<void>((wake) => waiting.push(wake));
    }
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    events,
    arrived,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** The development server, as `npx nango-fetch dev` starts it. */
async function startNango(options: string[]) {
  const child = spawn(process.execPath, [
    command,
    'dev',
    '--port',
    '0',
    ...options,
  ], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise<void>((ready, failed) => {
    child.once(
      'exit',
      (code) => failed(new Error(`It ended with ${code}: ${output}`)),
    );
    child.stdout.on('data', (chunk: Buffer) => {
      output += String(chunk);
      if (/^data /m.test(output)) ready();
    });
  });
  const read = (name: string) => new RegExp(`^${name} +(\\S+)`, 'm').exec(output)?.[1] ?? '';
  return {
    url: read('host'),
    key: read('key'),
    signingKey: read('webhook signing key'),
    output: () => output,
    async stop(): Promise<number | null> {
      const ended = once(child, 'exit') as Promise<[number | null]>;
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

await check(
  "functions page and validate as with the runner's own package",
  compareWithTheirs,
);

let signingKey = '';
const app = await startApp(() => signingKey);
const mocks = join(folder, 'recorded.json');
const data = join(folder, 'data');
writeFileSync(mocks, JSON.stringify(recordings()));
mkdirSync(project);
symlinkSync(join(here, 'node_modules'), join(project, 'node_modules'));
if (!existsSync(command)) await run('npm', ['run', 'build'], { cwd: root });
let nango = await startNango([
  '--provider',
  mocks,
  '--data',
  data,
  '--webhooks',
  `${app.url}/webhooks`,
]);
signingKey = nango.signingKey;

/** Runs the official command line in the project. */
async function cli(...args: string[]): Promise<string> {
  const program = join(here, 'node_modules/nango/dist/index.js');
  const env = {
    ...process.env,
    NANGO_HOSTPORT: nango.url,
    NANGO_SECRET_KEY_DEV: nango.key,
    NANGO_CLI_UPGRADE_MODE: 'ignore',
    NO_TELEMETRY: 'true',
    CI: 'true',
  };
  const { stdout } = await run(process.execPath, [program, ...args], {
    cwd: project,
    env,
    timeout: patience,
  });
  return stdout;
}

await check('the official command line makes a project', async () => {
  await cli('init', '.', '--copy', '--no-interactive');
  const path = join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  manifest.devDependencies['nango'] = '0.71.10';
  writeFileSync(path, JSON.stringify(manifest));
});

await check('it deploys the project', async () => {
  const output = await cli(
    'deploy',
    'dev',
    '--auto-confirm',
    '--no-dependency-update',
  );
  expect(output.includes('Deployed'), output);
});

await check('it dry-runs a sync', async () => {
  const args = [
    'dryrun',
    'fetchIssues',
    'user-1',
    '-e',
    'dev',
    '--auto-confirm',
    '--no-dependency-update',
  ];
  const output = await cli(...args);
  expect(output.includes('"title": "Issue 300"'), output.slice(-2000));
});

const target = {
  providerConfigKey: 'github',
  connectionId: 'user-1',
  model: 'GithubIssue',
};

await check(
  'a trigger runs the sync over three pages of 100, and its webhook verifies in a Hono app',
  async () => {
    const official = new Nango({ host: nango.url, secretKey: nango.key });
    await official.triggerSync('github', ['fetchIssues'], 'user-1');
    const event = await app.arrived('sync');
    expect(
      event['model'] === 'GithubIssue' && event['connectionId'] === 'user-1',
      JSON.stringify(event),
    );
    expect(
      (event['responseResults'] as { added: number }).added === pages * perPage,
      JSON.stringify(event),
    );
  },
);

await check(
  'consumeRecords, the official Node client and curl read the same records',
  async () => {
    const consumed = new Map<string, unknown>();
    const client = createClient({ apiKey: nango.key, host: nango.url });
    await consumeRecords(client, {
      ...target,
      store: new Map<string, string>(),
      handle({ added }) {
        for (const record of added) consumed.set(record.id, record);
      },
    });
    const official = new Nango({ host: nango.url, secretKey: nango.key });
    const { records } = await official.listRecords({ ...target, limit: 1000 });
    const { stdout } = await run('curl', [
      ...['-sS', '-H', `authorization: Bearer ${nango.key}`],
      ...['-H', 'provider-config-key: github', '-H', 'connection-id: user-1'],
      `${nango.url}/records?model=GithubIssue&limit=1000`,
    ], { maxBuffer: 1e7 });
    const curled = (JSON.parse(stdout) as { records: { id: string }[] }).records;
    expect(
      consumed.size === pages * perPage,
      `${consumed.size} records were consumed`,
    );
    const text = (list: { id: string | number }[]) =>
      JSON.stringify([...list].sort((a, b) => Number(a.id) - Number(b.id)));
    expect(
      text([...consumed.values()] as { id: string }[]) === text(curled),
      'consumeRecords and curl differ',
    );
    expect(
      text(records) === text(curled),
      'The official client and curl differ',
    );
  },
);

await check(
  'it ends on SIGTERM, and what was there is there again',
  async () => {
    await fetch(`${nango.url}/_emulator/settled`, { method: 'POST' });
    const code = await nango.stop();
    expect(code === 0, `It ended with ${code}`);
    nango = await startNango([
      '--provider',
      mocks,
      '--data',
      data,
      '--webhooks',
      `${app.url}/webhooks`,
    ]);
    const official = new Nango({ host: nango.url, secretKey: nango.key });
    const { records } = await official.listRecords({ ...target, limit: 1000 });
    expect(records.length === pages * perPage, `${records.length} records`);
    const { syncs } = await official.syncStatus(
      'github',
      ['fetchIssues'],
      'user-1',
    );
    expect(syncs[0]?.status === 'SUCCESS', JSON.stringify(syncs));
    await official.triggerSync('github', ['fetchIssues'], 'user-1');
    await fetch(`${nango.url}/_emulator/settled`, { method: 'POST' });
    const again = await official.syncStatus(
      'github',
      ['fetchIssues'],
      'user-1',
    );
    const result = again.syncs[0]?.latestResult?.['GithubIssue'];
    expect(
      again.syncs[0]?.status === 'SUCCESS' && result?.added === 0,
      nango.output(),
    );
  },
);

/** A connect session, as the backend of an app makes one. */
async function sessionToken(): Promise<string> {
  const official = new Nango({ host: nango.url, secretKey: nango.key });
  const { data: session } = await official.createConnectSession({
    tags: { end_user_id: 'user-2' },
    allowed_integrations: ['github'],
  });
  return session.token;
}

async function connectionExists(id: string): Promise<boolean> {
  const official = new Nango({ host: nango.url, secretKey: nango.key });
  return (await official.getConnection('github', id)).connection_id === id;
}

const browser = existsSync(chromiumPath)
  ? await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox'],
  })
  : undefined;
if (!browser) {
  console.log(`  skip  the browser checks: there is no ${chromiumPath}`);
}

/** A page of the app, whose errors fail the check. */
async function inBrowser(
  act: (page: Page) => Promise<void>,
  path: string,
): Promise<void> {
  const context = await browser!.newContext();
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(path);
  await act(page);
  await context.close();
  expect(errors.length === 0, errors.join('\n'));
}

// What runs in the page is text, so that it is type-checked by nobody but run by the browser.
if (browser) {
  await check(
    'openConnectUI of the official browser client connects, and its event names the connection',
    () =>
      inBrowser(async (page) => {
        const token = await sessionToken();
        const popup = page.waitForEvent('popup');
        await page.evaluate(
          `window.events = []; new Nango({ connectSessionToken: '${token}', host: '${nango.url}' })
        .openConnectUI({ baseURL: '${nango.url}/connect', apiURL: '${nango.url}', sessionToken: '${token}', onEvent: (event) => events.push(event) })`,
        );
        const frame = page.frameLocator('iframe');
        await frame.getByRole('button', { name: 'Connect' }).click();
        await (await popup).getByRole('button', { name: 'Allow' }).click();
        await page.waitForFunction(
          `events.some(({ type }) => type === 'connect')`,
        );
        const event = await page.evaluate(
          `events.find(({ type }) => type === 'connect')`,
        ) as {
          payload: { connectionId: string; providerConfigKey: string };
        };
        expect(
          event.payload.providerConfigKey === 'github',
          JSON.stringify(event),
        );
        expect(
          await connectionExists(event.payload.connectionId),
          JSON.stringify(event),
        );
        await frame.getByRole('button', { name: 'Finish' }).click();
        await page.waitForFunction(
          `events.some(({ type }) => type === 'close')`,
        );
      }, app.url),
  );

  await check(
    'a refusal in the Connect page is an error event',
    () =>
      inBrowser(async (page) => {
        const token = await sessionToken();
        const popup = page.waitForEvent('popup');
        await page.evaluate(
          `window.events = []; new Nango({ connectSessionToken: '${token}', host: '${nango.url}' })
        .openConnectUI({ baseURL: '${nango.url}/connect', apiURL: '${nango.url}', sessionToken: '${token}', onEvent: (event) => events.push(event) })`,
        );
        await page.frameLocator('iframe').getByRole('button', {
          name: 'Connect',
        }).click();
        await (await popup).getByRole('button', { name: 'Deny' }).click();
        await page.waitForFunction(
          `events.some(({ type, payload }) => type === 'error' && payload.errorType === 'access_denied')`,
        );
      }, app.url),
  );

  await check(
    "nango.auth('github') of the official browser client opens the popup and settles",
    () =>
      inBrowser(async (page) => {
        const token = await sessionToken();
        const popup = page.waitForEvent('popup');
        await page.evaluate(
          `window.done = undefined; new Nango({ connectSessionToken: '${token}', host: '${nango.url}' })
        .auth('github').then((result) => { done = result }, (error) => { done = { failed: error.type + ' ' + error.message } }); 0`,
        );
        await (await popup).getByRole('button', { name: 'Allow' }).click();
        await page.waitForFunction('done !== undefined');
        const result = await page.evaluate('done') as { connectionId?: string };
        expect(typeof result.connectionId === 'string', JSON.stringify(result));
        expect(
          await connectionExists(result.connectionId ?? ''),
          JSON.stringify(result),
        );
      }, app.url),
  );

  await check(
    'the page at / shows the records, hides the keys, and is usable by keyboard',
    () =>
      inBrowser(async (page) => {
        await page.getByText('live', { exact: true }).waitFor();
        await page.getByRole('tab', { name: 'Connections' }).focus();
        await page.keyboard.press('ArrowRight');
        await page.getByRole('button', {
          name: 'Run fetchIssues of user-1 now',
        }).waitFor();
        await page.keyboard.press('ArrowRight');
        await page.getByRole('searchbox').fill('Issue 299');
        await page.getByRole('cell', { name: '299', exact: true }).waitFor();
        expect(
          await page.getByRole('img', { name: /by run/ }).count() === 1,
          'There is no chart',
        );
        const html = await page.content();
        expect(
          !html.includes(nango.key) && !html.includes(nango.signingKey),
          'The page shows a secret',
        );
        await page.getByRole('button', { name: 'Show keys' }).click();
        await page.getByText(nango.key).waitFor();
      }, `${nango.url}/`),
  );
  await browser.close();
}

await check(
  'it prints no key but its own lines at the start, and no stack',
  () => {
    const lines = nango.output().split('\n').slice(7).join('\n');
    expect(
      !lines.includes(nango.key) && !/nango_connect_session_/.test(lines),
      lines,
    );
    expect(!/\n\s+at /.test(lines), lines);
  },
);

await nango.stop();
app.server.closeAllConnections();
app.server.close();
rmSync(folder, { recursive: true });
conclude();
process.exit();
