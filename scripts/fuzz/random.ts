// Random values from a seed, so that what fails can be run again: odd ones of every type, and objects made of them.

/** Gives random numbers and choices, the same for the same seed. */
export interface Random {
  /** A number from 0 up to 1. */
  next(): number;
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** One of several. */
  pick<T>(items: readonly T[]): T;
  /** Whether something happens that happens so often. */
  chance(share: number): boolean;
}

/** Makes random numbers (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, pick: (items) => items[below(items.length)]!, chance: (share) => next() < share };
}

const strings = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '...',
    '/',
    '//',
    'a/b',
    '../x',
    '%2e%2e',
    '%2F',
    '%',
    '?',
    '#',
    '&',
    'a?b#c',
    '\\',
    '@',
    ':',
  ],
  ...[
    '\0',
    '\n',
    '\r\nx: y',
    'a\tb',
    '\u2028',
    '\uD800',
    '\uFEFF',
    '☃',
    'é',
    '𝒳',
    '‮',
    'ｅ',
    ' a',
    'a ',
    'x'.repeat(5000),
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-1',
  ],
  ...[
    '{}',
    '[]',
    '{"a":',
    '<script>',
    'https://evil.example/x',
    '//evil.example',
    'javascript:1',
    'data:,x',
    'file:///etc',
  ],
  ...[
    'github',
    'c-1',
    'Issue',
    'GET',
    'POST',
    'TRACE',
    'CONNECT',
    '2026-01-01',
    '1e999',
    '0x10',
    'b635fda5-9ebd-4120-b8f7-dcf59a5c7f51',
  ],
];
const numbers = [0, -0, 1, -1, 0.5, 2, 100, 10_000, 1e6, 2 ** 31, 2 ** 53, 1e308, -1e308, NaN, Infinity, -Infinity];

/** Gives a value of any kind. */
export function oddValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 3 ? 8 : 17)) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
      return random.chance(0.5);
    case 3:
      return random.pick(numbers);
    case 4:
      return BigInt(random.below(1000));
    case 5:
      return Symbol('odd');
    case 6:
    case 7:
      return random.pick(strings) + (random.chance(0.2) ? random.pick(strings) : '');
    case 8:
      return Array.from({ length: random.below(4) }, () => oddValue(random, depth + 1));
    case 9:
      return oddObject(random, depth);
    case 10:
      return () => oddValue(random, depth + 1);
    case 11:
      return random.pick([
        new Date(NaN),
        new Date(0),
        /x/,
        new Map([['a', 1]]),
        new Set([1]),
        new Error('x'),
        new URL('https://x.example'),
      ]);
    case 12:
      return random.pick([new Uint8Array(3), new ArrayBuffer(2), new DataView(new ArrayBuffer(4)), new Blob(['x'])]);
    case 13: {
      const circle: Record<string, unknown> = { name: 'circle' };
      circle['self'] = circle;
      return circle;
    }
    case 14:
      return Object.create(null);
    case 15:
      return random.pick([
        new Headers({ a: 'b' }),
        new URLSearchParams('a=b'),
        new FormData(),
        new AbortController().signal,
      ]);
    default:
      return Promise.resolve(oddValue(random, depth + 1));
  }
}

/** Gives an object of odd members. */
export function oddObject(random: Random, depth = 0): Record<string, unknown> {
  const entries = Array.from({ length: random.below(5) }, () => [random.pick(strings), oddValue(random, depth + 1)]);
  // JSON makes __proto__ a member of its own, as a server's answer or a request's body would.
  return random.chance(0.1)
    ? JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    : Object.fromEntries(entries);
}

/** Gives an object that is right but for some members. */
export function mutated(random: Random, valid: Record<string, unknown>): unknown {
  if (random.chance(0.04)) return oddValue(random);
  const result = { ...valid };
  for (let changes = random.below(3); changes > 0; changes--) {
    const name = random.pick([...Object.keys(valid), 'unknown']);
    if (random.chance(0.25)) delete result[name];
    else result[name] = oddValue(random);
  }
  return result;
}
