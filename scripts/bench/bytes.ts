// What a program weighs that reads one page of records: gzip -9 of the bundle that esbuild minifies.

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { esbuild, root } from '../tools/esbuild.ts';

const folder = join(root, 'scripts/bench');
const query = `{ model: 'Issue' }`;
const headers = `{ authorization: 'Bearer key', 'provider-config-key': 'github', 'connection-id': 'c-1' }`;
const url = `'https://api.nango.dev/records'`;
const input = `{ providerConfigKey: 'github', connectionId: 'c-1', model: 'Issue' }`;

/** The same program by each contestant; those for Node leave its own modules out. */
const programs: { name: string; code: string; node?: boolean }[] = [
  {
    name: 'fetch',
    code: `export const run = async () => (await fetch(${url} + '?model=Issue', { headers: ${headers} })).json();`,
  },
  {
    name: 'hand-written',
    code: `import { createHandWritten } from './hand-written.ts';
      export const run = () => createHandWritten('https://api.nango.dev', 'key').get('/records', ${query}, ${headers});`,
  },
  {
    name: 'nango-fetch',
    code: `import { createClient, listRecords } from '../../dist/mod.js';
      export const run = () => listRecords(createClient({ apiKey: 'key' }), ${input});`,
  },
  {
    name: '@nangohq/node',
    code:
      `import { Nango } from '@nangohq/node'; export const run = () => new Nango({ apiKey: 'key' }).listRecords(${input});`,
    node: true,
  },
  {
    name: 'axios',
    code:
      `import axios from 'axios'; export const run = () => axios.get(${url}, { params: ${query}, headers: ${headers} });`,
  },
  {
    name: 'ky',
    code:
      `import ky from 'ky'; export const run = () => ky(${url}, { searchParams: ${query}, headers: ${headers} }).json();`,
  },
  {
    name: 'ofetch',
    code:
      `import { ofetch } from 'ofetch'; export const run = () => ofetch(${url}, { query: ${query}, headers: ${headers} });`,
  },
  {
    name: 'wretch',
    code: `import wretch from 'wretch'; import query from 'wretch/addons/queryString';
      export const run = () => wretch(${url}).addon(query).query(${query}).headers(${headers}).get().json();`,
  },
  {
    name: 'undici.request',
    code:
      `import { request } from 'undici'; export const run = () => request(${url}, { query: ${query}, headers: ${headers} });`,
    node: true,
  },
];

/** Bundles all programs, and gives the bytes of each. */
export async function measureBytes(): Promise<
  { name: string; bytes: number }[]
> {
  return Promise.all(programs.map(async ({ name, code, node = false }) => {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: code, resolveDir: folder, loader: 'ts' },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      platform: node ? 'node' : 'browser',
      write: false,
      logLevel: 'error',
    });
    return {
      name,
      bytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length,
    };
  }));
}
