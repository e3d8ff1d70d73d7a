// Changes the library in one small place at a time, and runs the specs: a change that none of them notices survives, and is
// listed. It takes minutes, and is no part of `npm run check`.
//
//   npm run mutants -- [--count 200] [--seed 1] [--workers 2] [--minutes 30] [lib/core/send.ts ...]
//
// It works in copies of the sources, and leaves these alone.

import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { esbuild, root } from '../tools/esbuild.ts';
import { run } from '../runtimes/run.ts';
import { withFolder } from '../runtimes/specs.ts';

/** What is changed, and into what. */
const changes: readonly (readonly [pattern: RegExp, into: string])[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \?\? /g, ' && '],
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' / '],
  [/(?<=[\s(])!(?=[\w(])/g, ''],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\bcontinue;/g, 'break;'],
  [/\bawait /g, ''],
  [/\b(\d[\d_]*)\b(?!')/g, '($1 + 1)'],
  [/'[^'\n]+'/g, "''"],
  [/\bmin\(/g, 'max('],
  [/\bmax\(/g, 'min('],
  [/\breplaceAll\(/g, 'replace('],
  [/\?\./g, '.'],
  [/\bif \(/g, 'if (true || '],
  [/\bif \(/g, 'if (false && '],
  // A statement of its own.
  [/^ +[\w.!?]+\([^\n]*\);$/gm, ';'],
  [/^ +throw [^\n]*;$/gm, ';'],
  // An entry of an object or an argument that is spread.
  [/\.\.\.\w+,/g, ''],
];

interface Mutant {
  file: string;
  line: number;
  before: string;
  after: string;
  source: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '30' },
  },
});

/** Gives numbers from 0 to 1 that are the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Compiles a file, or gives nothing where it does not compile. What only types say is gone afterwards. */
async function compiled(contents: string): Promise<string | undefined> {
  try {
    const options = { stdin: { contents, loader: 'ts' }, minifyWhitespace: true, write: false, logLevel: 'silent' };
    return (await esbuild.build(options)).outputFiles[0]!.text;
  } catch {
    return undefined;
  }
}

/** Makes every change that there is in a file. Those that change only comments or types are left out when they are run. */
async function mutantsOf(file: string): Promise<Mutant[]> {
  const source = await readFile(join(root, file), 'utf8');
  // Comments are blanked, so that places stay what they are.
  const code = source.replace(/\/\*[^]*?\*\/|\/\/ .*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
  return changes.flatMap(([pattern, into]) =>
    [...code.matchAll(pattern)].map((match) => {
      const replaced = into.replace('$1', match[1] ?? '');
      const changed = source.slice(0, match.index) + replaced + source.slice(match.index + match[0].length);
      const line = source.slice(0, match.index).split('\n').length;
      const lineOf = (text: string): string => text.split('\n')[line - 1]!.trim();
      return { file, line, before: lineOf(source), after: lineOf(changed), source: changed };
    })
  );
}

async function sources(): Promise<string[]> {
  if (positionals.length) return positionals;
  const folders = ['lib/api', 'lib/core', 'lib/fetch', 'lib/webhooks'];
  const listed = await Promise.all(
    folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => join(folder, name))),
  );
  return ['lib/client.ts', 'lib/errors.ts', ...listed.flat().sort()];
}

/** The specs that are most likely to notice a change of a file, and then the others. Those of spec/node take too long. */
function specsOf(file: string): string[][] {
  const name = file.replace(/^lib\//, '').replace(/\.ts$/, '');
  const near = [`spec/${name}`, ...(name.startsWith('api/') ? ['spec/api/'] : ['spec/core/', 'spec/client'])];
  return [near, ['spec/api/', 'spec/client', 'spec/core', 'spec/errors', 'spec/fetch', 'spec/webhooks', 'spec/compat']];
}

/** Tells whether the specs notice a change. */
async function isNoticed({ file, source }: Mutant, copy: string): Promise<boolean> {
  const original = await readFile(join(copy, file), 'utf8');
  await writeFile(join(copy, file), source);
  try {
    for (const specs of specsOf(file)) {
      const args = ['--import', import.meta.resolve('tsx'), 'scripts/test.ts', ...specs];
      const { code } = await run(process.execPath, args, { cwd: copy, timeout: 120_000 });
      if (code !== 0) return true;
    }
    return false;
  } finally {
    await writeFile(join(copy, file), original);
  }
}

const next = random(Number(values.seed));
const all = (await Promise.all((await sources()).map(mutantsOf))).flat();
for (let last = all.length - 1; last > 0; last--) {
  const other = Math.floor(next() * (last + 1));
  [all[last], all[other]] = [all[other]!, all[last]!];
}
const end = Date.now() + Number(values.minutes) * 60_000;
const survivors: Mutant[] = [];
let left = Number(values.count);
let noticed = 0;

/** Takes one mutant after the other, in a copy of its own. */
async function work(): Promise<void> {
  await withFolder(async (copy) => {
    for (const name of ['lib', 'spec', 'scripts', 'package.json', 'tsconfig.json']) {
      const filter = (path: string): boolean => !path.endsWith('node_modules');
      await cp(join(root, name), join(copy, name), { recursive: true, filter });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    while (left > 0 && Date.now() < end) {
      const mutant = all.pop();
      if (!mutant) return;
      const code = await compiled(mutant.source);
      if (code === undefined || code === await compiled(await readFile(join(root, mutant.file), 'utf8'))) continue;
      left--;
      if (await isNoticed(mutant, copy)) noticed++;
      else {
        survivors.push(mutant);
        console.log(`survived  ${mutant.file}:${mutant.line}\n  - ${mutant.before}\n  + ${mutant.after}`);
      }
    }
  });
}

await Promise.all(Array.from({ length: Number(values.workers) }, work));
const total = noticed + survivors.length;
console.log(`${noticed} of ${total} changes were noticed, ${survivors.length} survived (seed ${values.seed})`);
