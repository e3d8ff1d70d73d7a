// Prepares a release: sets the version everywhere, and closes the Unreleased section of the changelog. It commits
// nothing.
//
//   npm run release -- 0.2.0
//   npm run release -- --check v0.2.0    whether a tag says what is in the files; prints that version's changes

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './tools/esbuild.ts';
import { run } from './runtimes/run.ts';

/** Where a version stands: the file, and the members that lead to it. */
const places: readonly (readonly [file: string, ...path: string[]])[] = [
  ['package.json', 'version'],
  ['package-lock.json', 'version'],
  ['package-lock.json', 'packages', '', 'version'],
  ['deno.json', 'version'],
];

const form = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?$/;

class Refusal extends Error {}

/** Tells whether a version comes after another one. */
function isAfter(version: string, other: string): boolean {
  const [, ...a] = form.exec(version) ?? [];
  const [, ...b] = form.exec(other) ?? [];
  for (let index = 0; index < 3; index++) {
    const difference = Number(a[index]) - Number(b[index]);
    if (difference !== 0) return difference > 0;
  }
  // A version without a suffix comes after those with one.
  if (a[3] === undefined || b[3] === undefined) return b[3] !== undefined && a[3] === undefined;
  return a[3].localeCompare(b[3], 'en', { numeric: true }) > 0;
}

const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');

interface Json {
  [name: string]: Json | string;
}

async function versionAt([file, ...path]: (typeof places)[number]): Promise<string> {
  const whole = JSON.parse(await read(file!)) as Json;
  return String(path.reduce<Json | string>((at, name) => (at as Json)[name]!, whole));
}

async function setVersion([file, ...path]: (typeof places)[number], version: string): Promise<void> {
  const whole = JSON.parse(await read(file!)) as Json;
  const last = path.pop()!;
  const parent = path.reduce<Json | string>((at, name) => (at as Json)[name]!, whole);
  (parent as Json)[last] = version;
  await writeFile(join(root, file!), `${JSON.stringify(whole, null, 2)}\n`);
}

/** The text of a section of the changelog, without its title. */
function sectionOf(changelog: string, title: RegExp): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((each) => title.test(each.split('\n')[0]!));
  return section?.split('\n').slice(1).join('\n').trim();
}

async function prepare(version: string): Promise<void> {
  if (!form.test(version)) throw new Refusal(`${version} is no version`);
  const current = await versionAt(places[0]!);
  const { output: tags } = await run('git', ['tag', '--list', 'v*'], { cwd: root });
  const released = tags.trim().split('\n').includes(`v${current}`);
  // The first version stands in the files before it is released.
  if (!isAfter(version, current) && (released || version !== current)) {
    throw new Refusal(`${version} does not come after ${current}`);
  }
  const { output: changed } = await run('git', ['status', '--porcelain'], { cwd: root });
  if (changed.trim() !== '') throw new Refusal(`There are changes that are not committed:\n${changed}`);
  const changelog = await read('CHANGELOG.md');
  const changes = sectionOf(changelog, /^Unreleased/);
  if (!changes) throw new Refusal('CHANGELOG.md has nothing under Unreleased');
  for (const place of places) await setVersion(place, version);
  const today = new Date().toISOString().slice(0, 10);
  await writeFile(
    join(root, 'CHANGELOG.md'),
    changelog.replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${today}`),
  );
  console.log(`Version ${version} is set. What is left to do:

  npm run old-specs && .ci/run
  git commit -am "Release ${version}" && git tag v${version} && git push origin HEAD v${version}`);
}

async function checkTag(tag: string): Promise<void> {
  const version = tag.replace(/^v/, '');
  for (const place of places) {
    const there = await versionAt(place);
    if (there !== version) throw new Refusal(`${place.join(' ')} says ${there}, not ${version}`);
  }
  const { repository } = JSON.parse(await read('package.json')) as { repository?: unknown };
  if (!repository) {
    throw new Refusal('package.json names no repository, which the provenance of npm is checked against');
  }
  const escaped = version.replace(/[.+]/g, '\\$&');
  const changes = sectionOf(await read('CHANGELOG.md'), new RegExp(`^${escaped} - \\d{4}-\\d\\d-\\d\\d$`));
  if (!changes) throw new Refusal(`CHANGELOG.md has no section for ${version}`);
  console.log(changes);
}

const { values, positionals } = parseArgs({ options: { check: { type: 'string' } }, allowPositionals: true });
try {
  if (values.check !== undefined) await checkTag(values.check);
  else if (positionals.length === 1) await prepare(positionals[0]!);
  else throw new Refusal('Usage: npm run release -- 0.2.0');
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
