// Guards: what a caller passes is checked only where the server could not tell a mistake. Each throws a TypeError that
// names the argument, and never quotes its value, which may be a secret.

/** Throws unless something holds. */
export function check(holds: unknown, message: string): asserts holds {
  if (!holds) throw new TypeError(message);
}

/** Requires an object that is no array. */
export function object<T>(value: T, name: string): T & object {
  check(typeof value === 'object' && value && !Array.isArray(value), `${name} must be an object`);
  return value;
}

/** Requires an object that has some members, whatever they are: what is in a body is for the server to judge. */
export function required<T>(value: T, name: string, ...members: (keyof T & string)[]): T & object {
  const record = object(value, name);
  for (const member of members) check((record[member] ?? undefined) !== undefined, `${member} must be given`);
  return record;
}

/** Requires a function, where there is one. */
export function callable(value: unknown, name: string): void {
  check(value === undefined || typeof value === 'function', `${name} must be a function`);
}

/** Requires a string that is not empty. */
function string(value: unknown, name: string, otherwise = ''): asserts value is string {
  check(typeof value === 'string' && value, `${name} must be a non-empty string${otherwise}`);
}

/**
 * Requires an identifier: what both a path and a header can carry. HTTP trims spaces at the ends of a header, URL
 * parsers drop the segments `.` and `..` even when they are encoded, and the server refuses what is not ASCII.
 */
export function id(value: unknown, name: string): string {
  string(value, name);
  check(/^(?! |\.\.?$)[ -~]+(?<! )$/.test(value), `${name} must be printable ASCII, not . or .., without outer spaces`);
  return value;
}

/** Requires a key: what a header can carry. `otherwise` names what may be given instead. */
export function key(value: unknown, name: string, otherwise?: string): string {
  string(value, name, otherwise);
  check(/^[!-~]+$/.test(value), `${name} must be printable ASCII without spaces`);
  return value;
}

/** Requires the signal of an AbortController of any realm, where there is one. */
export function abortSignal(value: AbortSignal | null | undefined): void {
  check(!value || value.addEventListener, 'signal must be an AbortSignal');
}

/** Requires a list that is not empty, where there is one: the server takes an empty list for all. */
export function list<T extends readonly unknown[] | undefined>(value: T, name: string): T {
  check(
    value === undefined || (Array.isArray(value) && value.length),
    `${name} must be an array with at least one item; leave it out for all`,
  );
  return value;
}

/** Refuses what an input or options do not have: a misspelt filter would be ignored, and give everything. */
export function noOthers(others: object, name: string): void {
  const [first] = Object.keys(others);
  check(first === undefined, `${name} must not have the member ${first}`);
}

/** Requires a time in milliseconds. */
export function duration(value: unknown, name: string): void {
  check(typeof value === 'number' && value > 0, `${name} must be a number of milliseconds above 0`);
}

/** Copies headers into a record with lower-case names. The platform's own error would quote what is wrong with them. */
export function headerRecord(headers: unknown, name = 'headers'): Record<string, string> {
  try {
    return Object.fromEntries(new Headers(headers as HeadersInit));
  } catch {
    throw new TypeError(`${name} must be valid HTTP headers`);
  }
}
