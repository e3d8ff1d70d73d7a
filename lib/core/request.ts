// Where a request goes: path templates whose segments are checked and encoded, and queries.

import { id } from './guards.ts';

/** Gives what fills the `{names}` of a path template from the members of `input`, each encoded as one segment. */
export function path(input: object | undefined): (template: string) => string {
  return (template) =>
    template.replace(
      /{(\w+)}/g,
      (_, name: string) => encodeURIComponent(id((input as Record<string, unknown> | undefined)?.[name], name)),
    );
}

/** Writes a query, the question mark included. Members that are undefined are left out, arrays are repeated. */
export function search(query: object): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of [value ?? []].flat()) params.append(key, item as string);
  }
  return `${params}` && `?${params}`;
}
