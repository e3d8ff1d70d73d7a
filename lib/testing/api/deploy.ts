// /sync/deploy: what the command line of Nango calls to deploy a repository, and to confirm what that changes.

import { apiError, json } from '../server/answer.ts';
import { plainName, providerConfigKey } from '../server/fields.ts';
import { anyQuery, route } from '../server/router.ts';
import type { Route } from '../server/router.ts';
import {
  array,
  boolean,
  jsonObject,
  looseObject,
  nullable,
  object,
  oneOf,
  optional,
  string,
} from '../server/schema.ts';
import type { Read } from '../server/schema.ts';
import type { Context } from '../state/context.ts';
import { createFunction, deployFunction, findFunction, runnable } from '../state/deployed-functions.ts';
import type { StoredEnvironment, StoredFunction } from '../state/store.ts';

/** What the command line sends for each function. */
const flowConfig = () =>
  looseObject({
    syncName: plainName(),
    type: oneOf(['action', 'sync']),
    providerConfigKey: providerConfigKey(),
    models: array(string()),
    runs: nullable(string()),
    auto_start: optional(boolean()),
    track_deletes: optional(boolean()),
    metadata: optional(looseObject({ description: optional(string()), scopes: optional(array(string())) })),
    endpoints: optional(array(looseObject({ method: string(), path: string(), group: optional(nullable(string())) }))),
    version: optional(string()),
    features: optional(array(string())),
    input: optional(nullable(string())),
    sync_type: optional(oneOf(['incremental', 'full'])),
    models_json_schema: optional(jsonObject()),
    webhookSubscriptions: optional(nullable(array(string()))),
    fileBody: object({ js: string(), ts: string() }),
  });

/** What the command line sends for the functions that handle events of an integration. */
const eventScripts = () =>
  looseObject({
    providerConfigKey: providerConfigKey(),
    scripts: array(
      looseObject({ name: plainName(), event: string(), fileBody: object({ js: string(), ts: string() }) }),
    ),
  });

const deployBody = () =>
  looseObject({
    flowConfigs: array(flowConfig()),
    onEventScriptsByProvider: optional(array(eventScripts())),
    reconcile: optional(boolean()),
    sdkVersion: optional(string()),
  });

type DeployInput = Read<ReturnType<typeof deployBody>>;

/** The functions that a deployment brings, each by its type, name and integration. */
function functionsOf({ flowConfigs, onEventScriptsByProvider = [] }: DeployInput) {
  return [
    ...flowConfigs.map(({ type, syncName: name, providerConfigKey: integration }) => ({ type, name, integration })),
    ...onEventScriptsByProvider.flatMap(({ providerConfigKey: integration, scripts }) =>
      scripts.map(({ name }) => ({ type: 'on-event', name, integration }))
    ),
  ];
}

/** The functions of earlier deployments that a new one does not bring, if it is to reconcile. */
function superseded({ functions }: StoredEnvironment, body: DeployInput): StoredFunction[] {
  if (body.reconcile !== true) return [];
  const kept = new Set(functionsOf(body).map(({ type, name, integration }) => `${type} ${name} ${integration}`));
  return functions.filter(
    ({ name, type, integration, source }) => source === 'repo' && !kept.has(`${type} ${name} ${integration}`),
  );
}

