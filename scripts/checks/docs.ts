// Tries what the documentation shows: every ts fence of the pages and every example in the comments of lib/ is
// compiled, and run against the emulator.
//
//   npm run docs

import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { check, conclude, expect } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';
import { entries } from '../tools/entries.ts';
import { run } from '../runtimes/run.ts';
import { withFolder } from '../runtimes/specs.ts';

/** A program that the documentation shows. */
interface Example {
  file: string;
  line: number;
  code: string;
  /** Why it is not run. It is compiled all the same. */
  notRun: string | undefined;
}

/**
 * Takes the examples out of a text. The line before a fence may say `<!-- not run: reason -->`; a fence of another language
 * than ts is no program.
 */
function examplesIn(file: string, text: string): Example[] {
  const lines = text.split('\n').map((line) => (file.endsWith('.ts') ? line.replace(/^\s*\* ?/, '') : line));
  const examples: Example[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (!/^```(ts|typescript|js|javascript)\b/.test(lines[index]!)) continue;
    const end = lines.indexOf('```', index + 1);
    if (end < 0) throw new Error(`${file}:${index + 1} opens a fence that nothing closes`);
    const before = lines
      .slice(0, index)
      .filter((line) => line.trim() !== '')
      .at(-1) ?? '';
    const notRun = /^<!-- not run: (.+) -->$/.exec(before)?.[1];
    examples.push({ file, line: index + 1, code: lines.slice(index + 1, end).join('\n'), notRun });
    index = end;
  }
  return examples;
}

const sources = (await readdir(join(root, 'lib'), { recursive: true })).filter((file) => file.endsWith('.ts')).sort();
const files = ['README.md', 'lib/compat/README.md', ...sources.map((file) => join('lib', file))];
const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
const examples = files.flatMap((file, index) => examplesIn(file, texts[index]!));

const paths = Object.fromEntries(entries.map(({ name, source }) => [name, [join(root, source)]]));

await withFolder(async (folder) => {
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    paths,
    // Examples leave what they show for the reader to use.
    noUnusedLocals: false,
    isolatedDeclarations: false,
    declaration: false,
    moduleDetection: 'force',
  };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const names = examples.map((_, index) => `example-${index}.ts`);
  await Promise.all(examples.map(({ code }, index) => writeFile(join(folder, names[index]!), code)));

  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const compiled = await run(process.execPath, [tsc, '-p', 'tsconfig.json', '--pretty', 'false'], { cwd: folder });
  const errorsOf = (name: string): string[] =>
    compiled.output.split('\n').filter((line) => line.startsWith(`${name}(`) || line.startsWith(`${folder}/${name}(`));

  const ran = await run(
    process.execPath,
    [
      '--import',
      import.meta.resolve('tsx'),
      join(root, 'scripts/checks/docs/run.ts'),
      folder,
      ...names.filter((_, index) => !examples[index]!.notRun),
    ],
    { env: { TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') }, timeout: 120_000 },
  );
  const outcomes = new Map(
    ran.output
      .split('\n')
      .filter((line) => line.startsWith('RAN '))
      .map((line) => {
        const { name, error } = JSON.parse(line.slice(4)) as { name: string; error: string };
        return [name, error];
      }),
  );

  console.log('Examples');
  for (const [index, { file, line, notRun }] of examples.entries()) {
    const name = names[index]!;
    await check(`${file}:${line} compiles`, () => expect(errorsOf(name).length === 0, errorsOf(name).join('\n')));
    if (notRun) console.log(`        ${file}:${line} is not run: ${notRun}`);
    else {
      await check(`${file}:${line} runs`, () => {
        const error = outcomes.get(name);
        expect(error !== undefined, `it did not end\n${ran.output.split('\n').slice(-15).join('\n')}`);
        expect(error === '', error!);
      });
    }
  }
  await check('nothing else went wrong with them', () => {
    const foreign = compiled.output
      .split('\n')
      .filter((line) => /error TS/.test(line) && !/example-\d+\.ts/.test(line));
    expect(foreign.length === 0, foreign.join('\n'));
    expect(ran.code === 0, ran.output.split('\n').slice(-15).join('\n'));
  });
});

await check('README.md has examples', () =>
  expect(
    examples.some(({ file }) => file === 'README.md'),
    'none',
  ));
await check('the commands of README.md are there', () => {
  const commands = [...texts[0]!.matchAll(/npm run ([\w-]+)/g)].map(([, name]) => name!);
  const missing = commands.filter((name) => !(name in packageJson.scripts));
  expect(missing.length === 0, `no script ${missing.join()}`);
});
await check('the links of README.md within the repository lead somewhere', async () => {
  const links = [...texts[0]!.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link!);
  const there = await Promise.all(
    links.map((link) =>
      readFile(join(root, link)).then(
        () => true,
        () => false,
      )
    ),
  );
  expect(!there.includes(false), links.filter((_, index) => !there[index]).join());
});

conclude();
