// Runs all specs on this Node: `npm test`, or `npm test -- records` for the files whose path says so.
//
// It builds nothing and needs nothing but the packages of the root. The same files run elsewhere by `npm run runtimes`.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './tools/esbuild.ts';
import { withLoopback } from './runtimes/loopback.ts';
import { run } from './runtimes/run.ts';
import { listSpecs } from './runtimes/specs.ts';
import { type Spec, walk } from './runtimes/walk.ts';

const wanted = process.argv.slice(2);
const files = await listSpecs('spec');
const specs = files
  .filter((file) => wanted.length === 0 || wanted.some((each) => file.includes(each)))
  .map((file): Spec => [file, () => import(pathToFileURL(join(root, file)).href)]);

// The specs of types are for the compiler. It works while the others run.
const types = wanted.length === 0 || wanted.some((each) => 'spec/types'.includes(each))
  ? run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root])
  : undefined;

const begin = performance.now();
const { write } = process.stdout;
const print = write.bind(process.stdout);
let done = 0;
const ended = (name: string, passed: number, failed: number): void => {
  const place = `${++done}`.padStart(`${specs.length}`.length);
  print(`${place} of ${specs.length}  ${failed ? 'FAIL' : 'ok  '}  ${name}: ${passed} passed, ${failed} failed\n`);
};
// uvu prints a row of dots for each suite.
process.stdout.write = () => true;
const { passed, failed, skipped, failures } = await withLoopback((loopback) => walk(specs, { loopback }, ended));
process.stdout.write = write;
const compiled = await types;
if (compiled) console.log(`${compiled.code === 0 ? 'ok  ' : 'FAIL'}  spec/types, and whether all of it compiles`);
if (compiled?.code) failures.push(compiled.output.trim());
const sum = { passed: passed + Number(compiled?.code === 0), failed: failed + Number((compiled?.code ?? 0) !== 0) };
const seconds = ((performance.now() - begin) / 1000).toFixed(1);

for (const { test, reason } of skipped) console.log(`Skipped: ${test}: ${reason}`);
for (const failure of failures) console.log(`\n${failure}`);
console.log(`\n${specs.length} spec files on Node ${process.versions.node} in ${seconds} s`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
// What a spec may have left open must not hold the process.
process.exit(sum.failed > 0 ? 1 : 0);
