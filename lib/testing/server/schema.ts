// A small schema validator. Clients see its issues, so their codes, messages and order are those of the server's own
// validator (zod): `{ code, message, path }`, with strings only in the path. One file, as its combinators need each other.

/** An issue, as the server reports it. */
export interface Issue {
  /** The code, for example `invalid_type` or `too_small`. */
  code: string;
  /** The message. */
  message: string;
  /** The path to the invalid value. */
  path: string[];
}

/** Collects issues. After a fatal one, no further rules are applied to the value. */
export interface Report {
  /** The issues so far. */
  issues: Issue[];
  /** Whether one of them is fatal. */
  fatal: boolean;
}

/** Reads a value of type `T`, or reports issues. After an issue, the returned value must not be used. */
export interface Schema<T> {
  /** Whether a member may be missing. */
  readonly optional?: boolean;
  /** Reads a value. */
  read(value: unknown, path: readonly string[], report: Report): T;
}

/** The type that a schema reads. */
export type Read<S> = S extends Schema<infer T> ? T : never;

/** The rules for a string, checked in this order. */
export interface StringRules {
  /** A pattern it must match. */
  pattern?: RegExp;
  /** A required prefix. */
  startsWith?: string;
  /** A required suffix. */
  endsWith?: string;
  /** A required format. */
  format?: 'email' | 'url' | 'uuid' | 'datetime';
  /** The minimum length. */
  min?: number;
  /** The maximum length. */
  max?: number;
  /** Trim it first. */
  trim?: boolean;
}

const formats: Record<'email' | 'url' | 'uuid' | 'datetime', { text: string; test: (value: string) => boolean }> = {
  email: {
    text: 'Invalid email address',
    test: (value) =>
      /^[\w'+.-]*[\w+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/.test(value) && !/^\.|\.\./.test(value),
  },
  url: { text: 'Invalid URL', test: (value) => parseUrl(value) !== undefined },
  uuid: {
    text: 'Invalid UUID',
    test: (value) => /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(value),
  },
  datetime: {
    text: 'Invalid ISO datetime',
    test: (value) =>
      /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?Z$/.test(value) && !Number.isNaN(Date.parse(value)),
  },
};

/** Parses a URL; `undefined` if it is invalid. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The name of a value's type in messages. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isNaN(value) ? 'NaN' : typeof value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(expected: string, value: unknown, path: readonly string[], report: Report): void {
  const message = `Invalid input: expected ${expected}, received ${typeName(value)}`;
  report.issues.push({ code: 'invalid_type', message, path: [...path] });
  report.fatal = true;
}

/** A string. */
export function string(rules: StringRules = {}): Schema<string> {
  return {
    read(value, path, report) {
      if (typeof value !== 'string') {
        wrongType('string', value, path, report);
        return '';
      }
      const text = rules.trim === true ? value.trim() : value;
      const complain = (code: string, message: string): void => {
        report.issues.push({ code, message, path: [...path] });
      };
      if (rules.pattern && !rules.pattern.test(text)) {
        complain('invalid_format', `Invalid string: must match pattern ${String(rules.pattern)}`);
      }
      if (rules.startsWith !== undefined && !text.startsWith(rules.startsWith)) {
        complain('invalid_format', `Invalid string: must start with "${rules.startsWith}"`);
      }
      if (rules.endsWith !== undefined && !text.endsWith(rules.endsWith)) {
        complain('invalid_format', `Invalid string: must end with "${rules.endsWith}"`);
      }
      if (rules.format && !formats[rules.format].test(text)) {
        complain('invalid_format', formats[rules.format].text);
        // An invalid URL is fatal, so that a union does not report it.
        report.fatal ||= rules.format === 'url';
      }
      if (rules.min !== undefined && text.length < rules.min) {
        complain('too_small', `Too small: expected string to have >=${rules.min} characters`);
      }
      if (rules.max !== undefined && text.length > rules.max) {
        complain('too_big', `Too big: expected string to have <=${rules.max} characters`);
      }
      return text;
    },
  };
}

/** A number; `coerce` accepts numeric strings, for queries and headers. */
export function number(
  rules: { coerce?: boolean; integer?: boolean; min?: number; max?: number } = {},
): Schema<number> {
  return {
    read(value, path, report) {
      const read = rules.coerce === true ? Number(value) : value;
      if (typeof read !== 'number' || Number.isNaN(read)) {
        wrongType('number', read, path, report);
        return 0;
      }
      if (rules.integer === true && !Number.isInteger(read)) wrongType('int', read, path, report);
      if (rules.min !== undefined && read < rules.min) {
        const message = `Too small: expected number to be >=${rules.min}`;
        report.issues.push({ code: 'too_small', message, path: [...path] });
      }
      if (rules.max !== undefined && read > rules.max) {
        const message = `Too big: expected number to be <=${rules.max}`;
        report.issues.push({ code: 'too_big', message, path: [...path] });
      }
      return read;
    },
  };
}

/** A date in any form that `Date` accepts, read as an ISO string. */
export function date(): Schema<string> {
  return {
    read(value, path, report) {
      const read = new Date(value as string);
      if (!Number.isNaN(read.getTime())) return read.toISOString();
      report.issues.push({
        code: 'invalid_type',
        message: 'Invalid input: expected date, received Date',
        path: [...path],
      });
      report.fatal = true;
      return '';
    },
  };
}

/** A boolean. */
export function boolean(): Schema<boolean> {
  return {
    read(value, path, report) {
      if (typeof value !== 'boolean') wrongType('boolean', value, path, report);
      return value === true;
    },
  };
}

const truthy = ['true', '1', 'yes', 'on', 'y', 'enabled'];
const falsy = ['false', '0', 'no', 'off', 'n', 'disabled'];

/** A boolean in a query or header: `true`, `1`, `yes`, `on`, `y`, `enabled` or their opposites, in any case. */
export function flag(): Schema<boolean> {
  return {
    read(value, path, report) {
      if (typeof value !== 'string') {
        wrongType('string', value, path, report);
        return false;
      }
      const text = value.toLowerCase();
      if (!truthy.includes(text) && !falsy.includes(text)) notAnOption([...truthy, ...falsy], path, report);
      return truthy.includes(text);
    },
  };
}

function notAnOption(values: readonly string[], path: readonly string[], report: Report): void {
  const quoted = values.map((value) => `"${value}"`);
  const [only] = quoted;
  const message = quoted.length === 1
    ? `Invalid input: expected ${only}`
    : `Invalid option: expected one of ${quoted.join('|')}`;
  report.issues.push({ code: 'invalid_value', message, path: [...path] });
  report.fatal = true;
}

/** One of several strings. */
export function oneOf<const V extends readonly string[]>(values: V): Schema<V[number]> {
  return {
    read(value, path, report) {
      if (!values.includes(value as string)) notAnOption(values, path, report);
      return value as V[number];
    },
  };
}

/** `null`, or what another schema accepts. */
export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { read: (value, path, report) => (value === null ? null : schema.read(value, path, report)) };
}

