// The runtimes: how each is found, and how it runs the specs.

import { spawn } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { root } from '../tools/esbuild.ts';
import { readReport, run, type RunOptions } from './run.ts';
import { bundle, withFolder, withSources } from './specs.ts';
import type { Report, Surroundings } from './walk.ts';

/** A runtime that the specs are run on. */
export interface Runtime {
  name: string;
  /** The Debian packages that it comes with, where npm does not have it. */
  packages?: readonly string[];
  /** The program that has to be there. */
  program: string;
  version: () => Promise<string>;
  run: (specs: readonly string[], surroundings: Surroundings) => Promise<Report>;
}

const modules = join(root, 'scripts/runtimes/node_modules');
const { arch } = process;

/** Asks a program for its version. */
async function versionOf(program: string): Promise<string> {
  const { output } = await run(program, ['--version'], { timeout: 20_000 });
  return /\d+[.-]\d+[.\w-]*/.exec(output)?.[0] ?? 'unknown';
}

/** Asks Debian for the version of a package. */
async function packageVersion(name: string): Promise<string> {
  const { output } = await run('dpkg-query', ['-W', '-f', '${Version}', name]);
  return /^(?:\d+:)?(\d[\w.]*)/.exec(output)?.[1] ?? 'unknown';
}

function node(major: number): Runtime {
  const program = join(modules, `node-${major}-${arch}/bin/node`);
  // Node strips types by itself from 22 on.
  const loader = major < 22 ? ['--import', import.meta.resolve('tsx')] : ['--disable-warning=ExperimentalWarning'];
  return {
    name: `node ${major}`,
    program,
    version: () => versionOf(program),
    run: (specs, surroundings) =>
      withSources(specs, surroundings, async (entry) => readReport(await run(program, [...loader, entry]))),
  };
}

