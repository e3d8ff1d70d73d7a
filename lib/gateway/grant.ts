// What a grant covers: integrations, connections by id or by tags, and paths of the proxy.

import { refuse } from './refusal.ts';
import type { Grant } from './types.ts';

/** What the gateway reads of a connection. */
export interface Row {
  /** The id of the connection. */
  connection_id?: unknown;
  /** The id of the integration. */
  provider_config_key?: unknown;
  /** The tags, their keys in lower case. */
  tags?: Record<string, unknown> | null;
}

/** Gives the tags of a grant, their keys in lower case as the server keeps them. */
export function tagsOf({ tags = {} }: Grant): [string, string][] {
  return Object.entries(tags).map(([key, value]) => {
    // A user id that is undefined would otherwise match the connections of everyone who has none.
    if (typeof value !== 'string' || !value) throw new TypeError(`grant.tags.${key} must be a non-empty string`);
    return [key.toLowerCase(), value];
  });
}

/** Gives the entry of a record by a name that the request chose. */
export function entry(
  record: Readonly<Record<string, readonly string[]>> | undefined,
  name: string,
): readonly string[] {
  return record && Object.hasOwn(record, name) ? record[name]! : [];
}

/** Tells whether a connection is covered by its ids or its tags. */
export function covers(grant: Grant, { connection_id, provider_config_key, tags }: Row): boolean {
  const key = provider_config_key as string;
  const wanted = tagsOf(grant);
  return !!grant.integrations?.includes(key) &&
    (entry(grant.connections, key).includes(connection_id as string) ||
      (wanted.length > 0 && wanted.every(([name, value]) => tags?.[name] === value)));
}

/**
 * Requires an identifier as the server takes them in paths and headers. Those with dot segments or percent signs are
 * refused, since whatever is between here and the server may decode or resolve them.
 */
export function identifier(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^(?!.*(^|[/\\])\.*([/\\]|$))[\w,.;:=+~[\]|@${}"'\\/ -]+$/.test(value)) {
    return refuse(400, 'invalid_identifier', name);
  }
  return value;
}

/** Tells whether a rule like `GET /repos/*` covers a method and path: `*` stands for a segment, `**` for several. */
export function permits(rule: string, line: string): boolean {
  const pattern = rule.replace(/[^\w\s/*-]/g, '\\$&').replace(/\*+/g, (stars) => (stars[1] ? '.+' : '[^/]+'));
  return new RegExp(`^${pattern}$`).test(line);
}

/**
 * Requires an endpoint of the proxy whose segments mean the same to everyone who decodes them, and gives it decoded. No
 * segment is empty, dots, a URL, or holds an encoded slash, backslash, percent sign or control character.
 */
export function endpoint(path: string): string {
  const segments = path.split('/').map(decode);
  if (/^(\w+:|@)/.test(segments[0]!) || segments.some((part) => !/^(?!\.+([^\w-]|$))[^\0-\x1f\x7f%/\\]+$/.test(part))) {
    refuse(400, 'invalid_path');
  }
  return segments.join('/');
}

/** Decodes a segment of a path. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return refuse(400, 'invalid_path');
  }
}