/** Any value. */
export function anything(): Schema<unknown> {
  return { optional: true, read: (value) => value };
}

/** An array. */
export function array<T>(item: Schema<T>, rules: { min?: number; max?: number } = {}): Schema<T[]> {
  return {
    read(value, path, report) {
      if (!Array.isArray(value)) {
        wrongType('array', value, path, report);
        return [];
      }
      const read = value.map((entry: unknown, index) => item.read(entry, [...path, String(index)], report));
      if (rules.min !== undefined && read.length < rules.min) {
        const message = `Too small: expected array to have >=${rules.min} items`;
        report.issues.push({ code: 'too_small', message, path: [...path] });
      }
      if (rules.max !== undefined && read.length > rules.max) {
        const message = `Too big: expected array to have <=${rules.max} items`;
        report.issues.push({ code: 'too_big', message, path: [...path] });
      }
      return read;
    },
  };
}

/** An object whose keys match one schema and whose values match another. */
export function record<T>(key: Schema<string>, entry: Schema<T>): Schema<Record<string, T>> {
  return {
    read(value, path, report) {
      const read: Record<string, T> = {};
      if (!isPlainObject(value)) {
        wrongType('record', value, path, report);
        return read;
      }
      for (const [name, member] of Object.entries(value)) {
        const ofKey: Report = { issues: [], fatal: false };
        key.read(name, [], ofKey);
        if (ofKey.issues.length > 0) {
          report.issues.push({ code: 'invalid_key', message: 'Invalid key in record', path: [...path, name] });
          report.fatal = true;
          continue;
        }
        read[name] = entry.read(member, [...path, name], report);
      }
      return read;
    },
  };
}

/** Any JSON object. */
export function jsonObject(): Schema<Record<string, unknown>> {
  return record(string(), anything());
}

type Shape = Record<string, Schema<unknown>>;
type ReadShape<S extends Shape> = { [K in keyof S]: Read<S[K]> };

