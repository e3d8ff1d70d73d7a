// Where a request goes and what it carries: path, query, headers.

import { id, list, object } from './guards.ts';

/** What an operation sends, as it goes on the wire. */
export interface RequestParts {
  /** What fills the `{names}` of the path template, each as one segment. */
  path?: Record<string, unknown> | undefined;
  /** The query. Members that are undefined or null are left out, arrays are repeated. */
  query?: Record<string, unknown> | undefined;
  /** The headers of the operation. */
  headers?: Record<string, string> | undefined;
  /** What is sent as JSON. */
  body?: object | undefined;
}

/** Gives the path and query of a request. */
export function target(template: string, { path, query }: RequestParts): string {
  const segment = (_: string, name: string): string => encodeURIComponent(id(path?.[name], name));
  return template.replace(/{(\w+)}/g, segment) + search(query);
}

/** Writes a query, the question mark included. */
export function search(query: Record<string, unknown> | undefined): string {
  const params = new URLSearchParams();
  for (const name in query) {
    for (const item of [query[name] ?? []].flat()) params.append(name, String(item));
  }
  return `${params}` && `?${params}`;
}

/** Joins identifiers with commas, for a parameter that the server splits there. */
export function joined(ids: string | readonly string[] | undefined, name: string): string | undefined {
  return ids === undefined ? ids : list([ids].flat(), name).map((each) => id(each, name)).join();
}

/** Gives the members of a record as `name[member]`, as the server reads them from a query. */
export function bracketed(record: Readonly<Record<string, string>> | undefined, name: string): Record<string, unknown> {
  const members = record === undefined ? [] : Object.entries(object(record, name));
  return Object.fromEntries(members.map(([member, value]) => [`${name}[${member}]`, value]));
}

/** Gives the headers that name a connection. */
export function connectionHeaders(input: { providerConfigKey: string; connectionId: string }): Record<string, string> {
  const { providerConfigKey, connectionId } = object(input, 'input');
  return {
    'provider-config-key': id(providerConfigKey, 'providerConfigKey'),
    'connection-id': id(connectionId, 'connectionId'),
  };
}
