// Runs spec files and tells what came of them. This runs inside every runtime, because uvu itself tells the outcome on
// Node only: elsewhere a failing test, or none at all, would pass.

/** A spec file: its name, and what loads it. */
export type Spec = readonly [name: string, load: () => Promise<unknown>];

/** A test that was not run. */
export interface SkippedTest {
  test: string;
  reason: string;
}

/** What came of the spec files. */
export interface Report {
  passed: number;
  failed: number;
  skipped: SkippedTest[];
  /** What went wrong, for people to read. More than one line each. */
  failures: string[];
}

/** What specs find in their runtime. */
export interface Surroundings {
  /** The base URL of an emulator that listens on this machine. */
  loopback?: string | undefined;
  /** How long a spec file may take, in milliseconds. Defaults to 300,000: a machine under load is slow, not wrong. */
  deadline?: number | undefined;
}

type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

/** What uvu and spec/support/where.ts keep on the global object. */
interface Globals {
  UVU_DEFER?: number;
  UVU_INDEX?: number;
  UVU_QUEUE?: Suite[][];
  SKIPPED_TESTS?: SkippedTest[];
  LOOPBACK?: string | undefined;
  process?: { on?: (type: string, listener: (reason: unknown) => void) => void };
  addEventListener?: (type: string, listener: (event: ErrorLike) => void) => void;
}

/** An event of either kind of failure that nobody handled. */
interface ErrorLike {
  reason?: unknown;
  error?: unknown;
  /** The events of edge-runtime have none. */
  preventDefault?: () => void;
}

const globals = globalThis as unknown as Globals;
const startTimer = globalThis.setTimeout;
const stopTimer = globalThis.clearTimeout;

/** Runs the spec files one after the other, and tells of each when it has ended. */
export async function walk(
  specs: readonly Spec[],
  surroundings: Surroundings = {},
  ended: (name: string, passed: number, failed: number) => void = () => {},
): Promise<Report> {
  const report: Report = { passed: 0, failed: 0, skipped: [], failures: [] };
  const fail = (failure: string, count = 1): void => {
    report.failed += count;
    report.failures.push(tidy(failure));
  };
  globals.UVU_DEFER = 1;
  const queue: Suite[][] = (globals.UVU_QUEUE = []);
  const skipped: SkippedTest[] = (globals.SKIPPED_TESTS = []);
  globals.LOOPBACK = surroundings.loopback;
  listen((failure) => fail(failure));

  for (const [index, [name, load]] of specs.entries()) {
    globals.UVU_INDEX = index;
    const before = { ...report };
    const suites: Suite[] = (queue[index] = []);
    try {
      await within(surroundings.deadline ?? 300_000, async () => {
        await load();
        let counted = 0;
        for (const suite of suites) {
          const [errors, passed, skips, total] = await suite();
          counted += skips + total;
          report.passed += passed;
          // A hook that throws leaves tests that neither passed nor say why.
          if (passed < total) fail(errors === true ? `${name}: a hook threw` : `${name}\n${errors}`, total - passed);
          const reasons = skipped.splice(0);
          report.skipped.push(...reasons.map(({ test, reason }) => ({ test: `${name}: ${test}`, reason })));
          if (skips !== reasons.length) fail(`${name}: ${skips - reasons.length} tests are skipped without a reason`);
        }
        if (counted === 0) fail(`${name}: there are no tests in it`);
      });
    } catch (error) {
      fail(`${name}: ${describe(error)}`);
    }
    ended(name, report.passed - before.passed, report.failed - before.failed);
  }
  // Rejections are reported a turn after they happened.
  await new Promise((resolve) => startTimer(resolve, 20));
  if (report.passed + report.failed === 0) fail('No tests were run');
  return report;
}

/** Tells of rejections and errors that nobody handled. Some runtimes end over them, some say nothing. */
function listen(fail: (failure: string) => void): void {
  const told = new Set<unknown>();
  const tell = (what: string, reason: unknown): void => {
    // Deno tells of it in both ways.
    if (told.has(reason)) return;
    told.add(reason);
    fail(`${what}: ${describe(reason)}`);
  };
  globals.process?.on?.('unhandledRejection', (reason) => tell('Unhandled rejection', reason));
  for (const type of ['unhandledrejection', 'error']) {
    globals.addEventListener?.(type, (event) => {
      event.preventDefault?.();
      tell(type === 'error' ? 'Uncaught error' : 'Unhandled rejection', event.reason ?? event.error);
    });
  }
}

/** Takes colours out of a failure, and the lines of the stack that only tell how tests are run. */
function tidy(failure: string): string {
  const lines = failure.replace(/\u001b\[\d+m/g, '').split('\n');
  return lines
    .filter((line) => !/\/(uvu|runtimes)\/[\w/]+\.(mjs|ts):\d/.test(line))
    .join('\n')
    .trim();
}

/** Rejects where a function takes too long. */
async function within(milliseconds: number, act: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = startTimer(() => reject(new Error(`did not end within ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([act(), late]);
  } finally {
    stopTimer(timer);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Only V8 puts the message into the stack.
  return error.stack?.includes(error.message) ? error.stack : `${error}\n${error.stack}`;
}
