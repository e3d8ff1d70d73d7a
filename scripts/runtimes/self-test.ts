// Plants what must fail into every runtime, and sees whether its runner fails on it.

import type { Runtime } from './runners.ts';

const planted = (name: string): string => `scripts/runtimes/planted/${name}.test.ts`;

// What a runner must say of each plant. Where the process itself ends over an unhandled rejection, there is no report.
const plants: Record<string, RegExp> = {
  // The difference comes from uvu's `diff`, which must work everywhere too.
  failing: /··?"three"[^]*··?"two"|"two"[^]*"three"/,
  empty: /there are no tests in it/,
  forgotten: /there are no tests in it/,
  throwing: /planted while loading/,
  silent: /1 tests are skipped without a reason/,
  hook: /a hook threw/,
  hanging: /did not end within/,
  rejecting: /planted rejection/,
};

/** Runs the plants on each runtime. */
export async function selfTest(runtimes: readonly Runtime[]): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  const check = (what: string, holds: boolean, otherwise: string): void => {
    counts[holds ? 'passed' : 'failed'] += 1;
    console.log(holds ? `  ${what}` : `  NOT CAUGHT: ${what}\n${otherwise.replace(/^/gm, '    ')}`);
  };
  for (const runtime of runtimes) {
    console.log(`${runtime.name} ${await runtime.version()}`);
    const passing = await runtime.run([planted('passing')], {});
    check('passes what passes', passing.passed === 1 && passing.failed === 0, passing.failures.join('\n'));
    const none = await runtime.run([], {});
    check(
      'fails on no spec files',
      none.failed > 0 && /No tests were run/.test(none.failures.join()),
      JSON.stringify(none),
    );
    for (const [name, message] of Object.entries(plants)) {
      const report = await runtime.run(
        [planted('passing'), planted(name)],
        name === 'hanging' ? { deadline: 1500 } : {},
      );
      const failures = report.failures.join('\n');
      check(
        `fails on ${name}.test.ts`,
        report.failed > 0 && message.test(failures),
        failures || JSON.stringify(report),
      );
    }
  }
  return counts;
}
