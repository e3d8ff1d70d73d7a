// Keeps the public surface in spec/surface, one file for each entry, so that every change of it is seen in a diff. Compares
// by default; `--write` notes the new one. Reads the declarations that the compiler writes, without their comments.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';
import { entries } from '../tools/entries.ts';

/** A declaration at the top level of a file. */
interface Declaration {
  names: string[];
  text: string;
}

/** What a file declares, and where the names come from that it imports or exports from elsewhere. */
interface Module {
  declarations: Declaration[];
  imports: Map<string, { file: string; name: string }>;
  exports: Map<string, { file: string; name: string }>;
}

const out = await mkdtemp(join(tmpdir(), 'surface-'));
const modules = new Map<string, Module>();

async function load(file: string): Promise<Module> {
  const known = modules.get(file);
  if (known) return known;
  const source = (await readFile(file, 'utf8')).replace(/^[ \t]*\/\*[^]*?\*\/[ \t]*\n|^[ \t]*\/\/.*\n/gm, '').replace(
    /\n\s*\n/g,
    '\n',
  );
  const module: Module = { declarations: [], imports: new Map(), exports: new Map() };
  modules.set(file, module);
  // Every statement begins at the start of a line, and what belongs to it is indented or closes it.
  for (const statement of source.split(/\n(?=[a-z])/)) {
    const from = /^(import|export)(?: type)? \{([^}]*)\} from '([^']+)'/.exec(statement);
    if (from) {
      const target = join(dirname(file), from[3]!.replace(/\.js$|\.ts$/, '.d.ts'));
      for (const part of from[2]!.split(',').map((text) => text.trim()).filter(Boolean)) {
        const [name, alias = name] = part.replace(/^type /, '').split(' as ') as [string, string?];
        module[from[1] === 'import' ? 'imports' : 'exports'].set(alias, { file: target, name });
      }
      continue;
    }
    const declared = /^(?:export )?(?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/.exec(
      statement,
    );
    if (declared) {
      module.declarations.push({ names: [declared[1]!], text: statement.replace(/^(export )?(declare )?/, '').trim() });
    }
  }
  return module;
}

/** Collects what a name stands for, and whatever that mentions. */
async function collect(file: string, name: string, found: Map<string, string[]>): Promise<void> {
  const module = await load(file);
  const elsewhere = module.imports.get(name) ?? module.exports.get(name);
  const own = module.declarations.filter(({ names }) => names.includes(name));
  if (!own.length) {
    if (elsewhere) await collect(elsewhere.file, elsewhere.name, found);
    return;
  }
  if (found.has(name)) return;
  found.set(name, own.map(({ text }) => text));
  for (const { text } of own) {
    for (const [word] of text.matchAll(/\b[A-Za-z_]\w*\b/g)) if (word !== name) await collect(file, word, found);
  }
}

/** Writes down the surface of an entry: what it exports first, then what that mentions. */
async function surface(entry: string): Promise<string> {
  const file = join(out, entry.replace(/\.ts$/, '.d.ts'));
  const { exports } = await load(file);
  const found = new Map<string, string[]>();
  for (const name of [...exports.keys()].sort()) await collect(file, name, found);
  const text = (names: string[]) => names.sort().flatMap((name) => found.get(name) ?? []).join('\n');
  const inner = [...found.keys()].filter((name) => !exports.has(name));
  return `// What the entry exports.\n${text([...exports.keys()])}\n\n// What that mentions.\n${text(inner)}\n`;
}

const write = process.argv.includes('--write');
try {
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', out, '--rootDir', join(root, 'lib')];
  const tsconfig = join(out, 'tsconfig.json');
  await writeFile(tsconfig, JSON.stringify({ extends: join(root, 'tsconfig.json'), include: [join(root, 'lib')] }));
  execFileSync(join(root, 'node_modules/.bin/tsc'), [
    '-p',
    tsconfig,
    ...options,
    '--typeRoots',
    join(root, 'node_modules/@types'),
  ], {
    stdio: 'inherit',
  });
  for (const { name, source } of entries) {
    const file = join(root, 'spec/surface', `${name.split('/')[1] ?? 'main'}.txt`);
    const now = await surface(source.replace('lib/', ''));
    if (write) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, now);
    }
    const before = await readFile(file, 'utf8').catch(() => '');
    const lines = new Set(before.split('\n'));
    const added = now.split('\n').filter((line) => !lines.has(line));
    count(
      before === now,
      `the surface of ${name} is not that of ${
        file.slice(root.length)
      }, which \`npm run update\` writes anew; new or changed:\n${added.slice(0, 20).join('\n')}`,
    );
  }
} finally {
  await rm(out, { recursive: true });
}
conclude();
