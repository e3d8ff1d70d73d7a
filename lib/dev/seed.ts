// Reads a seed from a file and names its mistakes with their place in it.

import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EmulatorSeed } from '../testing/mod.ts';

type Check = (value: unknown, path: string, problems: string[]) => void;

const text: Check = (value, path, problems) => {
  if (typeof value !== 'string' || value === '') problems.push(`${path} must be text, not ${JSON.stringify(value)}`);
};
const flag: Check = (value, path, problems) => {
  if (typeof value !== 'boolean') problems.push(`${path} must be true or false, not ${JSON.stringify(value)}`);
};
const anything: Check = () => undefined;
const map = (of: Check): Check => (value, path, problems) => {
  if (!isObject(value)) problems.push(`${path} must be an object, not ${JSON.stringify(value)}`);
  else for (const [name, member] of Object.entries(value)) of(member, `${path}.${name}`, problems);
};
const list = (of: Check): Check => (value, path, problems) => {
  if (!Array.isArray(value)) problems.push(`${path} must be a list, not ${JSON.stringify(value)}`);
  else value.forEach((item, index) => of(item, `${path}[${index}]`, problems));
};
const object = (required: Record<string, Check>, optional: Record<string, Check>): Check => (value, path, problems) => {
  if (!isObject(value)) {
    problems.push(`${path} must be an object, not ${JSON.stringify(value)}`);
    return;
  }
  const place = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const [name, check] of Object.entries(required)) {
    if (value[name] === undefined) problems.push(`${place(name)} is missing`);
    else check(value[name], place(name), problems);
  }
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(required, name)) continue;
    const check = optional[name];
    if (check) check(member, place(name), problems);
    else problems.push(`${place(name)} is unknown; known are ${Object.keys({ ...required, ...optional }).join(', ')}`);
  }
};

const integration = object({ provider: text, unique_key: text }, {
  display_name: text,
  forward_webhooks: flag,
  credentials: map(anything),
  integration_config: map(text),
  custom: map(text),
});
const connection = object({ provider_config_key: text, connection_id: text }, {
  credentials: map(anything),
  metadata: map(anything),
  connection_config: map(anything),
  webhook_url_override: text,
  end_user: map(anything),
  tags: map(text),
});
const record: Check = (value, path, problems) => {
  if (!isObject(value)) problems.push(`${path} must be an object, not ${JSON.stringify(value)}`);
  else if (typeof value['id'] !== 'string' && typeof value['id'] !== 'number') problems.push(`${path}.id is missing`);
};
const records = object({ providerConfigKey: text, connectionId: text, model: text, records: list(record) }, {
  variant: text,
  environment: text,
});
const environment: Record<string, Check> = {
  name: text,
  isProduction: flag,
  apiKey: text,
  keys: list(object({ secret: text }, { scopes: list(text), displayName: text })),
  webhookSigningKey: text,
  variables: map(text),
  integrations: list(integration),
  connections: list(connection),
  records: list(records),
  syncs: map(anything),
  actions: map(anything),
  events: map(anything),
};
const seed = object({}, {
  ...environment,
  environments: list(object({}, environment)),
  accountKeys: list(object({ secret: text }, { scopes: list(text), displayName: text })),
  providers: map(map(anything)),
  templates: map(list(anything)),
  sharedApps: list(text),
  rateLimit: anything,
  bodyLimit: anything,
  webhooks: anything,
  version: text,
});

/** Reads a seed: a JSON file, or a module that exports `seed`. */
export async function readSeed(path: string): Promise<EmulatorSeed> {
  const file = resolve(path);
  if (extname(file) !== '.json') {
    const module = (await import(pathToFileURL(file).href)) as { seed?: EmulatorSeed };
    if (!module.seed) throw new Error(`${path} does not export a seed`);
    return module.seed;
  }
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The seed ${path} cannot be read: ${(error as Error).message}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new Error(`The seed ${path} is no JSON: ${(error as Error).message}`);
  }
  const problems = problemsOf(value);
  if (problems.length > 0) throw new Error(`The seed ${path} has mistakes:\n  ${problems.join('\n  ')}`);
  return value as EmulatorSeed;
}

/** The mistakes of a seed, each with its place. */
export function problemsOf(value: unknown): string[] {
  const problems: string[] = [];
  seed(value, '', problems);
  if (problems.length > 0 || !isObject(value)) return problems;
  const keys = new Set(((value['integrations'] ?? []) as { unique_key: string }[]).map(({ unique_key }) => unique_key));
  const connections = (value['connections'] ?? []) as { provider_config_key: string; connection_id: string }[];
  connections.forEach(({ provider_config_key: key }, index) => {
    if (!keys.has(key)) {
      problems.push(`connections[${index}].provider_config_key names no integration of the seed: ${key}`);
    }
  });
  ((value['records'] ?? []) as { providerConfigKey: string; connectionId: string; environment?: string }[]).forEach(
    ({ providerConfigKey: key, connectionId: id, environment: name }, index) => {
      const known = connections.some((one) => one.provider_config_key === key && one.connection_id === id);
      if (name === undefined && !known) {
        problems.push(`records[${index}] names no connection of the seed: ${key} / ${id}`);
      }
    },
  );
  return problems;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
