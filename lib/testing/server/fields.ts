// Schemas that several operations share: identifiers, tags, end users, webhook URLs.

import type { EndUserInput } from '../../api/connections.ts';
import {
  array,
  looseObject,
  object,
  oneOf,
  optional,
  parseUrl,
  record,
  refine,
  string,
  transform,
  union,
  validate,
} from './schema.ts';
import type { Schema } from './schema.ts';

/** A provider config key (the unique key of an integration). */
export const providerConfigKey = (): Schema<string> => string({ pattern: /^[a-zA-Z0-9~:.@ _-]+$/, max: 255 });

/** A connection id in paths, queries, headers and most bodies. Imports accept any. */
export const connectionId = (): Schema<string> =>
  string({ pattern: /^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/, max: 255 });

/** The headers that identify a connection. */
export const connectionHeaders = (): Schema<{ 'provider-config-key': string; 'connection-id': string }> =>
  looseObject({ 'provider-config-key': providerConfigKey(), 'connection-id': connectionId() });

/** A name of a provider, a function or a variant. */
export const plainName = (): Schema<string> => string({ pattern: /^[a-zA-Z0-9_-]+$/, max: 255 });

/** The name of a model. */
export const modelName = (): Schema<string> => string({ pattern: /^[A-Z][a-zA-Z0-9_-]+$/, max: 255 });

/** A string of 1 to 255 characters. */
export const shortText = (): Schema<string> => string({ min: 1, max: 255 });

/** One value or several, as a repeated query parameter. */
export function oneOrMany<T>(item: Schema<T>, max?: number): Schema<T[]> {
  const many = array(item, max === undefined ? {} : { max });
  return transform(union(item, many) as Schema<T | T[]>, (value) => (Array.isArray(value) ? value : [value]));
}

const email = () => string({ format: 'email', min: 5 });
const tagKey = () => string({ pattern: /^[a-zA-Z][a-zA-Z0-9_\-./]*$/, max: 64 });
const mostTags = 10;

function tagRecord(value: Schema<string>): Schema<Record<string, string>> {
  return refine(
    record(tagKey(), value),
    (tags) =>
      Object.keys(tags).length > mostTags ? { message: `Tags cannot contain more than ${mostTags} keys` } : undefined,
  );
}

/** Tags of a connection or a connect session: at most ten, with keys in lower case. */
export const tags = (): Schema<Record<string, string>> =>
  transform(
    refine(tagRecord(shortText()), (input) => {
      const seen = new Set<string>();
      for (const key of Object.keys(input)) {
        const lower = key.toLowerCase();
        if (seen.has(lower)) return { message: `Duplicate tag key after case normalization: "${lower}"` };
        seen.add(lower);
      }
      return undefined;
    }),
    (input, path, report) => {
      const lower = Object.fromEntries(Object.entries(input).map(([key, value]) => [key.toLowerCase(), value]));
      const address = lower['end_user_email'];
      if (address !== undefined && validate(email(), address).issues.length > 0) {
        report.issues.push({ code: 'custom', message: 'Invalid email address', path: [...path, 'end_user_email'] });
      }
      return lower;
    },
  );

/** The legacy end user of a connection or a connect session. */
export const endUser = (): Schema<EndUserInput> =>
  object({
    id: shortText(),
    email: optional(email()),
    display_name: optional(string({ max: 255 })),
    tags: optional(tagRecord(string({ max: 255 }))),
  });

/** The legacy organization of a connect session. */
export const organization = (): Schema<{ id: string; display_name?: string | undefined }> =>
  object({
    id: string({ max: 255 }),
    display_name: optional(string({ max: 255 })),
  });

/** Whether a host is one that the server refuses to call: Nango's own, or in a private network. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host.endsWith('.localhost') || host === 'nango.dev' || host.endsWith('.nango.dev')) {
    return true;
  }
  if (/^(::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)$/.test(host)) return true;
  const [a = -1, b = -1] = /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.split('.').map(Number) : [];
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168)
  );
}

/** The webhook URL of a connection, with a public host; an empty string clears it. */
export const webhookUrlOverride = (): Schema<string> =>
  union(
    refine(string({ format: 'url' }), (value) =>
      isPrivateHost(parseUrl(value)?.hostname ?? '') ? { message: 'This webhook URL is not allowed.' } : undefined),
    oneOf(['']),
  ) as Schema<string>;