/** The operations of the command line. */
export const deployRoutes = (context: Context): Route[] => [
  route('confirmDeployment', 'POST /sync/deploy/confirmation', {
    scopes: ['environment:deploy'],
    body: deployBody(),
    query: anyQuery(),
    handle({ environment, body }) {
      const connected = (key: string): number =>
        [...environment.connections.values()].filter((connection) => connection.providerConfigKey === key).length;
      const changes = {
        newSyncs: [] as unknown[],
        updatedSyncs: [] as unknown[],
        newActions: [] as unknown[],
        updatedActions: [] as unknown[],
        deletedSyncs: [] as unknown[],
        deletedActions: [] as unknown[],
        deletedModels: [] as unknown[],
        newOnEventScripts: [] as unknown[],
        updatedOnEventScripts: [] as unknown[],
        deletedOnEventScripts: [] as unknown[],
      };
      for (const { syncName: name, type, providerConfigKey, auto_start: autoStart = true } of body.flowConfigs) {
        const known = findFunction(environment, type, name, providerConfigKey) !== undefined;
        if (type === 'sync') {
          const entry = { name, providerConfigKey, connections: connected(providerConfigKey), auto_start: autoStart };
          changes[known ? 'updatedSyncs' : 'newSyncs'].push(entry);
        } else {
          changes[known ? 'updatedActions' : 'newActions'].push({ name, providerConfigKey });
        }
      }
      for (const { providerConfigKey, scripts } of body.onEventScriptsByProvider ?? []) {
        for (const { name, event } of scripts) {
          const known = findFunction(environment, 'on-event', name, providerConfigKey) !== undefined;
          changes[known ? 'updatedOnEventScripts' : 'newOnEventScripts'].push({ name, providerConfigKey, event });
        }
      }
      for (const { name, type, integration: providerConfigKey, event } of superseded(environment, body)) {
        const entry = { name, providerConfigKey };
        if (type === 'sync') changes.deletedSyncs.push({ ...entry, connections: connected(providerConfigKey) });
        else if (type === 'action') changes.deletedActions.push(entry);
        else changes.deletedOnEventScripts.push({ ...entry, event });
      }
      return json(changes);
    },
  }),

  route('deploy', 'POST /sync/deploy', {
    scopes: ['environment:deploy'],
    body: deployBody(),
    query: anyQuery(),
    handle({ environment, body }) {
      for (const { integration } of functionsOf(body)) {
        if (environment.integrations.has(integration)) continue;
        throw apiError(400, 'unknown_provider_config', `There is no integration ${integration}`);
      }
      const gone = superseded(environment, body);
      environment.functions = environment.functions.filter((definition) => !gone.includes(definition));
      for (const config of body.flowConfigs) {
        const { syncName: name, type, providerConfigKey: integration, fileBody } = config;
        const definition = createFunction(context, {
          name,
          type,
          integration,
          source: 'repo',
          description: config.metadata?.description ?? '',
          scopes: config.metadata?.scopes ?? [],
          returns: config.models,
          input: config.input ?? undefined,
          jsonSchema: config.models_json_schema ?? null,
          version: config.version ?? null,
          endpoints: (config.endpoints ?? []).map(({ method, path, group }) => ({
            method,
            path,
            group: group ?? null,
          })),
          features: config.features ?? [],
          sdkVersion: body.sdkVersion ?? null,
          code: fileBody.ts,
          runs: config.runs,
          syncType: config.sync_type ?? 'incremental',
          autoStart: config.auto_start ?? true,
          trackDeletes: config.track_deletes ?? false,
          webhookSubscriptions: config.webhookSubscriptions ?? undefined,
          ...runnable(context, environment, type, name, integration, fileBody.js),
        });
        deployFunction(context, environment, definition);
      }
      for (const { providerConfigKey: integration, scripts } of body.onEventScriptsByProvider ?? []) {
        for (const { name, event, fileBody } of scripts) {
          const definition = createFunction(context, {
            name,
            type: 'on-event',
            integration,
            source: 'repo',
            event,
            code: fileBody.ts,
            version: null,
            sdkVersion: body.sdkVersion ?? null,
            ...runnable(context, environment, 'on-event', name, integration, fileBody.js),
          });
          deployFunction(context, environment, definition);
        }
      }
      return json(
        body.flowConfigs.map(({ syncName, models, version, providerConfigKey, type }) => ({
          name: syncName,
          models,
          version,
          providerConfigKey,
          type,
        })),
      );
    },
  }),
];
