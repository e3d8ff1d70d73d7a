// Where a request goes: path templates whose segments are checked and encoded, and queries.

import { id } from './check.ts';

/** Fills the `{names}` of a path template from the members of `input`, each encoded as one segment. */
export function path(template: string, input: object | undefined): string {
  return template.replace(/{(\w+)}/g, (_, name: string) =>
    encodeURIComponent(id((input as Record<string, unknown> | undefined)?.[name], name)),
  );
}

/** Writes a query, the question mark included. Members that are undefined are left out, arrays are repeated. */
export function search(query: Record<string, unknown> | undefined): string {
  const params = new URLSearchParams();
  for (const key in query) for (const item of [query[key] ?? []].flat()) params.append(key, item as string);
  return `${params}` && `?${params}`;
}
