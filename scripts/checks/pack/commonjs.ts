// Tries the package as CommonJS: required, by Jest, and by compilers that write `require`.

import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, expect } from '../../tools/counts.ts';
import { root } from '../../tools/esbuild.ts';
import { run } from '../../runtimes/run.ts';
import { entries } from '../../tools/entries.ts';

const tools = join(root, 'scripts/checks/pack/node_modules');

/** How a compiler may be told to write `require`, and the ones that know it. */
const modules = [
  { module: 'CommonJS', moduleResolution: 'Node10', compilers: ['5.4', '5.9'] },
  { module: 'Node16', moduleResolution: 'Node16', compilers: ['5.4', '5.9', '6', '7'] },
  { module: 'Node18', moduleResolution: 'Node16', compilers: ['5.9', '6', '7'] },
];

const jestTest = `
const { createClient, isNangoError, listConnections } = require('nango-fetch');
const { createEmulator } = require('nango-fetch/testing');
test('works', async () => {
  const emulator = createEmulator();
  const client = createClient({ apiKey: emulator.apiKey, host: emulator.host, fetch: emulator.fetch });
  expect(await listConnections(client)).toEqual({ connections: [] });
  const wrong = createClient({ apiKey: 'wrong', host: emulator.host, fetch: emulator.fetch });
  const error = await listConnections(wrong).catch((error) => error);
  expect(isNangoError(error)).toBe(true);
});
`;

const brands = `
const required = require('nango-fetch');
const compat = require('nango-fetch/compat');
import('nango-fetch').then(async (imported) => {
  const fetch = async () => new Response('{"error":{"code":"forbidden"}}', { status: 403 });
  for (const [one, other] of [[required, imported], [imported, required]]) {
    const error = await one.listConnections(one.createClient({ apiKey: 'k', fetch })).catch((error) => error);
    if (!other.isNangoError(error) || error.reason !== 'forbidden') throw new Error(String(error));
  }
  const nango = new compat.Nango({ apiKey: 'k' }, { fetch });
  const error = await nango.listConnections().catch((error) => error);
  if (!imported.isNangoError(error) || !(error instanceof required.NangoApiError)) throw new Error(String(error));
  console.log('held');
});
`;

async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, { cwd });
  expect(code === 0, output.split('\n').slice(-40).join('\n'));
  return output;
}

/** Runs the checks in a copy of a folder where the package is installed. */
export async function commonjs(alone: string, place: string): Promise<void> {
  await cp(alone, place, { recursive: true });
  await writeFile(join(place, 'package.json'), '{ "private": true }');
  const installed = join(place, 'node_modules');
  await mkdir(join(installed, '@types'), { recursive: true });
  await symlink(join(tools, '@types/node'), join(installed, '@types/node'));
  await symlink(join(tools, 'typescript-5.9'), join(installed, 'typescript'));

  console.log('CommonJS');
  await check('errors are known across both copies', async () => {
    const output = await succeed(process.execPath, ['-e', brands], place);
    expect(output.trim() === 'held', output);
  });

  const jest = join(tools, 'jest/bin/jest.js');
  await writeFile(join(place, 'plain.test.js'), jestTest);
  await writeFile(
    join(place, 'typed.test.ts'),
    jestTest
      .replace(/const (\{.*\}) = require\('(.*)'\);/g, "import $1 from '$2';")
      .replace('(error) =>', '(error: unknown) =>')
      .replace("\ntest('", "\ndeclare const test: Function, expect: Function;\ntest('"),
  );
  await writeFile(
    join(place, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'CommonJS', target: 'ES2022', strict: true, lib: ['ES2022'], types: ['node'] },
    }),
  );
  const transform = { '\\.ts$': join(tools, 'ts-jest') };
  await check('Jest 29', () => succeed(process.execPath, [jest, '--rootDir', place, 'plain'], place).then(() => {}));
  await check('ts-jest', async () => {
    const config = JSON.stringify({ transform, rootDir: place });
    await succeed(process.execPath, [jest, '--config', config, 'typed'], place);
  });

  await cp(join(root, 'scripts/checks/pack/consumer.ts'), join(place, 'consumer.ts'));
  await writeFile(
    join(place, 'every.ts'),
    entries.map(({ name }, index) => `import * as entry${index} from '${name}';\nvoid entry${index};\n`).join(''),
  );
  for (const { module, moduleResolution, compilers } of modules) {
    for (const compiler of compilers) {
      await check(`TypeScript ${compiler}, module ${module}`, async () => {
        const compilerOptions = {
          ...{ module, moduleResolution, target: 'ES2022', strict: true, noEmit: true, skipLibCheck: false },
          // The types of Node ask for newer compilers than 5.4.
          ...(compiler === '5.4' ? { lib: ['ES2022', 'DOM'], types: [] } : { lib: ['ES2022'], types: ['node'] }),
        };
        await writeFile(
          join(place, 'tsconfig.json'),
          JSON.stringify({ compilerOptions, files: ['consumer.ts', 'every.ts'] }),
        );
        const tsc = join(tools, `typescript-${compiler}/${compiler === '7' ? 'bin/tsc' : 'lib/tsc.js'}`);
        await succeed(process.execPath, [tsc, '-p', '.'], place);
      });
    }
  }
}
