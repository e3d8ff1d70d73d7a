// Writes the emulator's catalog of providers (lib/testing/state/catalog.ts):
//
//   npx tsx scripts/providers.ts <folder with a providers.json>
//
// providers.json is an object of providers by name: { display_name, auth_mode, categories?, base_url?, headers?, query?,
// credentials?, connection_config? }, the last two as lists of the names of their fields.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './tools/esbuild.ts';

interface Facts {
  display_name: string;
  auth_mode: string;
  categories?: string[];
  base_url?: string;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  credentials?: string[];
  connection_config?: string[];
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: npx tsx scripts/providers.ts <folder with a providers.json>');
const providers = JSON.parse(await readFile(join(folder, 'providers.json'), 'utf8')) as Record<string, Facts>;

const lines = Object.entries(providers).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, facts]) => {
  const { display_name, auth_mode, categories, base_url, headers, query, credentials, connection_config } = facts;
  const row: unknown[] = [name, display_name, auth_mode, categories, base_url, headers, query, credentials];
  row.push(connection_config);
  // What is missing is 0, and left out at the end of the row.
  const columns = row.map((value) => value ?? 0);
  while (columns.at(-1) === 0) columns.pop();
  const text = JSON.stringify(columns).replaceAll('\\', '\\\\').replaceAll("'", '\\u0027');
  return `  '${text}',`;
});

const file = join(root, 'lib/testing/state/catalog.ts');
await writeFile(
  file,
  `// The providers that Nango knows, a JSON array each: name, display name, auth mode, categories, base URL, headers, query,
// names of credentials, names of connection config. Written by scripts/providers.ts.

/** The providers, by name. */
export const catalog: readonly string[] = [
${lines.join('\n')}
];
`,
);
console.log(`${lines.length} providers`);
