// The entries of the package, as package.json exports them.

import { posix } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

/** What users import from: its name, and its file in lib. */
export interface Entry {
  name: string;
  source: string;
}

export const entries: readonly Entry[] = Object.entries(packageJson.exports).flatMap(([path, target]) => {
  if (typeof target === 'string') return [];
  const source = target.import.default.replace('./dist/', 'lib/').replace(/js$/, 'ts');
  return [{ name: posix.join(packageJson.name, path), source }];
});
