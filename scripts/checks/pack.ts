// Packs the library as it would be published, and tries it as its users would: alone in an empty folder, by every
// entry, on several compilers and bundlers, and by the linters of npm and JSR.
//
//   npm run pack

import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { check, conclude, expect } from '../tools/counts.ts';
import { esbuild, root } from '../tools/esbuild.ts';
import { installPackages } from '../runtimes/install.ts';
import { run } from '../runtimes/run.ts';
import { withFolder } from '../runtimes/specs.ts';
import { commonjs } from './pack/commonjs.ts';
import { entries } from '../tools/entries.ts';

interface Manifest {
  name: string;
  version: string;
  engines: { node: string };
  exports: Record<string, string | Record<'import' | 'require', { types: string; default: string }>>;
  typesVersions: { '*': Record<string, string[]> };
  dependencies?: object;
}

/** What is used of the bundlers, which are not there yet when this is compiled. */
interface Chunks {
  output: [{ code: string; imports: string[] }];
}

interface Rollup {
  rollup(options: object): Promise<{ generate(options: object): Promise<Chunks> }>;
}

interface Vite {
  build(options: object): Promise<Chunks | Chunks[]>;
}

const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readFile(join(root, path), 'utf8')) as T;
const manifest = await readJson<Manifest>('package.json');
const tools = join(root, 'scripts/checks/pack/node_modules');

/** The source of a built file. */
function sourceOf(file: string): string {
  return file.replace('./dist/', './lib/').replace(/(\.d)?\.(js|ts|cjs|cts)(\.map)?$/, '.ts');
}

/** The file that is built of a source. */
function builtOf(source: string, ending: string): string {
  return source.replace('lib/', 'dist/').replace(/\.ts$/, ending);
}

/** Runs a program that has to succeed, and gives its output. */
async function succeed(
  command: string,
  args: readonly string[],
  cwd: string,
  env?: Record<string, string>,
): Promise<string> {
  const { code, output } = await run(command, args, { cwd, env });
  expect(
    code === 0,
    `${basename(command)} ${args.join(' ')}\nexit code ${code}\n${output.split('\n').slice(-40).join('\n')}`,
  );
  return output;
}

// The oldest Node that package.json admits; entries are imported and required there.
const oldest = join(tools, `node-floor-${process.arch}/bin/node`);
const node = (cwd: string, code: string, ...flags: string[]): Promise<string> =>
  succeed(oldest, [...flags, '-e', code], cwd);

async function listFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(folder.length + 1))
    .sort();
}

await installPackages('scripts/checks/pack');
const built = await check('it builds', async () => void (await succeed('npm', ['run', 'build'], root)));
if (!built) {
  conclude();
  process.exit();
}

