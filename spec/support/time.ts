// Time that runs fast, so that a test of waiting does not wait.

/** Runs something while timers end, and the clock goes, a hundred times as fast. */
export async function hurry<T>(run: () => Promise<T>): Promise<T> {
  const { setTimeout } = globalThis;
  const { now } = Date;
  const start = now();
  const fast = (callback: () => void, milliseconds = 0): unknown => setTimeout(callback, milliseconds / 100);
  globalThis.setTimeout = fast as typeof globalThis.setTimeout;
  Date.now = () => start + (now() - start) * 100;
  try {
    return await run();
  } finally {
    globalThis.setTimeout = setTimeout;
    Date.now = now;
  }
}
