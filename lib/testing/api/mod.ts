// The routes of all resources, in the order in which they are tried.

import type { Route } from '../server/router.ts';
import type { Context } from '../state/context.ts';
import { actionRoutes } from './actions.ts';
import { agentRoutes } from './agents.ts';
import { authorizeRoutes } from './authorize.ts';
import { bundleRoutes } from './bundles.ts';
import { connectRoutes } from './connect.ts';
import { connectionRoutes } from './connections.ts';
import { deployRoutes } from './deploy.ts';
import { deploymentRoutes } from './deployments.ts';
import { dryRunRoutes } from './dry-runs.ts';
import { environmentRoutes } from './environments.ts';
import { functionRoutes } from './functions.ts';
import { integrationRoutes } from './integrations.ts';
import { invocationRoutes } from './invocations.ts';
import { legacyConnectionRoutes } from './legacy-connections.ts';
import { metadataRoutes } from './metadata.ts';
import { providerRoutes } from './providers.ts';
import { proxyRoutes } from './proxy.ts';
import { recordRoutes } from './records.ts';
import { syncRoutes } from './syncs.ts';

const resources = [
  providerRoutes,
  functionRoutes,
  dryRunRoutes,
  bundleRoutes,
  deploymentRoutes,
  invocationRoutes,
  deployRoutes,
  integrationRoutes,
  metadataRoutes,
  connectionRoutes,
  legacyConnectionRoutes,
  recordRoutes,
  syncRoutes,
  actionRoutes,
  connectRoutes,
  authorizeRoutes,
  proxyRoutes,
  environmentRoutes,
  agentRoutes,
];

/** Creates the routes of all resources. */
export function routes(context: Context): readonly Route[] {
  return resources.flatMap((resource) => resource(context));
}
