// The spec files, and the programs that run them: one that a runtime loads from its sources, one bundled into a file.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { esbuild, root } from '../tools/esbuild.ts';
import type { Surroundings } from './walk.ts';

/** What comes before a report on the output of a runtime. */
export const mark = 'REPORT ';

/** Lists the spec files below a folder of the repository, by their paths from the root. */
export async function listSpecs(folder: string, without: readonly string[] = []): Promise<string[]> {
  const files = await readdir(join(root, folder), { recursive: true });
  return files
    .filter((file) => file.endsWith('.test.ts') && !without.includes(file.split(sep)[0] ?? ''))
    .map((file) => join(folder, file))
    .sort();
}

/** Where a program that runs specs leaves the report. */
export type Ending = 'print' | 'workerd' | 'edge' | 'post';

/** Writes the program that runs spec files. */
function program(
  specs: readonly string[],
  surroundings: Surroundings,
  ending: Ending,
  path: (file: string) => string,
): string {
  const list = specs
    .map((spec) => `[${JSON.stringify(spec)}, () => import(${JSON.stringify(path(spec))})]`)
    .join(',\n');
  const begin = `import { walk } from ${JSON.stringify(path('scripts/runtimes/walk.ts'))};
const run = () => walk([${list}], ${JSON.stringify(surroundings)});
const line = (report) => '\\n${mark}' + JSON.stringify(report);
`;
  const endings: Record<Ending, string> = {
    print: 'console.log(line(await run()));',
    // Workers may do nothing before they are called.
    workerd: 'export default { async test() { console.log(line(await run())); } };',
    edge: 'globalThis.report = run().then(line);',
    post: "const report = await run(); await fetch('/report', { method: 'POST', body: line(report) });",
  };
  return begin + endings[ending];
}

/** Writes a program that loads the specs from where they are, hands over its path, and removes it afterwards. */
export async function withSources<T>(
  specs: readonly string[],
  surroundings: Surroundings,
  use: (path: string, folder: string) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const entry = join(folder, 'entry.mjs');
    await writeFile(
      entry,
      program(specs, surroundings, 'print', (file) => pathToFileURL(join(root, file)).href),
    );
    return use(entry, folder);
  });
}

/** Bundles the specs and what runs them into one script. */
export async function bundle(specs: readonly string[], surroundings: Surroundings, ending: Ending): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: program(specs, surroundings, ending, (file) => `./${file}`), resolveDir: root },
    bundle: true,
    write: false,
    format: ending === 'edge' ? 'iife' : 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    // package.json says that no module has side effects. A spec has nothing else, and would be dropped.
    ignoreAnnotations: true,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/** Makes a folder for as long as it is used. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nango-fetch-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
