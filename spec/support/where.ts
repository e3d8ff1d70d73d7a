// Tests that need what not every runtime has: where it is missing they are skipped, and say why.

import type { Test } from 'uvu';

const globals = globalThis as { SKIPPED_TESTS?: { test: string; reason: string }[] };

/**
 * Gives what registers tests where the runtime is `able` to run them, and what skips them for a reason where it is not.
 */
export function testWhere(
  test: Test,
  able: boolean,
  reason: string,
): (name: string, check: () => void | Promise<void>) => void {
  if (able) return (name, check) => test(name, check);
  return (name) => {
    test.skip(name);
    globals.SKIPPED_TESTS?.push({ test: name, reason });
  };
}

const { userAgent = '' } = (globalThis as { navigator?: { userAgent?: string } }).navigator ?? {};

/** Whether this is WebKit. */
export const isWebKit: boolean = /AppleWebKit/.test(userAgent) && !/Chrom/.test(userAgent);
