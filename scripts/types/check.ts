// Checks the types of a user's own functions: on four compilers, with real packages of Nango and of schemas; what an editor
// offers and shows; what a mistake is told in; and what it costs to compile 200 functions.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { check, conclude, expect } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';
import { installPackages } from '../runtimes/install.ts';

const here = join(root, 'scripts/types');
await installPackages('scripts/types');

function compile(version: string, ...args: string[]): string {
  const program = join(here, `node_modules/typescript-${version}/bin/tsc`);
  return spawnSync(process.execPath, [program, ...args], { cwd: here, encoding: 'utf8' }).stdout;
}

const built = spawnSync(join(root, 'node_modules/.bin/tsx'), [join(root, 'scripts/build.ts')], { encoding: 'utf8' });
if (built.status !== 0) throw new Error(built.stderr);

for (const version of ['5.4', '5.9', '6', '7']) {
  await check(`TypeScript ${version}`, () => {
    const output = compile(version, '-p', '.');
    expect(output === '', output);
  });
}

/** The part of TypeScript's interface that is used here; each version is loaded from its own folder. */
interface TypeScript {
  createLanguageService(host: object): {
    getCompletionsAtPosition(
      file: string,
      position: number,
      options: object,
    ): { entries: { name: string }[] } | undefined;
    getQuickInfoAtPosition(file: string, position: number): { displayParts?: { text: string }[] } | undefined;
    getSemanticDiagnostics(file: string): { messageText: string | object }[];
  };
  flattenDiagnosticMessageText(text: string | object, newLine: string): string;
  getDefaultLibFilePath(options: object): string;
  readConfigFile(path: string, read: (path: string) => string | undefined): { config: object };
  parseJsonConfigFileContent(config: object, system: object, folder: string): { options: object };
  ScriptSnapshot: { fromString(text: string): object };
  sys: {
    fileExists(path: string): boolean;
    readFile(path: string): string | undefined;
    readDirectory(path: string): string[];
    directoryExists(path: string): boolean;
    getDirectories(path: string): string[];
  };
}

const opening = `import { createClient, iterateRecords, listRecords, pauseSync, triggerAction } from 'nango-fetch';
import type { createIssue, fetchIssues } from './functions/v0.71.ts';

const client = createClient<{ github: { fetchIssues: typeof fetchIssues; createIssue: typeof createIssue } }>({ apiKey: '' });
const at = { connectionId: 'c-1', providerConfigKey: 'github' } as const;
`;

