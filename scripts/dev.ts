// Runs what `npx nango-fetch dev` runs, from the sources: `npm run dev -- --port 3003`.

import { main } from '../lib/dev/main.ts';

await main(process.argv.slice(2));
