// The bundler of the checks. It is tsx's own, so that the project needs no package more.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The part of esbuild's interface that the scripts use. */
export interface Esbuild {
  build(
    options: Record<string, unknown>,
  ): Promise<{ outputFiles: { path: string; contents: Uint8Array; text: string }[] }>;
}

const tsx = createRequire(import.meta.url).resolve('tsx');

export const esbuild = createRequire(tsx)('esbuild') as Esbuild;

/** The folder of the project. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));