for (const version of ['5.9', '6']) {
  const typescript = createRequire(import.meta.url)(join(here, `node_modules/typescript-${version}`)) as TypeScript;
  const { config } = typescript.readConfigFile(join(here, 'tsconfig.json'), typescript.sys.readFile);
  const { options } = typescript.parseJsonConfigFileContent(config, typescript.sys, here);
  const file = join(here, 'edited.ts');
  let text = opening;
  let revision = 0;
  const service = typescript.createLanguageService({
    ...typescript.sys,
    useCaseSensitiveFileNames: () => true,
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: (name: string) => (name === file ? `${revision}` : '1'),
    getScriptSnapshot: (name: string) => {
      const content = name === file ? text : typescript.sys.readFile(name);
      return content === undefined ? undefined : typescript.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => here,
    getDefaultLibFileName: typescript.getDefaultLibFilePath,
    fileExists: (name: string) => name === file || typescript.sys.fileExists(name),
  });
  /** Puts the cursor where `|` is. */
  const edit = (line: string): number => {
    text = opening + line.replace('|', '');
    revision++;
    return (opening + line).indexOf('|', opening.length);
  };
  const completions: [line: string, offered: string][] = [
    ["listRecords(client, { connectionId: 'c-1', providerConfigKey: '|' });", 'github'],
    ["listRecords(client, { ...at, model: '|' });", 'GithubIssue, GithubUser'],
    [
      "listRecords(client, { connectionId: 'c-1', providerConfigKey: 'github', model: '|' });",
      'GithubIssue, GithubUser',
    ],
    ["iterateRecords(client, { ...at, model: '|' });", 'GithubIssue, GithubUser'],
    ["triggerAction(client, { ...at, actionName: '|' });", 'createIssue'],
    ["triggerAction(client, { ...at, actionName: 'createIssue', input: { | } });", 'labels, title'],
    ["pauseSync(client, { ...at, syncs: [{ name: '|', variant: 'a' }] });", 'fetchIssues'],
    [
      "(await listRecords(client, { ...at, model: 'GithubIssue' })).records[0]!.|",
      '_nango_metadata, closed, id, title',
    ],
  ];
  for (const [line, offered] of completions) {
    await check(`TypeScript ${version} completes ${line}`, () => {
      const entries = service.getCompletionsAtPosition(file, edit(line), {})?.entries ?? [];
      const names = entries.map(({ name }) => name).sort().join(', ');
      expect(names === offered, `it offers ${names.slice(0, 200) || 'nothing'}`);
      return offered;
    });
  }
  const hovers: [line: string, shown: RegExp][] = [
    [
      "const pa|ge = await listRecords(client, { ...at, model: 'GithubIssue' });",
      /^const page: ListRecordsResult<\{[^{}]*title: string;[^{}]*\}>$/,
    ],
    [
      "const ou|tput = await triggerAction(client, { ...at, actionName: 'createIssue', input: { title: 'a' } });",
      /^const output: \{\s*number: number;\s*\}$/,
    ],
  ];
  for (const [line, shown] of hovers) {
    await check(`TypeScript ${version} shows ${line}`, () => {
      const parts = service.getQuickInfoAtPosition(file, edit(line))?.displayParts ?? [];
      const hover = parts.map((part) => part.text).join('');
      expect(shown.test(hover), hover);
      return hover.replace(/\s+/g, ' ');
    });
  }
  const messages: [line: string, message: string][] = [
    [
      "listRecords(client, { ...at, model: 'GithubIsue' });",
      `Type '"GithubIsue"' is not assignable to type '"GithubIssue" | "GithubUser"'.`,
    ],
    [
      "listRecords(client, { connectionId: 'c-1', providerConfigKey: 'gitlab', model: 'GithubIssue' });",
      `Type '"gitlab"' is not assignable to type '"github"'.`,
    ],
    [
      "triggerAction(client, { ...at, actionName: 'createIssue', input: {} });",
      "Property 'title' is missing in type '{}' but required in type ",
    ],
    [
      "triggerAction(client, { ...at, actionName: 'createIssue', input: { titel: 'a' } });",
      "'titel' does not exist in type ",
    ],
    ["triggerAction(client, { ...at, actionName: 'createIssue' });", "Property 'input' is missing in type "],
    [
      "triggerAction(client, { ...at, actionName: 'createIsue', input: { title: 'a' } });",
      `Type '"createIsue"' is not assignable to type '"createIssue"'.`,
    ],
    ["pauseSync(client, { ...at, syncs: ['fetchIsues'] });", `Type '"fetchIsues"' is not assignable to type `],
    [
      "(await listRecords(client, { ...at, model: 'GithubIssue' })).records[0]!.titel;",
      "Property 'titel' does not exist on type ",
    ],
  ];
  for (const [line, message] of messages) {
    await check(`TypeScript ${version} refuses ${line}`, () => {
      edit(line);
      const all = service.getSemanticDiagnostics(file).map(({ messageText }) =>
        typescript.flattenDiagnosticMessageText(messageText, '\n')
      );
      expect(all.length === 1 && all[0]!.includes(message), all.join('\n') || 'it compiles');
      return all[0]!.split('\n')[0]!.slice(0, 160);
    });
  }
}

// 200 functions of ten integrations, and a call for each: once with the types of the client, once with types by hand.
const folder = join(here, 'generated');
await rm(folder, { recursive: true, force: true });
await mkdir(folder);
const numbers = Array.from({ length: 100 }, (_, index) => index);
const functions = numbers.map((n) => `
const Model${n} = z.object({ id: z.string(), title: z.string(), count${n}: z.number(), labels: z.array(z.string()) });
const Input${n} = z.object({ title: z.string(), size${n}: z.number() });
export const sync${n} = createSync({ description: '', frequency: 'every hour', models: { Model${n} }, exec: async () => {} });
export const action${n} = createAction({ description: '', input: Input${n}, output: Model${n}, exec: async (_, { title }) => ({ id: title, title, count${n}: 1, labels: [] }) });
export type M${n} = z.infer<typeof Model${n}>;
export type I${n} = z.infer<typeof Input${n}>;`).join('');
await writeFile(
  join(folder, 'functions.ts'),
  `import { createAction, createSync } from 'nango-0.71';\nimport * as z from 'zod-4';\n${functions}`,
);
const integrations = [...Array(10).keys()].map((i) =>
  `i${i}: { ${
    numbers.filter((n) => n % 10 === i).map((n) => `sync${n}: typeof all.sync${n}; action${n}: typeof all.action${n}`)
      .join('; ')
  } }`
);
const calls = (typed: boolean): string =>
  numbers.map((n) => `
void listRecords${typed ? '' : `<all.M${n}>`}(client, { providerConfigKey: 'i${
    n % 10
  }', connectionId: 'c', model: 'Model${n}' }).then(({ records }) => records[0]!.count${n});
void triggerAction${typed ? '' : `<all.M${n}, all.I${n}>`}(client, { providerConfigKey: 'i${
    n % 10
  }', connectionId: 'c', actionName: 'action${n}', input: { title: 'a', size${n}: 1 } }).then(({ count${n} }) => count${n});`)
    .join('');
const head =
  "import { createClient, listRecords, triggerAction } from 'nango-fetch';\nimport type * as all from './functions.ts';\n";
const variants = { untyped: '', typed: `<{ ${integrations.join('; ')} }>` };
for (const [name, argument] of Object.entries(variants)) {
  await writeFile(
    join(folder, `${name}.ts`),
    `${head}const client = createClient${argument}({ apiKey: 'key' });${calls(name === 'typed')}\n`,
  );
  const config = JSON.parse(readFileSync(join(here, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
  await writeFile(
    join(folder, `tsconfig.${name}.json`),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions: config.compilerOptions, include: [`${name}.ts`] })
      .replaceAll('../../dist', '../../../dist'),
  );
}
const figures = (name: string): { seconds: number; instantiations: number } => {
  const output = compile('5.9', '-p', `generated/tsconfig.${name}.json`, '--extendedDiagnostics');
  const figure = (label: string): number => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(output)?.[1]);
  if (/error TS/.test(output)) throw new Error(output.slice(0, 1500));
  return { seconds: figure('Total time'), instantiations: figure('Instantiations') };
};
await check('200 functions cost little to compile', () => {
  const runs = [0, 1, 2].map(() => ({ untyped: figures('untyped'), typed: figures('typed') }));
  const best = (name: 'untyped' | 'typed'): number => Math.min(...runs.map((each) => each[name].seconds));
  const { untyped, typed } = runs[0]!;
  // How long it takes depends on the machine, so the work that the compiler counts decides: for each of the 200 calls.
  const each = (typed.instantiations - untyped.instantiations) / 200;
  expect(each <= 500, `a call costs ${each} instantiations more`);
  return `${best('untyped').toFixed(2)} s by hand, ${best('typed').toFixed(2)} s with functions (the best of 3), ` +
    `${each.toFixed(0)} instantiations more for a call`;
});
await rm(folder, { recursive: true });
conclude();