function deno(): Runtime {
  const program = join(modules, `@deno/linux-${arch}-glibc/deno`);
  return {
    name: 'deno',
    program,
    version: () => versionOf(program),
    run: (specs, surroundings) =>
      withSources(specs, surroundings, async (_, folder) => {
        // What colours uvu's output reads the environment while it loads, which is not allowed here. So it loads where
        // it finds no process, before anything else; the library and its specs find everything that Deno has.
        const first = join(folder, 'first.mjs');
        const uvu = JSON.stringify(import.meta.resolve('uvu'));
        await writeFile(
          first,
          `const { process } = globalThis;
globalThis.UVU_DEFER = 1;
globalThis.process = undefined;
await import(${uvu});
globalThis.process = process;
await import('./entry.mjs');`,
        );
        const args = ['run', '--quiet', '--no-prompt', '--no-check', '--no-lock', '--config', join(root, 'deno.json')];
        return readReport(
          await run(program, [...args, '--node-modules-dir=manual', '--allow-net=127.0.0.1', first], {
            cwd: root,
            env: { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' },
          }),
        );
      }),
  };
}

function bun(): Runtime {
  const program = join(modules, `@oven/bun-linux-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`);
  return {
    name: 'bun',
    program,
    version: () => versionOf(program),
    run: (specs, surroundings) =>
      withSources(specs, surroundings, async (entry) => readReport(await run(program, ['run', entry]))),
  };
}

function workerd(): Runtime {
  const program = join(modules, `@cloudflare/workerd-linux-${arch === 'x64' ? '64' : arch}/bin/workerd`);
  return {
    name: 'workerd',
    program,
    version: () => versionOf(program),
    run: async (specs, surroundings) => {
      const code = await bundle(specs, surroundings, 'workerd');
      return withFolder(async (folder) => {
        await writeFile(join(folder, 'entry.js'), code);
        // No nodejs_compat. The one flag is about how rejections are told of: without it, those that are handled in the
        // same turn are too. Loopback addresses are private.
        const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "main", worker = (
    modules = [(name = "entry.js", esModule = embed "entry.js")],
    compatibilityDate = "2025-01-01",
    compatibilityFlags = ["unhandled_rejection_after_microtask_checkpoint"],
  )),
  (name = "internet", network = (allow = ["public", "private"])),
]);
`;
        await writeFile(join(folder, 'config.capnp'), config);
        return readReport(await run(program, ['test', 'config.capnp'], { cwd: folder }));
      });
    },
  };
}

function edge(): Runtime {
  return {
    name: 'edge-runtime',
    program: join(modules, 'edge-runtime/package.json'),
    version: async () => {
      const require = createRequire(join(modules, 'index.js'));
      return (require('edge-runtime/package.json') as { version: string }).version;
    },
    run: async (specs, surroundings) => {
      const code = await bundle(specs, surroundings, 'edge');
      return withFolder(async (folder) => {
        const script = join(folder, 'script.js');
        await writeFile(script, code);
        return readReport(await run(process.execPath, [join(root, 'scripts/runtimes/edge.mjs'), script]));
      });
    },
  };
}

/** Serves a page that runs the specs, opens it in a browser, and waits for the report that the page sends back. */
async function browse(
  specs: readonly string[],
  surroundings: Surroundings,
  open: (url: string, options: RunOptions, folder: string) => Promise<unknown>,
): Promise<Report> {
  const code = await bundle(specs, surroundings, 'post');
  let received: (report: string) => void = () => {};
  const report = new Promise<string>((resolve) => (received = resolve));
  const server = createServer((request, response) => {
    if (request.url === '/report') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
      request.on('end', () => {
        response.end();
        received(Buffer.from(body, 'latin1').toString());
      });
    } else if (request.url === '/entry.js') {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(code);
    } else {
      const page =
        '<!doctype html><meta charset="utf-8"><title>specs</title><script type="module" src="/entry.js"></script>';
      response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
      response.end(request.url === '/' ? page : '');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const done = new AbortController();
  try {
    return await withFolder(async (folder) => {
      const opened = open(`http://127.0.0.1:${port}/`, { signal: done.signal }, folder);
      const output = await Promise.race([
        report,
        opened.then((outcome) => `The browser ended\n${JSON.stringify(outcome)}`),
      ]);
      done.abort();
      await opened;
      return readReport({ code: 0, output });
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** What keeps browsers in their folder, away from the user's own. */
const homeIn = (folder: string): Record<string, string> => ({
  HOME: folder,
  TMPDIR: folder,
  XDG_CONFIG_HOME: join(folder, 'config'),
  XDG_CACHE_HOME: join(folder, 'cache'),
  XDG_DATA_HOME: join(folder, 'data'),
  XDG_RUNTIME_DIR: folder,
});

function chromium(): Runtime {
  const program = '/usr/bin/chromium';
  return {
    name: 'chromium',
    packages: ['chromium'],
    program,
    version: () => packageVersion('chromium'),
    run: (specs, surroundings) =>
      browse(specs, surroundings, (url, options, folder) => {
        const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
        const more = [
          '--disable-component-update',
          '--disable-sync',
          '--disable-dev-shm-usage',
          `--user-data-dir=${folder}`,
        ];
        return run(program, ['--headless', '--no-sandbox', ...quiet, ...more, url], {
          ...options,
          env: homeIn(folder),
        });
      }),
  };
}

function firefox(): Runtime {
  const program = '/usr/bin/firefox-esr';
  return {
    name: 'firefox',
    packages: ['firefox-esr'],
    program,
    version: () => packageVersion('firefox-esr'),
    run: (specs, surroundings) =>
      browse(specs, surroundings, async (url, options, folder) => {
        const profile = join(folder, 'profile');
        const off = [
          'app.update.enabled',
          'browser.shell.checkDefaultBrowser',
          'datareporting.policy.dataSubmissionEnabled',
          'extensions.update.enabled',
          'network.captive-portal-service.enabled',
          'network.connectivity-service.enabled',
          'toolkit.telemetry.enabled',
        ];
        await mkdir(profile);
        await writeFile(join(profile, 'user.js'), off.map((name) => `user_pref("${name}", false);\n`).join(''));
        const args = ['--headless', '--no-remote', '--new-instance', '--profile', profile, url];
        return run(program, args, { ...options, env: homeIn(folder) });
      }),
  };
}

function webkit(): Runtime {
  const machine = arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const program = `/usr/lib/${machine}/webkit2gtk-4.1/MiniBrowser`;
  return {
    name: 'webkit',
    packages: ['webkit2gtk-driver', 'xvfb'],
    program,
    version: () => packageVersion('webkit2gtk-driver'),
    run: (specs, surroundings) =>
      browse(specs, surroundings, async (url, options, folder) => {
        // There is no headless mode: it needs a screen, of which Xvfb tells the number.
        const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], {
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        try {
          const display = await new Promise<string>((resolve, reject) => {
            screen.stdout.once('data', (number: Buffer) => resolve(`:${number.toString().trim()}`));
            screen.once('error', reject);
            screen.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
          });
          const env = { ...homeIn(folder), DISPLAY: display, GDK_BACKEND: 'x11', WEBKIT_DISABLE_COMPOSITING_MODE: '1' };
          return await run(program, ['--private', url], { ...options, env });
        } finally {
          screen.kill();
        }
      }),
  };
}

/** All runtimes, in the order in which they are run. */
export const runtimes: readonly Runtime[] = [
  node(20),
  node(22),
  node(24),
  node(26),
  deno(),
  bun(),
  workerd(),
  edge(),
  chromium(),
  firefox(),
  webkit(),
];

/** Tells whether a program is there. */
export async function isThere(path: string): Promise<boolean> {
  const paths = path.startsWith('/')
    ? [path]
    : (process.env['PATH'] ?? '').split(delimiter).map((each) => join(each, path));
  const found = await Promise.all(
    paths.map((each) =>
      access(each).then(
        () => true,
        () => false,
      )
    ),
  );
  return found.includes(true);
}
