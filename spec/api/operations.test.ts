// Every operation: what it sends, what it gives back, what it refuses, and how it fails.

import { test } from 'uvu';
import { rows as actions } from '../rows/actions.ts';
import { rows as agents } from '../rows/agents.ts';
import { rows as authorize } from '../rows/authorize.ts';
import { rows as connect } from '../rows/connect.ts';
import { rows as connections } from '../rows/connections.ts';
import { rows as deployments } from '../rows/deployments.ts';
import { rows as environments } from '../rows/environments.ts';
import { rows as functions } from '../rows/functions.ts';
import { rows as integrations } from '../rows/integrations.ts';
import { rows as providers } from '../rows/providers.ts';
import { rows as proxy } from '../rows/proxy.ts';
import { rows as records } from '../rows/records.ts';
import { rows as syncs } from '../rows/syncs.ts';
import { checkRow } from '../row.ts';
import type { Row } from '../row.ts';

const all: Row[] = [
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

for (const row of all) test(row.name, () => checkRow(row));

test.run();
