// The emulator behind node:http, for scripts and examples: that of the development server.

export { serve } from '../lib/dev/server.ts';
export type { RunningServer, ServeOptions } from '../lib/dev/server.ts';
