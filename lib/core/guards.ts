// Checks of what the caller passes. Each gives the value to send, or throws a TypeError that names the argument.

/** Gives the value to send for an argument. */
export type Check<T = unknown> = (value: unknown, name: string) => T;

/** Throws the error for a bad argument. The value is left out, since it may be a secret. */
export function refuse(name: string, rule: string): never {
  throw new TypeError(`${name} must be ${rule}`);
}

/** Makes the check that a test says. */
export function check<T>(test: (value: never) => unknown, rule: string): Check<T> {
  return (value, name) => (test(value as never) ? (value as T) : refuse(name, rule));
}

/** Requires a string of a form, which the rule puts into words. */
export function string(form: RegExp, rule: string): Check<string> {
  return check((value: unknown) => typeof value === 'string' && form.test(value), rule);
}

/**
 * Requires an identifier. Paths and headers both carry identifiers, so they are what both can carry: HTTP trims spaces
 * at the ends of a header, URL parsers drop the segments . and .. even when they are encoded, and the server refuses
 * what is not ASCII.
 */
export const id: Check<string> = /* @__PURE__ */ string(
  /^(?! |\.\.?$)[ -~]{1,255}(?<! )$/,
  '1 to 255 ASCII characters',
);

/** Requires text without control characters. */
export const text: Check<string> = /* @__PURE__ */ string(
  /^\P{Cc}{1,1000}$/u,
  '1 to 1000 characters',
);

/** Requires a whole number up to `max`, from 1 unless `min` says otherwise. */
export function integer(max: number, min = 1): Check<number> {
  return check(
    (value: number) => Number.isInteger(value) && value >= min && value <= max,
    `an integer from ${min} to ${max}`,
  );
}

/** Requires true or false. */
export const flag: Check<boolean> = /* @__PURE__ */ check((value: unknown) => typeof value === 'boolean', 'a boolean');

/** Requires a function. */
export const callable: Check = /* @__PURE__ */ check((value: unknown) => typeof value === 'function', 'a function');

/** Requires an object that is no array. */
export const object: Check<object> = /* @__PURE__ */ check(
  (value: unknown) => typeof value === 'object' && value && !Array.isArray(value),
  'an object',
);

/** Requires the signal of an AbortController, of any realm. */
export const abortSignal: Check<AbortSignal> = /* @__PURE__ */ check(
  (value?: { addEventListener?: unknown }) => value?.addEventListener,
  'an AbortSignal',
);

/** Requires a time in milliseconds. */
export const duration: Check<number> = /* @__PURE__ */ check(
  (value: unknown) => typeof value === 'number' && value > 0,
  'a number above 0',
);

/** Requires an array of 1 to `max` items that each pass a check. */
export function list<T>(item: Check<T>, max: number): Check<T[]> {
  return (value, name) => {
    integer(max)(Array.isArray(value) && value.length, `${name}.length`);
    return (value as unknown[]).map((entry) => item(entry, name));
  };
}

/**
 * Takes from the input what the checks name: in the spelling of the wire, where the input has camelCase, and with a
 * question mark where it may be left out.
 */
export function pick(input: object, checks: Record<string, Check>, label = 'input'): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  if (Object(input) !== input) refuse(label, 'an object');
  for (const key in checks) {
    const wire = key.replace('?', '');
    const name = wire.replace(/[_-]./g, (match) => match[1]!.toUpperCase());
    const value = (input as Record<string, unknown>)[name];
    if (wire === key || value !== undefined) picked[wire] = checks[key]!(value, name);
  }
  return picked;
}

/** Gives a body as it is, once the checks have passed its members. */
export function body(input: object, checks: Record<string, Check>): object {
  for (const name in checks) checks[name]!((input as Record<string, unknown>)[name], name);
  return input;
}

/** Gives the members of a record as `name[member]`, as the server reads them from a query. */
export function bracketed(record: object | undefined, name: string, check: Check): Record<string, unknown> {
  const members = Object.entries(record === undefined ? {} : object(record, name));
  return Object.fromEntries(members.map(([key, value]) => [`${name}[${key}]`, check(value, `${name}.${key}`)]));
}

/** Gives the headers that name a connection. */
export function connectionHeaders(input: object): Record<string, string> {
  return pick(input, { 'provider-config-key': id, 'connection-id': id }) as Record<string, string>;
}

/** Copies headers into a record with lower-case names. The platform's own error would quote what is wrong with them. */
export function headerRecord(headers: unknown): Record<string, string> {
  try {
    return Object.fromEntries(new Headers(headers as HeadersInit));
  } catch {
    return refuse('headers', 'valid headers');
  }
}
