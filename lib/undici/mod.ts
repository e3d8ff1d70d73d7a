/**
 * The entry `nango-fetch/undici`: requests on `undici.request`, which takes a fraction of the CPU of Node's own `fetch`.
 * Named re-exports, nothing else.
 *
 * @module
 */

export { fromUndici } from './from-undici.ts';
export type { UndiciOptions, UndiciRequest, UndiciResponse } from './from-undici.ts';
