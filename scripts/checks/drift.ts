// Lists what Nango has and this library lacks: operations, methods, parameters.
//
//   npm run drift                       compares with the published client that scripts/checks/pack installs
//   npm run drift -- spec.yaml          compares with an OpenAPI file of Nango
//   npm run drift -- path/to/@nangohq/node

import { join } from 'node:path';
import { root } from '../tools/esbuild.ts';
import { installPackages } from '../runtimes/install.ts';

// What compares them needs packages that have to be there before it is loaded.
await installPackages('scripts/checks/pack');
await import(join(root, 'scripts/checks/pack/drift.ts'));
