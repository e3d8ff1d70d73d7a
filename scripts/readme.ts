// Keeps the generated parts of README.md true: the table of functions, and the sizes. Compares by default, and fails on any
// difference, or on a function of the main entry that no resource lists; `--write` notes the new text.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as main from '../lib/mod.ts';
import sizes from '../spec/size.json' with { type: 'json' };
import { conclude, count } from './checks.ts';
import { root } from './esbuild.ts';

/** What the resources are called, in the order of the table. */
const resources: Record<string, string> = {
  records: 'Records',
  connections: 'Connections',
  connect: 'Connect sessions',
  integrations: 'Integrations',
  providers: 'Providers',
  syncs: 'Syncs',
  actions: 'Actions',
  proxy: 'Proxy',
  functions: 'Functions',
  deployments: 'Deployments',
  environments: 'Environments',
  agents: 'Agents',
  authorize: 'Headless authorisation',
  webhooks: 'Webhooks',
};

/** Names the functions that each file of lib/api exports. */
async function functions(): Promise<string> {
  const listed = new Set<string>();
  const lines = ['| resource | functions |', '|---|---|'];
  const files = (await readdir(join(root, 'lib/api'))).map((file) => file.replace('.ts', ''));
  for (const [file, title] of Object.entries(resources)) {
    const source = await readFile(join(root, `lib/api/${file}.ts`), 'utf8');
    const names = [...source.matchAll(/^export (?:async )?function\*? ?(\w+)/gm)].map(([, name]) => name!).filter((
      name,
    ) => name in main);
    for (const name of names) listed.add(name);
    lines.push(`| ${title} | ${[...new Set(names)].map((name) => `\`${name}\``).join(', ')} |`);
  }
  const others = Object.keys(main).filter((name) =>
    !listed.has(name) && !/^(create(Session)?Client|with\w+|isNangoError|Nango\w*Error)$/.test(name)
  );
  count(!others.length, `no resource of the table has ${others.join(', ')}`);
  for (const file of files) {
    count(file in resources || file === 'credentials', `lib/api/${file}.ts is in no row of the table`);
  }
  return lines.join('\n');
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
