// Parses query strings as the server does (qs): repeated keys and `key[]` are arrays, `key[name]` is an object.

/** The value of a query parameter. */
export type QueryValue = string | QueryValue[] | { [name: string]: QueryValue };

// Longer arrays become objects keyed by index, which schemas then refuse.
const longestArray = 100;

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced; // The server leaves malformed escapes in a query as they are.
  }
}

interface Found {
  texts: string[];
  named: Map<string, string[]>;
  /** Whether `key[]` was used, so that even a single value is an array. */
  isList: boolean;
}

function one(texts: string[]): QueryValue {
  return texts.length === 1 ? (texts[0] ?? '') : texts;
}

/** Parses a query string, without its question mark. */
export function parseQuery(search: string): Record<string, QueryValue> {
  const parameters = new Map<string, Found>();
  for (const part of search.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    const bracket = /^([^[\]]+)\[([^[\]]*)\]$/.exec(key);
    const name = bracket?.[1] ?? key;
    const member = bracket?.[2] ?? '';
    const found = parameters.get(name) ?? { texts: [], named: new Map<string, string[]>(), isList: false };
    parameters.set(name, found);
    if (member === '' || /^\d+$/.test(member)) {
      found.texts.push(value);
      found.isList ||= bracket !== null;
    } else {
      found.named.set(member, [...(found.named.get(member) ?? []), value]);
    }
  }
  const query: Record<string, QueryValue> = {};
  for (const [name, { texts, named, isList }] of parameters) {
    if (named.size > 0) {
      query[name] = Object.fromEntries([...named].map(([member, values]) => [member, one(values)]));
    } else if (texts.length > longestArray) {
      query[name] = Object.fromEntries(texts.map((value, index) => [String(index), value]));
    } else {
      query[name] = isList ? texts : one(texts);
    }
  }
  return query;
}
