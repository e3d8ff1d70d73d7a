// The server's rate limiter: one fixed window for the account, another for all connect sessions.

import { ApiError, json } from './answer.ts';

/** How many calls the emulator accepts. */
export interface RateLimitOptions {
  /** Calls per window. Defaults to 100,000. */
  limit?: number | undefined;
  /** The length of a window in milliseconds. Defaults to 60,000. */
  window?: number | undefined;
}

/** Counts calls. */
export interface RateLimiter {
  /** Counts a call and sets its headers. Throws the 429 once the window is used up. */
  count(bucket: string, now: number, headers: Record<string, string>, method: string, path: string): void;
}

/** The 429, with `Retry-After` in seconds. */
export function tooManyRequests(
  retryAfter: number,
  headers: Record<string, string>,
  method: string,
  path: string,
): ApiError {
  headers['retry-after'] = String(retryAfter);
  return new ApiError(json({ error: { code: 'too_many_request', method, path } }, 429));
}

/** Creates a limiter. */
export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const limit = options.limit ?? 100_000;
  const length = options.window ?? 60_000;
  const windows = new Map<string, { ends: number; used: number }>();

  return {
    count(bucket, now, headers, method, path) {
      let window = windows.get(bucket);
      if (!window || window.ends <= now) {
        window = { ends: now + length, used: 0 };
        windows.set(bucket, window);
      }
      window.used++;
      headers['x-ratelimit-limit'] = String(limit);
      headers['x-ratelimit-remaining'] = String(Math.max(0, limit - window.used));
      headers['x-ratelimit-reset'] = String(Math.ceil(window.ends / 1000));
      if (window.used > limit) throw tooManyRequests(Math.floor((window.ends - now) / 1000), headers, method, path);
    },
  };
}
