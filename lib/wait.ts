// Waiting: how long an answer asks for, and a sleep that can be aborted. Imports nothing, so that everything may import it.

/** Gives the seconds that `Retry-After` asks for, where it is there. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  return value === null ? undefined : +value >= 0 ? +value : Math.max(0, (Date.parse(value) - Date.now()) / 1000);
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
    const timer = setTimeout(settle, milliseconds);
    signal?.addEventListener('abort', settle);
    if (signal?.aborted) settle();
  });
}
