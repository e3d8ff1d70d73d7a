// Checks of what a test passes to the emulator. A misspelt member is refused by name: if it were ignored, the test could
// pass for the wrong reason.

/** Says of each member of an object whether it may be left out. */
export type Members<T> = { [K in keyof Required<T>]: undefined extends T[K] ? 'optional' : 'required' };

/** Throws a TypeError unless an object has all required members and no unknown ones. */
export function checkMembers<T extends object>(name: string, value: T, members: Members<T>): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object`);
  for (const member of Object.keys(value)) {
    if (!Object.hasOwn(members, member)) throw unknownName(`${name} has no member`, member, Object.keys(members));
  }
  for (const [member, presence] of Object.entries(members)) {
    const found = (value as Record<string, unknown>)[member];
    if (presence === 'required' && (found === undefined || found === '')) {
      throw new TypeError(`${name}.${member} is missing`);
    }
  }
}

/** The error about an unknown name, with the nearest known one. */
export function unknownName(problem: string, name: string, known: Iterable<string>): TypeError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return new TypeError(`${problem} "${name}"${hint}`);
}

/** The known name with the fewest edits. */
function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

/** The Levenshtein distance of two strings. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
