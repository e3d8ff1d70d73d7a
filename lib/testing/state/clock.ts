// The time and random values, both of which a test can control, and the server's formats of a time.

/** The source of times and random ids. */
export interface Clock {
  /** The time in milliseconds since 1970. */
  now(): number;
  /** A strictly increasing time in microseconds since 1970, which orders records. */
  tick(): number;
  /** A random UUID (version 4). */
  uuid(): string;
  /** Random lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** Waits. */
  sleep(milliseconds: number): Promise<void>;
}

/** Creates a clock. `random` returns a number from 0 up to 1, as `Math.random` does. */
export function createClock(options: {
  now?: (() => number) | undefined;
  random?: (() => number) | undefined;
  sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}): Clock {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  let last = 0;
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += Math.floor(random() * 16).toString(16);
    return text;
  };
  return {
    now,
    tick() {
      last = Math.max(last + 1, Math.floor(now()) * 1000);
      return last;
    },
    uuid() {
      const variant = '89ab'[Math.floor(random() * 4)] ?? '8';
      return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
    },
    hex,
    // No delays by default, so that tests do not wait for retries.
    sleep: options.sleep ?? (() => Promise.resolve()),
  };
}

/** `2026-01-02T03:04:05.678Z` */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** `2026-01-02T03:04:05.678+00:00` */
export function offsetTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+00:00');
}

/** `2026-01-02T03:04:05.678901+00:00`, without trailing zeros in the fraction, as the database writes it. */
export function databaseTime(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000);
  const fraction = String(microseconds - seconds * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === '' ? '' : '.'}${fraction}+00:00`;
}

/** Microseconds since 1970 of an ISO time, or `NaN`. */
export function microseconds(text: string): number {
  const [, whole = '', fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text) ?? [];
  const offset = zone === '' ? 'Z' : /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  return Date.parse(`${whole.replace(' ', 'T')}${offset}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** Creates the id of a log entry. */
export function logId(clock: Clock): string {
  return `${clock.now()}_${clock.hex(8)}`;
}
