// Keeps the generated parts of README.md true: the table of functions, and the sizes. Compares by default, and fails on any
// difference, or on a function of the main entry that no resource lists; `--write` notes the new text.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as main from '../lib/mod.ts';
import sizes from '../spec/size.json' with { type: 'json' };
import { conclude, count } from './checks.ts';
import { root } from './esbuild.ts';

/** Names the functions of each resource: the files of lib/api, each called as its first line says. */
async function functions(): Promise<string> {
  const rows = new Map<string, string[]>();
  const read = (file: string): Promise<string> => readFile(join(root, `lib/api/${file}`), 'utf8');
  for (const file of (await readdir(join(root, 'lib/api'))).sort()) {
    const names = [...(await read(file)).matchAll(/^export (?:async )?function\*? ?(\w+)/gm)].map(([, name]) => name!)
      .filter((name) => name in main);
    // What is built on a resource belongs to it: iterate-records.ts to records.ts.
    const title = /^\/\/ ([^:.\n]+):/.exec(await read(file.replace(/.*-/, '')))?.[1];
    count(title !== undefined, `lib/api/${file} does not open with what its resource is called`);
    rows.set(`${title}`, [...new Set([...(rows.get(`${title}`) ?? []), ...names])]);
  }
  const listed = [...rows.values()].flat();
  const others = Object.keys(main).filter((name) =>
    !listed.includes(name) && !/^(create(Session)?Client|with\w+|isNangoError|Nango\w*Error)$/.test(name)
  );
  count(!others.length, `no resource of the table has ${others.join(', ')}`);
  const lines = [...rows].filter(([, names]) => names.length)
    .map(([title, names]) => `| ${title} | ${names.map((name) => `\`${name}\``).join(', ')} |`);
  return ['| resource | functions |', '|---|---|', ...lines].join('\n');
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
