// Functions of integrations: list, read, source, delete; and /scripts/config, which lists them all.

import { json, refuse } from '../server/answer.ts';
import { isoTime } from '../state/clock.ts';
import { type Call, readParams, readQuery, type Route } from '../server/router.ts';
import { plainName, providerConfigKey } from '../server/fields.ts';
import type { StoredFunction } from '../state/store.ts';
import { number, object, oneOf, optional, string, withDefault } from '../server/schema.ts';

const anyType = () => oneOf(['sync', 'action', 'on-event']);
const typeQuery = () => object({ type: optional(anyType()) });
const functionParams = () => object({ uniqueKey: providerConfigKey(), name: plainName() });

/** The functions of an integration, by type and name. */
function functionsOf(call: Call, uniqueKey: string): StoredFunction[] {
  const key = ({ type, name }: StoredFunction): string => `${type}\n${name}`;
  return call.environment.functions
    .filter(({ integration }) => integration === uniqueKey)
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function requireIntegration(call: Call, uniqueKey: string): void {
  if (!call.environment.integrations.has(uniqueKey)) throw refuse(404, 'not_found', 'Integration does not exist');
}

function writeFunction(definition: StoredFunction): Record<string, unknown> {
  const { name, description, scopes, type } = definition;
  const deployed = {
    id: definition.id,
    enabled: definition.enabled,
    last_deployed: isoTime(definition.lastDeployed),
    source: definition.source,
  };
  if (type === 'on-event') return { name, description, scopes, type, event: definition.event, ...deployed };
  const { input, returns, jsonSchema, runs, autoStart, trackDeletes } = definition;
  const model = { ...(input !== undefined && { input }), returns, json_schema: jsonSchema };
  const ofSync = type === 'sync' ? { runs, auto_start: autoStart, track_deletes: trackDeletes } : {};
  return { name, description, scopes, type, ...model, ...ofSync, ...deployed };
}

function writeScriptConfig(definition: StoredFunction): Record<string, unknown> {
  const { input, returns, type } = definition;
  const models = [...(input === undefined ? [] : [input]), ...returns];
  return {
    id: definition.id,
    name: definition.name,
    type,
    returns,
    description: definition.description,
    attributes: {},
    scopes: definition.scopes,
    version: definition.version,
    source: definition.source,
    endpoints: definition.endpoints,
    ...(input !== undefined && { input }),
    enabled: definition.enabled,
    last_deployed: isoTime(definition.lastDeployed),
    webhookSubscriptions: [],
    json_schema: definition.jsonSchema,
    sdk_version: definition.sdkVersion,
    models: models.map((name) => ({ name, fields: [] })),
    features: definition.features,
    ...(type === 'sync' && {
      sync_type: definition.syncType,
      auto_start: definition.autoStart,
      runs: definition.runs,
      track_deletes: definition.trackDeletes,
    }),
  };
}

/** A function as OpenAI's tools are described. What a parameter means is taken from lines `- name: text`. */
function writeTool({ name, description, type, input, jsonSchema }: StoredFunction): Record<string, unknown> {
  const definitions = (jsonSchema?.['definitions'] ?? {}) as Record<string, Record<string, unknown>>;
  const model = type === 'action' && input !== undefined ? definitions[input] : undefined;
  const properties = Object.entries((model?.['properties'] ?? {}) as Record<string, object>).map(([key, property]) => {
    const meaning = description.split('\n').find((line) => line.trim().startsWith(`- ${key}:`));
    const text = meaning === undefined ? {} : { description: meaning.slice(meaning.indexOf(':') + 1).trim() };
    return [key, { ...property, ...text }];
  });
  const parameters = {
    type: 'object',
    properties: Object.fromEntries(properties) as Record<string, unknown>,
    required: model?.['required'] ?? [],
  };
  return { name, description, parameters };
}

/** The operations on functions. */
export const functionRoutes: readonly Route[] = [
  {
    operation: 'listFunctions',
    method: 'GET',
    path: '/integrations/:uniqueKey/functions',
    auth: 'environmentKey',
    scopes: ['environment:functions:list'],
    handle(call) {
      const { type, search, page, limit } = readQuery(
        call,
        object({
          type: optional(anyType()),
          search: optional(string({ trim: true, min: 1, max: 255 })),
          page: withDefault(number({ coerce: true, integer: true, min: 0 }), 0),
          limit: withDefault(number({ coerce: true, integer: true, min: 1, max: 100 }), 20),
        }),
      );
      const { uniqueKey } = readParams(call, object({ uniqueKey: providerConfigKey() }));
      requireIntegration(call, uniqueKey);
      const found = functionsOf(call, uniqueKey).filter(
        (definition) =>
          (type === undefined || definition.type === type) &&
          (search === undefined || definition.name.toLowerCase().includes(search.toLowerCase())),
      );
      const data = found.slice(page * limit, (page + 1) * limit).map(writeFunction);
      return json({ data, pagination: { total: found.length, page, limit } });
    },
  },
  {
    operation: 'getFunction',
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name',
    auth: 'environmentKey',
    scopes: ['environment:functions:read'],
    handle(call) {
      const { type } = readQuery(call, typeQuery());
      const { uniqueKey, name } = readParams(call, functionParams());
      requireIntegration(call, uniqueKey);
      const found = functionsOf(call, uniqueKey).find(
        (definition) => definition.name === name && (type === undefined || definition.type === type),
      );
      if (!found) throw refuse(404, 'not_found', 'Function does not exist');
      return json({ data: writeFunction(found) });
    },
  },
  {
    operation: 'getFunctionCode',
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name/code',
    auth: 'environmentKey',
    scopes: ['environment:functions:read'],
    handle(call) {
      const { type } = readQuery(call, typeQuery());
      const { uniqueKey, name } = readParams(call, functionParams());
      requireIntegration(call, uniqueKey);
      const found = functionsOf(call, uniqueKey).filter(
        (definition) => definition.name === name && (type === undefined || definition.type === type),
      );
      if (found.length > 1) {
        const message =
          `Multiple functions named '${name}' found for integration '${uniqueKey}'. Specify a type to disambiguate.`;
        const matches = found.map((definition) => ({ type: definition.type, name: definition.name }));
        throw refuse(409, 'ambiguous_function', message, { payload: { matches } });
      }
      const [definition] = found;
      if (!definition || definition.code === null) {
        throw refuse(404, 'not_found', `Function '${name}' not found for integration '${uniqueKey}'`);
      }
      return json({ type: definition.type, code: definition.code });
    },
  },
  {
    operation: 'deleteFunction',
    method: 'DELETE',
    path: '/integrations/:uniqueKey/functions/:name',
    auth: 'environmentKey',
    scopes: ['environment:functions:delete'],
    handle(call) {
      const { type } = readQuery(call, object({ type: oneOf(['sync', 'action']) }));
      const { uniqueKey, name } = readParams(call, functionParams());
      requireIntegration(call, uniqueKey);
      const found = functionsOf(call, uniqueKey).find(
        (definition) => definition.name === name && definition.type === type,
      );
      if (!found) throw refuse(404, 'not_found', 'Function does not exist');
      if (found.source === 'repo') {
        const message = 'repo functions are deleted through `nango deploy`, not this endpoint';
        throw refuse(400, 'function_managed_by_deploy', message);
      }
      call.environment.functions = call.environment.functions.filter((definition) => definition !== found);
      return json({ data: { success: true } });
    },
  },
  {
    operation: 'getScriptsConfig',
    method: 'GET',
    path: '/scripts/config',
    auth: 'environmentKey',
    scopes: ['environment:integrations:list_functions'],
    handle(call) {
      const { environment } = call;
      const listed = [...environment.integrations.values()].flatMap(({ uniqueKey }) =>
        functionsOf(call, uniqueKey).filter(({ type }) => type !== 'on-event')
      );
      if (listed.length === 0) return json([]);
      if (call.query['format'] === 'openai') return json({ data: listed.map(writeTool) });
      // The server groups by provider, under the first integration of each that has functions.
      const groups = new Map<string, Record<string, unknown> & { actions: unknown[]; syncs: unknown[] }>();
      for (const definition of listed) {
        const provider = environment.integrations.get(definition.integration)?.provider ?? '';
        const group = groups.get(provider) ?? {
          actions: [],
          providerConfigKey: definition.integration,
          provider,
          syncs: [],
          'on-events': [],
        };
        groups.set(provider, group);
        group[definition.type === 'action' ? 'actions' : 'syncs'].push(writeScriptConfig(definition));
      }
      return json([...groups.values()]);
    },
  },
];
