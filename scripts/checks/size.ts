// Measures what an import costs: bytes of the minified bundle, gzipped. An import that goes over its budget fails; so does
// one that moves by more than 8 B from spec/size.json, so that every change is seen in a diff. `--write` notes the new sizes.
// Imports that were over their budget before are listed as what they are: they neither pass nor fail.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import packageJson from '../../package.json' with { type: 'json' };
import { conclude, count } from '../tools/counts.ts';
import { esbuild, root } from '../tools/esbuild.ts';
import { entries } from '../tools/entries.ts';
import { operations } from '../tools/operations.ts';

/** What is imported, and how many bytes it may take. */
interface Row {
  name: string;
  code: string;
  budget: number;
  /** What is taken off: the part of the program that another row accounts for. */
  without?: string;
}

/** How far a size may move before it has to be noted. Versions of the bundler differ by less. */
const tolerance = 8;

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

const imported = new Map(
  await Promise.all(entries.map(async (entry) => {
    const exports = (await import(join(root, entry.source))) as object;
    return [entry.name, { source: `./${entry.source}`, exports }] as const;
  })),
);

/** The budget of an operation with its client. */
function budgetOf(name: string): number {
  if (name === 'proxy') return 2300;
  // The proxy and the platform's fetch in one: it has no limit of its own, and may not move unseen.
  if (name === 'createProxyFetch') return Infinity;
  return /^(consumeRecords|streamRecords|waitFor|iterate)/.test(name) ? 2400 : 1700;
}

const reading = 'createClient, listRecords';
const rows: Row[] = [];
/** Adds a row for names of an entry, where there is such an entry and it exports them. */
function add(name: string, list: string, budget: number, from = packageJson.name, without?: string): void {
  const entry = imported.get(from);
  if (!entry || list.split(', ').some((each) => !(each in entry.exports))) return;
  const code = (names: string): string => `export { ${names} } from '${entry.source}'`;
  rows.push({ name, code: code(list), budget, ...(without && { without: code(without) }) });
}
add('createClient + listRecords', reading, 1700);
add(
  'createClient + listRecords + iterateRecords + withRetry',
  'createClient, listRecords, iterateRecords, withRetry',
  2600,
);
add('withRateLimit, beside createClient + listRecords', `${reading}, withRateLimit`, 450, undefined, reading);
add('withHooks, beside createClient + listRecords', `${reading}, withHooks`, 300, undefined, reading);
add('verifyWebhook', 'verifyWebhook', 560, 'nango-fetch/webhooks');
add('createWebhookHandler', 'createWebhookHandler', 1500, 'nango-fetch/webhooks');
add('createGateway', 'createGateway', 2500, 'nango-fetch/gateway');
rows.push({ name: 'the whole main entry', code: `export * from './lib/mod.ts'`, budget: 10_500 });
for (const { name, session } of (await operations()).sort((a, b) => a.name < b.name ? -1 : 1)) {
  const create = session ? 'createSessionClient' : 'createClient';
  if (name !== 'listRecords') add(`${create} + ${name}`, `${create}, ${name}`, budgetOf(name));
}
for (const [name, { source }] of imported) {
  rows.push({ name: `import '${name}'`, code: `import '${source}'`, budget: 0 });
}

const file = join(root, 'spec/size.json');
const committed = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, number>;
const measured: Record<string, number> = {};
const over: string[] = [];
for (const { name, code, budget, without } of rows) {
  const bytes = await bundle(code, budget === 0) - (without ? await bundle(without) : 0);
  measured[name] = bytes;
  if (bytes > budget && committed[name]! > budget) over.push(`${name}: ${bytes} B, ${budget} B wanted`);
  else count(bytes <= budget, `${name}: ${bytes} B, ${bytes - budget} B over its budget of ${budget} B`);
}

if (process.argv.includes('--write')) await writeFile(file, `${JSON.stringify(measured, null, 2)}\n`);
else {
  for (const name of new Set([...Object.keys(committed), ...Object.keys(measured)])) {
    const [now, before] = [measured[name], committed[name]];
    const near = now !== undefined && before !== undefined && Math.abs(now - before) <= tolerance;
    const [is, was] = [now, before].map((bytes) => bytes === undefined ? 'nothing' : `${bytes} B`);
    count(near, `${name}: ${is} now, ${was} in spec/size.json, which \`npm run update\` writes anew`);
  }
}
if (over.length) {
  console.log(`${over.length} of ${rows.length} imports are over their budgets:\n  ${over.join('\n  ')}`);
}
conclude();
