// /functions/deployments/bundle: deploying the functions of a repository at once, with a preview of what changes.

import { apiError, json, validationError } from '../server/answer.ts';
import { plainName, providerConfigKey } from '../server/fields.ts';
import { route } from '../server/router.ts';
import type { Call, Route } from '../server/router.ts';
import {
  anything,
  array,
  boolean,
  jsonObject,
  nullable,
  number,
  object,
  oneOf,
  optional,
  string,
  tagged,
} from '../server/schema.ts';
import type { Issue, Read } from '../server/schema.ts';
import { codeText } from './authoring.ts';

const reference = () => string({ pattern: /^#\/definitions\/[a-zA-Z0-9_-]+$/ });

const bundled = () =>
  object({
    name: plainName(),
    integrationId: providerConfigKey(),
    description: string({ max: 2000 }),
    trigger: tagged<Record<string, unknown>>('kind', {
      none: object({ kind: oneOf(['none']) }),
      schedule: object({ kind: oneOf(['schedule']), frequency: string(), autoStart: optional(boolean()) }),
      http: object({
        kind: oneOf(['http']),
        subscriptions: optional(array(string())),
        debounce: optional(
          object({
            keyBy: anything(),
            windowMs: number(),
            maxEntities: optional(number()),
            take: optional(oneOf(['latest', 'first', 'all'])),
          }),
        ),
      }),
      event: object({
        kind: oneOf(['event']),
        events: array(oneOf(['post-connection-creation', 'pre-connection-deletion', 'validate-connection'])),
      }),
    }),
    requires: object({
      connection: optional(boolean()),
      outbound: optional(boolean()),
      invoke: optional(boolean()),
    }),
    capabilities: object({
      usesRecords: boolean(),
      usesOutbound: boolean(),
      usesCheckpoints: boolean(),
      usesMetadata: boolean(),
      usesInvoke: boolean(),
    }),
    limits: jsonObject(),
    input_schema_ref: nullable(reference()),
    output_schema_ref: nullable(reference()),
    model_schema_refs: array(string()),
    metadata_schema_ref: nullable(reference()),
    checkpoint_schema_ref: nullable(reference()),
    json_schema: jsonObject(),
    fileBody: object({ js: codeText(), ts: codeText() }),
  });

const bundleBody = () =>
  object({
    reconciliationScope: tagged<{ kind: string; integrationId?: string | undefined }>('kind', {
      environment: object({ kind: oneOf(['environment']) }),
      integration: object({ kind: oneOf(['integration']), integrationId: providerConfigKey() }),
    }),
    functions: array(bundled()),
  });

type Bundle = Read<ReturnType<typeof bundleBody>>;

interface FunctionName {
  integrationId: string;
  name: string;
}

const keyOf = ({ integrationId, name }: FunctionName): string => `${integrationId}\n${name}`;

function checkBundle({ environment }: Call, { reconciliationScope: scope, functions }: Bundle): void {
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const [index, definition] of functions.entries()) {
    if (seen.has(keyOf(definition))) {
      const path = ['functions', String(index), 'name'];
      issues.push({ code: 'custom', message: 'Function names must be unique in an integration', path });
    }
    seen.add(keyOf(definition));
  }
  if (scope.integrationId !== undefined && functions.some((one) => one.integrationId !== scope.integrationId)) {
    const message = 'Functions must match the integration reconciliation scope';
    issues.push({ code: 'custom', message, path: ['functions'] });
  }
  if (issues.length > 0) throw validationError('invalid_body', issues);
  const unknown = new Set(functions.map(({ integrationId }) => integrationId));
  for (const known of environment.integrations.keys()) unknown.delete(known);
  if (unknown.size > 0) {
    throw apiError(400, 'integration_not_found', `Integration(s) not found: ${[...unknown].join(', ')}`);
  }
}

/** What a bundle changes. */
function compareBundle({ environment }: Call, { reconciliationScope: scope, functions }: Bundle) {
  const { bundle } = environment;
  const changes = {
    created: [] as FunctionName[],
    updated: [] as FunctionName[],
    unchanged: [] as FunctionName[],
    deleted: [] as FunctionName[],
  };
  const named = new Set(functions.map(keyOf));
  for (const definition of functions) {
    const { integrationId, name } = definition;
    const deployed = bundle.get(keyOf(definition));
    const kind = deployed === undefined ? 'created' : deployed === JSON.stringify(definition) ? 'unchanged' : 'updated';
    changes[kind].push({ integrationId, name });
  }
  for (const key of bundle.keys()) {
    const [integrationId = '', name = ''] = key.split('\n');
    const inScope = scope.integrationId === undefined || integrationId === scope.integrationId;
    if (inScope && !named.has(key)) changes.deleted.push({ integrationId, name });
  }
  return changes;
}

/** The operations that deploy bundles. */
export const bundleRoutes = (): Route[] => [
  route('previewFunctionBundle', 'POST /functions/deployments/bundle/preview', {
    scopes: ['environment:deploy'],
    body: bundleBody(),
    handle(call) {
      checkBundle(call, call.body);
      return json(compareBundle(call, call.body));
    },
  }),

  route('deployFunctionBundle', 'POST /functions/deployments/bundle', {
    scopes: ['environment:deploy'],
    body: bundleBody(),
    handle(call) {
      checkBundle(call, call.body);
      const changes = compareBundle(call, call.body);
      const { bundle } = call.environment;
      for (const name of changes.deleted) bundle.delete(keyOf(name));
      for (const definition of call.body.functions) bundle.set(keyOf(definition), JSON.stringify(definition));
      return json(changes);
    },
  }),
];
