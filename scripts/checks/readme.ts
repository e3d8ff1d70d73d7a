// Keeps the generated parts of README.md true: the table of functions, and the sizes. Compares by default, and fails on any
// difference; `--write` notes the new text.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as main from '../../lib/mod.ts';
import sizes from '../../spec/size.json' with { type: 'json' };
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';
import { operations } from '../tools/operations.ts';

/** Names the functions of each resource: those of its file in lib/api, which opens with what it is called. */
async function functions(): Promise<string> {
  const resources = new Map<string, string[]>();
  for (const { name, file } of await operations()) {
    if (!(name in main)) continue;
    // Reading records is a resource of several files.
    const resource = file.endsWith('-records') ? 'records' : file;
    resources.set(resource, [...(resources.get(resource) ?? []), `\`${name}\``]);
  }
  const lines = await Promise.all([...resources].map(async ([file, names]) => {
    const opening = await readFile(join(root, `lib/api/${file}.ts`), 'utf8');
    const title = /^\/\/ (?:The )?([\w ]+)[:,]/.exec(opening)?.[1] ?? '';
    count(title !== '', `lib/api/${file}.ts does not open with the name of its resource and a colon`);
    return `| ${title.charAt(0).toUpperCase()}${title.slice(1)} | ${names.join(', ')} |`;
  }));
  return ['| resource | functions |', '|---|---|', ...lines.sort()].join('\n');
}

const bytes = (name: keyof typeof sizes): string => `${(sizes[name] / 1000).toFixed(1)} KB`;
const sections: Record<string, string> = {
  functions: await functions(),
  sizes: `one page of records ${bytes('createClient + listRecords')}, all of them with retries ` +
    `${bytes('createClient + listRecords + iterateRecords + withRetry')}, webhook verification ${
      bytes('verifyWebhook')
    }, ` +
    `everything ${bytes('the whole main entry')}`,
};

const file = join(root, 'README.md');
const before = await readFile(file, 'utf8');
let after = before;
for (const [name, text] of Object.entries(sections)) {
  const pattern = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
  const inline = name === 'sizes';
  count(pattern.test(after), `README.md has no place for ${name}`);
  after = after.replace(
    pattern,
    (_, open: string, close: string) => (inline ? open + text + close : `${open}\n${text}\n${close}`),
  );
}
if (process.argv.includes('--write')) await writeFile(file, after);
else count(after === before, 'README.md is behind: `npm run update` writes it anew');
conclude();
