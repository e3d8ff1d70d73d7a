// Functions of integrations: list, read, source, delete; and /scripts/config, which lists them all.

import { apiError, json } from '../server/answer.ts';
import { plainName, providerConfigKey } from '../server/fields.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import { number, object, oneOf, optional, string, withDefault } from '../server/schema.ts';
import { isoTime } from '../state/clock.ts';
import type { StoredEnvironment, StoredFunction } from '../state/store.ts';

const anyType = () => oneOf(['sync', 'action', 'on-event']);
const functionParams = () => object({ uniqueKey: providerConfigKey(), name: plainName() });

/** Finds functions of an integration, sorted by type and name. */
function functionsOf(
  { integrations, functions }: StoredEnvironment,
  uniqueKey: string,
  { type, name }: { type?: string | undefined; name?: string } = {},
): StoredFunction[] {
  if (!integrations.has(uniqueKey)) throw apiError(404, 'not_found', 'Integration does not exist');
  const order = (definition: StoredFunction): string => `${definition.type}\n${definition.name}`;
  return functions
    .filter((one) => one.integration === uniqueKey)
    .filter((one) => (type === undefined || one.type === type) && (name === undefined || one.name === name))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
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

/** A function as an OpenAI tool. Descriptions of parameters come from lines `- name: text` of its description. */
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
export const functionRoutes = (): Route[] => [
  route('listFunctions', 'GET /integrations/:uniqueKey/functions', {
    scopes: ['environment:functions:list'],
    query: object({
      type: optional(anyType()),
      search: optional(string({ trim: true, min: 1, max: 255 })),
      page: withDefault(number({ coerce: true, integer: true, min: 0 }), 0),
      limit: withDefault(number({ coerce: true, integer: true, min: 1, max: 100 }), 20),
    }),
    params: object({ uniqueKey: providerConfigKey() }),
    handle({ environment, query: { type, search, page, limit }, params: { uniqueKey } }) {
      const found = functionsOf(environment, uniqueKey, { type }).filter(
        ({ name }) => search === undefined || name.toLowerCase().includes(search.toLowerCase()),
      );
      const data = found.slice(page * limit, (page + 1) * limit).map(writeFunction);
      return json({ data, pagination: { total: found.length, page, limit } });
    },
  }),

  route('getFunction', 'GET /integrations/:uniqueKey/functions/:name', {
    scopes: ['environment:functions:read'],
    query: object({ type: optional(anyType()) }),
    params: functionParams(),
    handle({ environment, query: { type }, params: { uniqueKey, name } }) {
      const [found] = functionsOf(environment, uniqueKey, { type, name });
      if (!found) throw apiError(404, 'not_found', 'Function does not exist');
      return json({ data: writeFunction(found) });
    },
  }),

  route('getFunctionCode', 'GET /integrations/:uniqueKey/functions/:name/code', {
    scopes: ['environment:functions:read'],
    query: object({ type: optional(anyType()) }),
    params: functionParams(),
    handle({ environment, query: { type }, params: { uniqueKey, name } }) {
      const found = functionsOf(environment, uniqueKey, { type, name });
      if (found.length > 1) {
        const message =
          `Multiple functions named '${name}' found for integration '${uniqueKey}'. Specify a type to disambiguate.`;
        const matches = found.map((definition) => ({ type: definition.type, name: definition.name }));
        throw apiError(409, 'ambiguous_function', message, { payload: { matches } });
      }
      const [definition] = found;
      if (!definition || definition.code === null) {
        throw apiError(404, 'not_found', `Function '${name}' not found for integration '${uniqueKey}'`);
      }
      return json({ type: definition.type, code: definition.code });
    },
  }),

  route('deleteFunction', 'DELETE /integrations/:uniqueKey/functions/:name', {
    scopes: ['environment:functions:delete'],
    query: object({ type: oneOf(['sync', 'action']) }),
    params: functionParams(),
    handle({ environment, query: { type }, params: { uniqueKey, name } }) {
      const [found] = functionsOf(environment, uniqueKey, { type, name });
      if (!found) throw apiError(404, 'not_found', 'Function does not exist');
      if (found.source === 'repo') {
        const message = 'repo functions are deleted through `nango deploy`, not this endpoint';
        throw apiError(400, 'function_managed_by_deploy', message);
      }
      environment.functions = environment.functions.filter((definition) => definition !== found);
      return json({ data: { success: true } });
    },
  }),

  route('getScriptsConfig', 'GET /scripts/config', {
    scopes: ['environment:integrations:list_functions'],
    query: anyQuery(),
    handle({ environment, request }) {
      const listed = [...environment.integrations.keys()].flatMap((uniqueKey) =>
        functionsOf(environment, uniqueKey).filter(({ type }) => type !== 'on-event')
      );
      if (listed.length === 0) return json([]);
      if (request.query['format'] === 'openai') return json({ data: listed.map(writeTool) });
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
  }),
];
