// Guards: what a caller passes is checked only where the server could not tell a mistake. Each throws a TypeError that
// names the argument, and never quotes its value, which may be a secret.

/** Throws unless something holds. */
export function check(holds: unknown, message: string): asserts holds {
  if (!holds) throw new TypeError(message);
}

/** Requires an object. */
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

/** Refuses other members than those that are known: a misspelt filter would be ignored, and give everything. */
export function noOthers(others: object, name: string): void {
  for (const other in others) check(false, `${name} must not have ${other}`);
}

/**
 * Requires an identifier: what both a path and a header can carry. HTTP trims spaces at the ends of a header, URL
 * parsers drop the segments `.` and `..` even when they are encoded, and the server refuses what is not ASCII. A key
 * goes by the same rule.
 */
export function id(value: unknown, name: string): string {
  check(
    typeof value === 'string' && /^(?! |\.\.?$)[ -~]+(?<! )$/.test(value),
    `${name} must be a non-empty string of printable ASCII`,
  );
  return value;
}

/** Requires a list that is not empty, where there is one: the server takes an empty list for all. */
export function list<T extends readonly unknown[] | undefined>(value: T, name: string): T {
  check(value === undefined || (Array.isArray(value) && value.length), `${name} must be a non-empty array`);
  return value;
}

/** Requires a function, where there is one. */
export function callable(value: unknown, name: string): void {
  check(value === undefined || typeof value === 'function', `${name} must be a function`);
}

/** Requires a time in milliseconds. */
export function duration(value: unknown, name: string): void {
  check(typeof value === 'number' && value > 0, `${name} must be a number above 0`);
}

/** Copies headers into a record with lower-case names. The platform's own error would quote what is wrong with them. */
export function headerRecord(headers: unknown): Record<string, string> {
  try {
    return Object.fromEntries(new Headers(headers as HeadersInit));
  } catch {
    throw new TypeError('headers must be valid');
  }
}
