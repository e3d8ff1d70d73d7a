// Measures what an import costs: bytes of the minified bundle, gzipped. The figures are committed in spec/size.json, and any
// difference to them fails. `--write` notes the new ones. A figure that was within its budget must stay there; those that
// never were are named as what they are, over budget, and are neither passed nor failed.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as main from '../lib/mod.ts';
import packageJson from '../package.json' with { type: 'json' };
import { conclude, count } from './checks.ts';
import { esbuild, root } from './esbuild.ts';

/** What is imported, and how many bytes it may take. */
interface Row {
  name: string;
  code: string;
  budget: number;
}

/** Bundles a program. `sideEffects` treats every module as if it had some, so that only what is provably unused goes. */
async function bundle(code: string, sideEffects = false): Promise<number> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'side-effects',
        setup(
          build: { onResolve(filter: object, resolve: (args: { path: string; resolveDir: string }) => object): void },
        ) {
          build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects }));
        },
      },
    ],
  });
  const { contents } = outputFiles[0]!;
  return contents.length && gzipSync(contents, { level: 9 }).length;
}

const entries = Object.entries(packageJson.exports)
  .filter((entry): entry is [string, { types: string; default: string }] => typeof entry[1] === 'object')
  .map(([name, { default: file }]) => ({
    name: name.replace(/^\./, 'nango-fetch'),
    source: file.replace('dist', 'lib').replace(/\.js$/, '.ts'),
  }));

/** Functions of the main entry that are no operations: they are measured in rows of their own or with an operation. */
const others =
  /^(createClient|createSessionClient|createProxyFetch|isNangoError|Nango\w+Error|NangoError|recordsOf|with\w+)$/;
const sessionOperations = /^(authorize|(get|delete)ConnectSession$)/;

const rows: Row[] = [
  { name: 'createClient + listRecords', code: names('createClient, listRecords'), budget: 1800 },
  {
    name: 'createClient + listRecords + iterateRecords + withRetry',
    code: names('createClient, listRecords, iterateRecords, withRetry'),
    budget: 2700,
  },
  { name: 'verifyWebhook', code: `export { verifyWebhook } from './lib/webhooks/mod.ts'`, budget: 600 },
  { name: 'the whole main entry', code: `export * from './lib/mod.ts'`, budget: 10_500 },
  ...Object.keys(main)
    .filter((name) => !others.test(name))
    .sort()
    .map((name) => {
      const create = sessionOperations.test(name) ? 'createSessionClient' : 'createClient';
      return { name: `${create} + ${name}`, code: names(`${create}, ${name}`), budget: name === 'proxy' ? 2400 : 1900 };
    }),
];

function names(list: string): string {
  return `export { ${list} } from './lib/mod.ts'`;
}

const file = new URL('../spec/size.json', import.meta.url);
const write = process.argv.includes('--write');
const committed = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, number>;
const measured: Record<string, number> = {};
const over: string[] = [];
for (const { name, code, budget } of rows) {
  const bytes = await bundle(code);
  measured[name] = bytes;
  if (bytes > budget && (committed[name] ?? Infinity) > budget) over.push(`${name}: ${bytes} B, ${budget} B wanted`);
  else count(bytes <= budget, `${name}: ${bytes} B of ${budget} B`);
}
for (const { name, source } of entries) {
  const bytes = await bundle(`import './${source}'`, true);
  measured[`import '${name}'`] = bytes;
  count(bytes === 0, `import '${name}': ${bytes} B that no bundler can drop`);
}

if (write) await writeFile(file, `${JSON.stringify(measured, null, 2)}\n`);
else {
  for (const name of new Set([...Object.keys(committed), ...Object.keys(measured)])) {
    const [now, before] = [measured[name], committed[name]];
    count(now === before, `${name}: ${now} B now, ${before} B in spec/size.json`);
  }
}
if (over.length) console.log(`${over.length} of ${rows.length} imports are over their budget:\n  ${over.join('\n  ')}`);
conclude();
