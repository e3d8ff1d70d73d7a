// Formats the sources, and mends what the linter can mend.
//
//   npm run fix

import { deno } from './tools/deno.ts';

await deno(['lint', '--quiet', '--fix'], ['fmt', '--quiet']);
