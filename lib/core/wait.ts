// Waiting: how long an answer asks for, and a sleep that can be aborted. Imports nothing, so that everything may import
// it.

/** Gives the seconds that `Retry-After` asks for, as a number or until a date, where it makes sense. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? 'none';
  return [+value, Math.max(0, (Date.parse(value) - Date.now()) / 1000)].find((seconds) => seconds >= 0);
}

/** Waits for a number of milliseconds, or rejects with the reason of the signal as soon as it fires. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', settle);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    // Timers end at 2^31 ms, and longer ones fire at once.
    const timer = setTimeout(settle, Math.min(milliseconds, 2 ** 31 - 1));
    signal?.addEventListener('abort', settle);
    if (signal?.aborted) settle();
  });
}
