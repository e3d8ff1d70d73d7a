// Paths into JSON such as `meta.next` or `items[0].id`, as the configuration of pages uses them.

function partsOf(path: string): string[] {
  return path.split(/[.[\]]+/).filter((part) => part !== '').map((part) => part.replace(/^(['"])(.*)\1$/, '$2'));
}

/** What stands at a path, or `undefined`. A member of that very name wins. */
export function getPath(from: unknown, path: string): unknown {
  if (isObject(from) && Object.hasOwn(from, path)) return from[path];
  let value = from;
  for (const part of partsOf(path)) value = isObject(value) ? value[part] : undefined;
  return value;
}

/** Puts a value at a path and makes the objects on the way. */
export function setPath(into: Record<string, unknown>, path: string, value: unknown): void {
  const parts = Object.hasOwn(into, path) ? [path] : partsOf(path);
  const last = parts.pop();
  if (last === undefined || [...parts, last].includes('__proto__')) return;
  let place = into;
  for (const [index, part] of parts.entries()) {
    const next = place[part];
    if (isObject(next)) place = next;
    else place = place[part] = (/^\d+$/.test(parts[index + 1] ?? last) ? [] : {}) as Record<string, unknown>;
  }
  place[last] = value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
