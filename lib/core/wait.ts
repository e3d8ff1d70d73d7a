// Waiting: how long an answer asks for, what an abort rejects with, and a sleep that can be aborted.

/** Gives the seconds that `Retry-After` asks for, as a number or until a date, where it makes sense. */
export function retryAfter(headers: { get(name: string): string | null | undefined }): number | undefined {
  const value = headers.get('retry-after') ?? 'none';
  return [+value, Math.max(0, (Date.parse(value) - Date.now()) / 1000)].find((seconds) => seconds >= 0);
}

/** Gives what a call rejects with once its signal has fired. The signals of some polyfills have no reason. */
function abortReason({ reason }: AbortSignal): unknown {
  const controller = new AbortController();
  controller.abort(reason);
  return controller.signal.reason;
}

/** Waits for a number of milliseconds, or rejects with the reason of the signal as soon as it fires. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', settle);
      if (signal?.aborted) reject(abortReason(signal));
      else resolve();
    };
    // Timers end at 2^31 ms, and longer ones fire at once.
    const timer = setTimeout(settle, signal?.aborted ? 0 : Math.min(milliseconds, 2e9));
    signal?.addEventListener('abort', settle);
  });
}
