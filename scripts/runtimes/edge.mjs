// Runs a bundled program in edge-runtime, and prints its report. A program of its own, so that what goes wrong in there
// ends no more than this.

import { readFile } from 'node:fs/promises';
import { EdgeRuntime } from 'edge-runtime';

const runtime = new EdgeRuntime();
runtime.evaluate(await readFile(process.argv[2], 'utf8'));
console.log(await runtime.evaluate('globalThis.report'));
process.exit();
