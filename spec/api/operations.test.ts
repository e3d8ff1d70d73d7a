// Every operation: what it sends, what it gives back, what it refuses, and how it fails.

import { test } from 'uvu';
import { rows as connections } from '../rows/connections.ts';
import { rows as deployments } from '../rows/deployments.ts';
import { rows as environments } from '../rows/environments.ts';
import { rows as functions } from '../rows/functions.ts';
import { rows as integrations } from '../rows/integrations.ts';
import { rows as providers } from '../rows/providers.ts';
import { rows as proxy } from '../rows/proxy.ts';
import { rows as records } from '../rows/records.ts';
import { checkRow } from '../row.ts';

for (const row of [
  ...connections,
  ...deployments,
  ...environments,
  ...functions,
  ...integrations,
  ...providers,
  ...proxy,
  ...records,
]) test(row.name, () => checkRow(row));

test.run();
