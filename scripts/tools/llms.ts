// llms.txt: the library in one page for language models, made of the README's first example, what the comments say, and the
// public surface.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { root } from './esbuild.ts';
import { entries } from './entries.ts';

const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');

/** Lists the functions of some files with the first sentence of their comments, and the HTTP line of an operation. */
async function described(files: readonly string[]): Promise<string> {
  const lines = await Promise.all(files.map(async (file) => {
    const declared = (await read(file)).matchAll(
      /\/\*\*\n?((?:(?!\*\/)[^])*)\*\/\nexport (?:async )?function\*? ?(\w+)/g,
    );
    return [...declared].flatMap(([, comment = '', name]) => {
      if (/@internal\b/.test(comment)) return [];
      const text = comment.replace(/^ *\* ?/gm, '').trim();
      const sentence = text.split(/\n\n|(?<=\.)\s/)[0]!.replace(/\s+/g, ' ');
      const line = /^`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`/m.exec(text)?.[1];
      return [`- \`${name}\`${line ? ` (${line})` : ''}: ${sentence}`];
    });
  }));
  // A function with several signatures is described at the first.
  return [...new Map(lines.flat().map((line) => [line.split(/[`(:]/)[1], line] as const).reverse())].reverse()
    .map(([, line]) => line).join('\n');
}

/** Writes the page. */
export async function llms(): Promise<string> {
  const readme = await read('README.md');
  const example = /^```ts\n[^]*?^```$/m.exec(readme)?.[0] ?? '';
  const parts = await Promise.all(entries.map(async ({ name, source }) => {
    const folder = source.replace(/\/mod\.ts$/, '');
    const inside = source === 'lib/mod.ts' ? ['lib/api', 'lib/fetch'] : [folder];
    const files = await Promise.all(
      inside.map(async (each) =>
        (await readdir(join(root, each))).filter((file) => file.endsWith('.ts')).sort().map((file) => join(each, file))
      ),
    );
    const surface = await read(`spec/surface/${name.split('/')[1] ?? 'main'}.txt`);
    const own = source === 'lib/mod.ts' ? ['lib/client.ts', 'lib/errors.ts'] : [];
    const functions = await described([...own, ...files.flat()]);
    return `## import from '${name}'\n\n${functions}\n\n\`\`\`ts\n${surface.trim()}\n\`\`\`\n`;
  }));
  const opening = `# ${packageJson.name}\n\n> ${packageJson.description}\n\nVersion ${packageJson.version}.`;
  return `${opening}\n\n${example}\n\n${parts.join('\n')}`;
}