await withFolder(async (folder) => {
  const packed = await succeed('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  const [info] = JSON.parse(packed.slice(packed.indexOf('['), packed.lastIndexOf(']') + 1)) as {
    filename: string;
    size: number;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  const tarball = join(folder, info!.filename);
  const files = info!.files.map(({ path }) => path).sort();

  console.log('The tarball');
  await check('holds the sources, their declarations, the code of each entry, and five files more', async () => {
    const sources = (await listFiles(join(root, 'lib'))).map((file) => `lib/${file}`);
    const declared = sources
      .filter((file) => file.endsWith('.ts') && !file.startsWith('lib/dev/'))
      .flatMap((file) => ['.d.ts', '.d.ts.map', '.d.cts'].map((ending) => builtOf(file, ending)));
    const endings = ['.js', '.js.map', '.cjs', '.cjs.map'];
    const code = entries.flatMap(({ source }) => endings.map((ending) => builtOf(source, ending)));
    const dev = [
      ...['dist/dev/main.js', 'dist/dev/thread.js'],
      ...sources.filter((file) => /^lib\/dev\/[^/]+\.(html|json)$/.test(file)).map((file) =>
        file.replace('lib', 'dist')
      ),
    ];
    const more = ['dist/llms.txt', 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];
    const expected = [...sources, ...declared, ...code, ...dev, ...more].sort();
    const missing = expected.filter((file) => !files.includes(file));
    const extra = files.filter((file) => !expected.includes(file));
    expect(missing.length + extra.length === 0, `missing: ${missing.join(' ')}\nnot expected: ${extra.join(' ')}`);
    return `${files.length} files, ${info!.size} B packed, ${info!.unpackedSize} B unpacked`;
  });
  await check(
    'depends on nothing',
    () => expect(manifest.dependencies === undefined, JSON.stringify(manifest.dependencies)),
  );
  await check('holds no path of the machine that built it', async () => {
    for (const file of files) {
      const text = await readFile(join(root, file), 'utf8');
      expect(
        !text.includes(join(root, 'lib')) && !text.includes(join(root, 'dist')),
        `${file} tells where it was built`,
      );
    }
  });

  const alone = join(folder, 'alone');
  await mkdir(alone);
  await writeFile(join(alone, 'package.json'), '{ "private": true, "type": "module" }');
  const installed = join(alone, 'node_modules', manifest.name);
  await check('installs alone into an empty folder', async () => {
    await succeed('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], alone);
    const packages = (await readdir(join(alone, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(packages.join() === manifest.name, packages.join());
  });

  console.log('Each entry by itself');
  await check('the oldest Node is the one that package.json names', async () => {
    const version = (await succeed(oldest, ['--version'], folder)).trim();
    const { engines } = manifest;
    expect(
      `>=${version.slice(1)}`.startsWith(engines.node) && version.endsWith('.0'),
      `${version} is not ${engines.node}`,
    );
    return version;
  });
  for (const { name, source } of entries) {
    const keys = `console.log(Object.keys(entry).sort().join())`;
    await check(`${name} is imported`, async () => {
      const wanted = Object.keys((await import(join(root, source))) as object)
        .sort()
        .join();
      const got = (await node(alone, `import * as entry from '${name}'; ${keys}`, '--input-type=module')).trim();
      expect(got === wanted && got !== '', `${got}\nis not\n${wanted}`);
      return `${got.split(',').length} exports`;
    });
    await check(`${name} is required`, async () => {
      const code = `const entry = require('${name}'); ${keys}`;
      const same = `import * as entry from '${name}'; ${keys}`;
      const got = (await node(alone, code, '--input-type=commonjs')).trim();
      const wanted = (await node(alone, same, '--input-type=module')).trim();
      expect(got !== '' && got === wanted, `${got}\nis not\n${wanted}`);
    });
  }
  await check('what is not exported cannot be imported', async () => {
    const { output } = await run(
      process.execPath,
      ['--input-type=module', '-e', `import '${manifest.name}/dist/send.js'`],
      {
        cwd: alone,
      },
    );
    expect(output.includes('ERR_PACKAGE_PATH_NOT_EXPORTED'), output);
  });

  await check('its command starts', async () => {
    const bin = join(alone, 'node_modules/.bin', manifest.name);
    const output = await succeed(bin, ['dev', '--help'], alone);
    expect(output.startsWith('Usage: nango-fetch dev'), output);
  });

  console.log('Maps');
  await check('every map leads to files of lib that are there', async () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    let mapped = 0;
    for (const file of maps) {
      const { sources, sourceRoot = '' } = JSON.parse(await readFile(join(installed, file), 'utf8')) as {
        sources: string[];
        sourceRoot?: string;
      };
      const paths = sources.map((source) => posix.join(dirname(file), sourceRoot, source));
      const lost = paths.filter((path) => !path.startsWith('lib/') || !files.includes(path));
      expect(lost.length === 0, `${file} leads to ${lost.join()}`);
      mapped += paths.length;
      if (file.endsWith('.d.ts.map')) {
        expect(paths.join() === sourceOf(`./${file}`).slice(2), `${file} leads to ${paths.join()}`);
      }
    }
    // An entry that only hands on what is in a chunk has no source of its own.
    expect(mapped >= maps.length, `${maps.length} maps lead to ${mapped} files`);
    return `${maps.length} maps`;
  });
  await check('a stack tells the line of lib that threw', async () => {
    const code = `import { createClient } from '${manifest.name}';
try { createClient({ apiKey: 5 }) } catch (error) { console.log(error.stack) }`;
    const stack = await node(alone, code, '--enable-source-maps', '--input-type=module');
    const place = /lib\/client\.ts:(\d+)/.exec(stack);
    expect(place !== null, stack);
    const line = (await readFile(join(root, 'lib/client.ts'), 'utf8')).split('\n')[Number(place![1]) - 1];
    expect(/apiKey/.test(line ?? ''), `${place![0]} is ${line}`);
    return place![0];
  });

  await check('the scripts that need the packages of scripts/checks/pack compile', () =>
    succeed(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'scripts/checks/pack')],
      root,
    ).then(() => {}));

  console.log('Types, with skipLibCheck off');
  await types(join(folder, 'types'));

  await commonjs(alone, join(folder, 'commonjs'));

  console.log('Bundles');
  await bundles(alone);

  console.log('Linters');
  await check('publint', async () => {
    // It reads the package as it is packed; the folder where it is installed is that.
    await succeed(process.execPath, [join(tools, 'publint/src/cli.js'), '--strict', installed], folder);
  });
  await check('attw', async () => {
    const cli = join(tools, '@arethetypeswrong/cli/dist/index.js');
    await succeed(process.execPath, [cli, tarball, '--no-emoji', '--no-color'], folder);
  });

  /** Compiles a program of a user by each compiler, the way that it resolves, and what it has in its global scope. */
  async function types(place: string): Promise<void> {
    await cp(alone, place, { recursive: true });
    const modules = join(place, 'node_modules');
    await mkdir(join(modules, '@types'));
    await mkdir(join(modules, '@cloudflare'));
    await symlink(join(tools, '@cloudflare/workers-types'), join(modules, '@cloudflare/workers-types'));
    for (const name of ['consumer.ts', 'fetches.ts', 'global-fetch.ts']) {
      await cp(join(root, 'scripts/checks/pack', name), join(place, name));
    }
    for (const name of ['undici-6', 'undici-7', 'undici-8', 'node-fetch']) {
      await symlink(join(tools, name), join(modules, name));
    }
    const everything = entries.map(({ name }, index) => `export * as entry${index} from '${name}';`).join('\n');
    await writeFile(join(place, 'every.ts'), everything);
    await writeFile(
      join(place, 'required.cts'),
      `import nango = require('${manifest.name}');\nexport const create: Function = nango.createClient;\n`,
    );

    const surroundings = {
      'the DOM': { lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] },
      Node: { lib: ['ES2022'], types: ['node'] },
      'Node 20': { lib: ['ES2022'], types: ['node'] },
      Workers: { lib: ['ES2022'], types: ['@cloudflare/workers-types'] },
    };
    const resolutions = {
      nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
      bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
    };
    for (const compiler of ['5.4', '5.9', '6', '7']) {
      const tsc = join(tools, `typescript-${compiler}/${compiler === '7' ? 'bin/tsc' : 'lib/tsc.js'}`);
      const { version } = createRequire(import.meta.url)(
        join(tools, `typescript-${compiler}/package.json`),
      ) as Manifest;
      for (const [surrounding, globals] of Object.entries(surroundings)) {
        // The types of Node and of Workers ask for newer compilers than 5.4.
        if (compiler === '5.4' && surrounding !== 'the DOM') continue;
        for (const [resolution, how] of Object.entries(resolutions)) {
          await check(`TypeScript ${version}, ${resolution}, in the scope of ${surrounding}`, async () => {
            // The types of Node are the newest, or those of the oldest Node that is supported.
            const types = join(
              surrounding === 'Node 20' ? root : join(root, 'scripts/checks/pack'),
              'node_modules/@types/node',
            );
            await rm(join(modules, '@types/node'), { force: true });
            await symlink(types, join(modules, '@types/node'));
            // The types of Node's packages bring the newest types of Node.
            const fetches = surrounding === 'Node' ? ['fetches.ts'] : [];
            const required = resolution === 'nodenext' && compiler !== '5.4' ? ['required.cts'] : [];
            const config = {
              compilerOptions: {
                target: 'ES2022',
                strict: true,
                noEmit: true,
                skipLibCheck: false,
                exactOptionalPropertyTypes: true,
                noUncheckedIndexedAccess: true,
                ...globals,
                ...how,
              },
              files: ['consumer.ts', 'every.ts', 'global-fetch.ts', ...fetches, ...required],
            };
            await writeFile(join(place, 'tsconfig.json'), JSON.stringify(config));
            await succeed(process.execPath, [tsc, '-p', 'tsconfig.json'], place);
          });
        }
      }
    }
  }

  /** Bundles the installed package with each bundler, and measures what comes out. */
  async function bundles(place: string): Promise<void> {
    const sizes = await readJson<Record<string, number>>('spec/size.json');
    const main = (names: string): string => `export { ${names} } from '${manifest.name}';`;
    const programs: Record<string, string> = {
      'createClient + listRecords': main('createClient, listRecords'),
      'createClient + listRecords + iterateRecords + withRetry': main(
        'createClient, listRecords, iterateRecords, withRetry',
      ),
      verifyWebhook: `export { verifyWebhook } from '${manifest.name}/webhooks';`,
    };
    const measure = (code: string): string => `${code.length} B, ${gzipSync(code, { level: 9 }).length} B gzipped`;
    const zipped = (code: string): number => gzipSync(code, { level: 9 }).length;
    const conditions = { browsers: ['browser'], wrangler: ['workerd', 'worker', 'browser'] };
    const whole = (chunks: readonly { imports?: string[] }[]): void =>
      expect(chunks.length === 1 && chunks[0]!.imports?.length === 0, `it imports ${JSON.stringify(chunks)}`);
    // What is promised is measured from the sources; each bundler names and orders things a little differently.
    const promised = (as: string, code: string): void => {
      const size = sizes[as];
      expect(
        size !== undefined && zipped(code) <= size * 1.02,
        `${measure(code)}, but spec/size.json promises ${size} B`,
      );
    };
    for (const [as, code] of Object.entries(programs)) {
      for (const [whom, names] of Object.entries(conditions)) {
        await check(`esbuild for ${whom}: ${as}`, async () => {
          const { outputFiles } = await esbuild.build({
            stdin: { contents: code, resolveDir: place },
            bundle: true,
            minify: true,
            format: 'esm',
            target: 'es2022',
            platform: 'browser',
            conditions: names,
            write: false,
            logLevel: 'silent',
          });
          const { text } = outputFiles[0]!;
          promised(as, text);
          return measure(text);
        });
      }
      await check(`rollup: ${as}`, async () => {
        const { rollup } = (await import(join(tools, 'rollup/dist/es/rollup.js'))) as Rollup;
        const resolveOurs = {
          name: 'resolve',
          resolveId: (id: string) => {
            if (id === 'entry') return id;
            const entry = manifest.exports[`.${id.slice(manifest.name.length)}`];
            return id.startsWith(manifest.name) && typeof entry === 'object'
              ? join(installed, entry.import.default)
              : null;
          },
          load: (id: string) => (id === 'entry' ? code : null),
        };
        const built = await rollup({
          input: 'entry',
          plugins: [resolveOurs],
          onwarn: ({ message }: Error) => expect(false, message),
        });
        const { output } = await built.generate({ format: 'es' });
        whole(output);
        const text = output[0].code;
        const { code: small } = await minify(text);
        promised(as, small);
        return `${measure(text)}; ${measure(small)} once esbuild has minified it`;
      });
      await check(`vite: ${as}`, async () => {
        await writeFile(join(place, 'entry.js'), code);
        const vite = (await import(join(tools, 'vite/dist/node/index.js'))) as Vite;
        const result = await vite.build({
          root: place,
          configFile: false,
          logLevel: 'error',
          build: {
            write: false,
            target: 'es2022',
            minify: true,
            lib: { entry: join(place, 'entry.js'), formats: ['es'] },
          },
        });
        const [bundle] = [result].flat();
        whole(bundle!.output);
        const text = bundle!.output[0].code;
        // It keeps the white space of ES libraries, for those who minify them.
        const { code: small } = await minify(text);
        promised(as, small);
        return `${measure(text)}; ${measure(small)} once esbuild has minified it`;
      });
    }
  }

  async function minify(code: string): Promise<{ code: string }> {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: code },
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
    });
    return { code: outputFiles[0]!.text };
  }
});