/** An object with only these members. */
export function object<S extends Shape>(shape: S): Schema<ReadShape<S>> {
  return {
    read(value, path, report) {
      const read = looseObject(shape).read(value, path, report);
      if (!isPlainObject(value)) return read;
      const unknown = Object.keys(value).filter((name) => !Object.hasOwn(shape, name));
      if (unknown.length > 0) {
        const keys = unknown.map((name) => `"${name}"`).join(', ');
        const message = `Unrecognized key${unknown.length > 1 ? 's' : ''}: ${keys}`;
        report.issues.push({ code: 'unrecognized_keys', message, path: [...path] });
        report.fatal = true;
      }
      return read;
    },
  };
}

/** An object with these members; others are kept. */
export function looseObject<S extends Shape>(shape: S): Schema<ReadShape<S>> {
  return {
    read(value, path, report) {
      const read: Record<string, unknown> = {};
      if (!isPlainObject(value)) {
        wrongType('object', value, path, report);
        return read as ReadShape<S>;
      }
      for (const [name, schema] of Object.entries(shape)) {
        const member = schema.read(value[name], [...path, name], report);
        if (member !== undefined) read[name] = member;
      }
      for (const name of Object.keys(value)) if (!Object.hasOwn(shape, name)) read[name] = value[name];
      return read as ReadShape<S>;
    },
  };
}

/** The first of several schemas that accepts the value. */
export function union<S extends readonly Schema<unknown>[]>(...options: S): Schema<Read<S[number]>> {
  return {
    read(value, path, report) {
      const failed: Report[] = [];
      for (const option of options) {
        const attempt: Report = { issues: [], fatal: false };
        const read = option.read(value, path, attempt);
        if (attempt.issues.length === 0) return read as Read<S[number]>;
        failed.push(attempt);
      }
      // If the value has the right type for only one option, report the issues of that one.
      const close = failed.filter((attempt) => !attempt.fatal);
      if (close.length === 1 && close[0]) {
        report.issues.push(...close[0].issues);
      } else {
        report.issues.push({ code: 'invalid_union', message: 'Invalid input', path: [...path] });
        report.fatal = true;
      }
      return value as Read<S[number]>;
    },
  };
}

/** A union of objects, discriminated by one member. */
export function tagged<T>(member: string, variants: Record<string, Schema<T>>, message = 'Invalid input'): Schema<T> {
  return {
    read(value, path, report) {
      if (!isPlainObject(value)) {
        wrongType('object', value, path, report);
        return value as T;
      }
      const tag = value[member];
      const variant = typeof tag === 'string' && Object.hasOwn(variants, tag) ? variants[tag] : undefined;
      if (!variant) {
        report.issues.push({ code: 'invalid_union', message, path: [...path, member] });
        report.fatal = true;
        return value as T;
      }
      return variant.read(value, path, report);
    },
  };
}

/** A member that may be missing. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    optional: true,
    read: (value, path, report) => (value === undefined ? undefined : schema.read(value, path, report)),
  };
}

/** A member with a default. */
export function withDefault<T>(schema: Schema<T>, initial: T): Schema<T> {
  return {
    optional: true,
    read: (value, path, report) => (value === undefined ? initial : schema.read(value, path, report)),
  };
}

/** Adds a rule, which returns an issue or `undefined`. It is not applied after a fatal issue. */
export function refine<T>(
  schema: Schema<T>,
  rule: (value: T) => { message: string; path?: string[]; code?: string } | undefined,
): Schema<T> {
  return {
    ...(schema.optional === true ? { optional: true } : {}),
    read(value, path, report) {
      const own: Report = { issues: [], fatal: false };
      const read = schema.read(value, path, own);
      report.issues.push(...own.issues);
      if (own.fatal) {
        report.fatal = true;
        return read;
      }
      const found = rule(read);
      if (found) {
        const { code = 'custom', message } = found;
        report.issues.push({ code, message, path: [...path, ...(found.path ?? [])] });
      }
      return read;
    },
  };
}

/** Transforms the value of a schema, unless there are issues. */
export function transform<T, U>(
  schema: Schema<T>,
  change: (value: T, path: readonly string[], report: Report) => U,
): Schema<U> {
  return {
    ...(schema.optional === true ? { optional: true } : {}),
    read(value, path, report) {
      const own: Report = { issues: [], fatal: false };
      const read = schema.read(value, path, own);
      report.issues.push(...own.issues);
      if (own.issues.length > 0) {
        report.fatal ||= own.fatal;
        return read as unknown as U;
      }
      return change(read, path, report);
    },
  };
}

/** Validates an input: returns its value and the issues. */
export function validate<T>(schema: Schema<T>, value: unknown): { value: T; issues: Issue[] } {
  const report: Report = { issues: [], fatal: false };
  return { value: schema.read(value, [], report), issues: report.issues };
}
