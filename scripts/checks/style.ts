// Checks the format of the sources, and what the linter says of them. `npm run fix` mends most of it.

import { deno } from '../tools/deno.ts';

await deno(['fmt', '--quiet', '--check'], ['lint', '--quiet']);
if (process.exitCode) console.log('`npm run fix` mends what is not formatted, and what the linter can mend.');
