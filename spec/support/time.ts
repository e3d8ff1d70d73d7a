// A clock for tests of waiting: it stands still while there is something to do, and then jumps to the next timer. No
// such test depends on how fast the machine is.

/** Runs something on that clock. It starts at a whole second, and gives back the real one at the end. */
export async function hurry<T>(run: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout } = globalThis;
  const { now } = Date;
  const timers = new Map<unknown, { at: number; callback: () => void }>();
  let time = Math.ceil(now() / 1000) * 1000;
  const start = (callback: () => void, milliseconds = 0): object => {
    const timer = { unref() {}, ref() {} };
    timers.set(timer, { at: time + Math.max(1, milliseconds), callback });
    return timer;
  };
  globalThis.setTimeout = start as unknown as typeof globalThis.setTimeout;
  // A timer that was started before is still the platform's.
  globalThis.clearTimeout = (timer) => void (timers.delete(timer) || clearTimeout(timer));
  Date.now = () => time;
  let ended = false;
  try {
    const running = run().finally(() => (ended = true));
    // What it rejects with is told by the return.
    running.catch(() => {});
    while (!ended) {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
      const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
      if (ended || !next) continue;
      const [timer, { at, callback }] = next;
      timers.delete(timer);
      time = Math.max(time, at);
      callback();
    }
    return await running;
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Date.now = now;
  }
}