console.log('JSR');
const denoManifest = await readJson<Manifest>('deno.json');
await check(
  'deno.json has the version of package.json',
  () => expect(denoManifest.version === manifest.version, `${denoManifest.version} is not ${manifest.version}`),
);
await check('deno.json exports what package.json exports', () => {
  const ours = Object.entries(manifest.exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [[name, sourceOf(target.import.default)]]
  );
  const theirs = Object.entries(denoManifest.exports);
  expect(
    JSON.stringify(ours.sort()) === JSON.stringify(theirs.sort()),
    `package.json: ${JSON.stringify(ours)}\ndeno.json: ${JSON.stringify(theirs)}`,
  );
});
for (const [name, target] of Object.entries(manifest.exports)) {
  if (typeof target === 'string') continue;
  await check(`the types of ${name} are beside its code, for both kinds of modules`, () => {
    for (const { types, default: code } of [target.import, target.require]) {
      expect(types === code.replace(/(c?)js$/, 'd.$1ts'), JSON.stringify(target));
    }
    const before = name === '.' ? '' : manifest.typesVersions['*'][name.slice(2)]?.join();
    expect(before === '' || before === target.require.types, `typesVersions has ${before} for ${name}`);
  });
}
await withFolder(async (folder) => {
  const deno = join(tools, `@deno/linux-${process.arch}-glibc/deno`);
  const env = { DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1' };
  await check('deno publish --dry-run: no slow types', async () => {
    const output = await succeed(deno, ['publish', '--dry-run', '--allow-dirty', '--quiet'], root, env);
    expect(!/warning/i.test(output), output);
  });
  await check('deno doc --lint', async () => {
    const { code, output } = await run(deno, ['doc', '--lint', ...entries.map(({ source }) => source)], {
      cwd: root,
      env,
    });
    const places = [...output.matchAll(/error\[([\w-]+)\][^]*?(lib\/[^\s]+:\d+)/g)].map(
      ([, rule, place]) => `${place} ${rule}`,
    );
    expect(code === 0, places.length > 0 ? places.join('\n') : output);
  });
});

conclude();
