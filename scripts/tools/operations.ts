// The operations of the library, read from its sources: no list of them is kept by hand.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './esbuild.ts';

/** A function that a file of lib/api exports to users. */
export interface Operation {
  name: string;
  /** The file of lib/api, without its ending. */
  file: string;
  /** Whether only a connect session may call it. */
  session: boolean;
}

/** Lists the functions of each file of lib/api, in the order in which the files declare them. */
export async function operations(): Promise<Operation[]> {
  const files = (await readdir(join(root, 'lib/api'))).filter((name) => name.endsWith('.ts')).sort();
  const found = await Promise.all(files.map(async (file) => {
    const source = await readFile(join(root, 'lib/api', file), 'utf8');
    const declared = source.matchAll(
      /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export (?:async )?function\*? ?(\w+)[^(]*\(\s*(\w+: \w+)?/g,
    );
    const names = new Map<string, Operation>();
    for (const [, doc = '', name = '', parameter = ''] of declared) {
      if (/@internal\b/.test(doc) || names.has(name)) continue;
      names.set(name, { name, file: file.slice(0, -3), session: parameter.endsWith(': SessionClient') });
    }
    return [...names.values()];
  }));
  return found.flat();
}
