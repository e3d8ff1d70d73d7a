// Checks of what the caller passes. Each gives the value to send, or throws a TypeError that names the argument.

/** Gives the value to send for an argument. */
export type Check = (value: unknown, name: string) => unknown;

/** Throws the error for a bad argument. The value is left out, since it may be a secret. */
export function refuse(name: string, rule: string): never {
  throw new TypeError(`${name} must be ${rule}`);
}

/** Requires a string of a form. */
export function string(form: RegExp): (value: unknown, name: string) => string {
  return (value, name) =>
    typeof value === 'string' && form.test(value) ? value : refuse(name, `a string like ${form}`);
}

/**
 * Requires an identifier. Paths and headers both carry identifiers, so they are what both can carry: HTTP trims spaces at the
 * ends of a header, URL parsers drop the segments . and .. even when they are encoded, and the server refuses what is not ASCII.
 */
export const id: (value: unknown, name: string) => string = /* @__PURE__ */ string(/^(?! |\.\.?$)[ -~]{1,255}(?<! )$/);

/** Requires text without control characters. */
export const text: (value: unknown, name: string) => string = /* @__PURE__ */ string(/^[^\0-\x1f\x7f]{1,1000}$/);

/** Requires a whole number up to `max`, from 1 unless `min` says otherwise. */
export function integer(max: number, min = 1): Check {
  return (value, name) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? value
      : refuse(name, `an integer from ${min} to ${max}`);
}

/** Requires true or false. */
export function flag(value: unknown, name: string): boolean {
  return typeof value === 'boolean' ? value : refuse(name, 'a boolean');
}

/** Requires an object, for example a body. */
export function object(value: unknown, name: string): object {
  return typeof value === 'object' && value && !Array.isArray(value) ? value : refuse(name, 'an object');
}

/** Requires an array of 1 to `max` items that each pass a check. */
export function list(item: Check, max: number): Check {
  return (value, name) => {
    integer(max)(Array.isArray(value) && value.length, `${name}.length`);
    return (value as unknown[]).map((entry) => item(entry, name));
  };
}

/**
 * Takes from the input what the checks name: in the spelling of the wire, where the input has camelCase, and with a question
 * mark where it may be left out.
 */
export function pick(input: object, checks: Record<string, Check>): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
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

/** Copies headers into a record with lower-case names. */
export function headerRecord(headers: HeadersInit | undefined): Record<string, string> | undefined {
  return headers && Object.fromEntries(new Headers(headers));
}
