// The rows of all operations, a file for each resource. `npm run update` writes this anew.

import { rows as actions } from './actions.rows.ts';
import { rows as agents } from './agents.rows.ts';
import { rows as authorize } from './authorize.rows.ts';
import { rows as connect } from './connect.rows.ts';
import { rows as connections } from './connections.rows.ts';
import { rows as deployments } from './deployments.rows.ts';
import { rows as environments } from './environments.rows.ts';
import { rows as functions } from './functions.rows.ts';
import { rows as integrations } from './integrations.rows.ts';
import { rows as providers } from './providers.rows.ts';
import { rows as proxy } from './proxy.rows.ts';
import { rows as records } from './records.rows.ts';
import { rows as syncs } from './syncs.rows.ts';
import type { Row } from '../support/row.ts';

/** How each operation is checked. */
export const rows: readonly Row[] = [
  ...actions,
  ...agents,
  ...authorize,
  ...connect,
  ...connections,
  ...deployments,
  ...environments,
  ...functions,
  ...integrations,
  ...providers,
  ...proxy,
  ...records,
  ...syncs,
];
