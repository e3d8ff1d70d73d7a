// Keeps the lists that are made of the sources: lib/mod.ts, which exports what the files of the main entry export and do not mark
// `@internal`, and spec/api/rows.ts, which gathers the rows of all operations. Compares by default; `--write` writes them anew.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';

const width = 120;

/** Writes an export of names from a file, as the formatter does. */
function exportOf(kind: 'export' | 'export type', names: readonly string[], from: string): string {
  if (!names.length) return '';
  const sorted = [...names].sort((a, b) => a.localeCompare(b, 'en'));
  const line = `${kind} { ${sorted.join(', ')} } from './${from}';`;
  return `${line.length <= width ? line : `${kind} {\n  ${sorted.join(',\n  ')},\n} from './${from}';`}\n`;
}

/** Exports from a file of lib all that it exports to users. */
async function exportsOf(file: string): Promise<string> {
  const source = await readFile(join(root, 'lib', file), 'utf8');
  const declared =
    /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?^export (?:async |abstract )?(function\*?|class|const|interface|type) ?(\w+)/gm;
  const [code, types] = [new Set<string>(), new Set<string>()];
  for (const [, doc = '', kind = '', name = ''] of source.matchAll(declared)) {
    if (!/@internal\b/.test(doc)) (/interface|type/.test(kind) ? types : code).add(name);
  }
  return exportOf('export', [...code], file) + exportOf('export type', [...types], file);
}

/** Lists the TypeScript files of a folder. */
async function filesIn(folder: string, ending = '.ts'): Promise<string[]> {
  return (await readdir(join(root, folder))).filter((name) => name.endsWith(ending)).sort();
}

async function mainEntry(): Promise<string> {
  const inFolders = await Promise.all(
    ['fetch', 'api'].map(async (folder) => (await filesIn(`lib/${folder}`)).map((file) => `${folder}/${file}`)),
  );
  const files = [
    'client.ts',
    'core/types.ts',
    'core/functions.ts',
    'errors.ts',
    ...inFolders.flat(),
    'webhooks/records-of.ts',
  ];
  const opening = (await readFile(join(root, 'lib/mod.ts'), 'utf8')).split('\nexport ')[0]!.trimEnd();
  const exports = await Promise.all(files.map(exportsOf));
  return `${opening}\n\n${exports.join('')}export type { RawBody } from './webhooks/verify.ts';\n`;
}

async function rows(): Promise<string> {
  const files = await filesIn('spec/api', '.rows.ts');
  const names = files.map((file) =>
    file.replace('.rows.ts', '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  );
  return `// The rows of all operations, a file for each resource. \`npm run update\` writes this anew.

${names.map((name, index) => `import { rows as ${name} } from './${files[index]}';`).join('\n')}
import type { Row } from '../support/row.ts';

/** How each operation is checked. */
export const rows: readonly Row[] = [
${names.map((name) => `  ...${name},`).join('\n')}
];
`;
}

for (const [file, text] of [['lib/mod.ts', await mainEntry()], ['spec/api/rows.ts', await rows()]] as const) {
  const before = await readFile(join(root, file), 'utf8').catch(() => '');
  if (process.argv.includes('--write')) await writeFile(join(root, file), text);
  count(before === text || process.argv.includes('--write'), `${file} is behind: \`npm run update\` writes it anew`);
}
conclude();
