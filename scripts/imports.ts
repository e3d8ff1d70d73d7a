// Checks who imports whom: the rules that keep the library in layers, and off everything that is not on every runtime.

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { conclude, count } from './checks.ts';
import { root } from './esbuild.ts';

/** What the files of a place may import, apart from files of the same entry: code, and types. */
interface Rule {
  place: RegExp;
  code: RegExp;
  types: RegExp;
}

const nothing = /^$/;
const leaves = 'check|errors|url|wait';
const rules: Rule[] = [
  { place: /^(check|errors|wait)\.ts$/, code: nothing, types: nothing },
  { place: /^url\.ts$/, code: /^check\.ts$/, types: nothing },
  { place: /^client\.ts$/, code: /^check\.ts$/, types: nothing },
  { place: /^send\.ts$/, code: new RegExp(`^(${leaves})\\.ts$`), types: /^client\.ts$/ },
  { place: /^(deadline|poll)\.ts$/, code: new RegExp(`^(${leaves})\\.ts$`), types: /^(client|send)\.ts$/ },
  { place: /^fetch\//, code: /^(check|wait)\.ts$/, types: /^client\.ts$/ },
  { place: /^webhooks\//, code: /^errors\.ts$|^webhooks\//, types: nothing },
  {
    place: /^api\//,
    code: new RegExp(`^(${leaves}|deadline|poll|send)\\.ts$|^webhooks/verify\\.ts$`),
    types: /^client\.ts$|^api\/|^webhooks\//,
  },
  { place: /^testing\//, code: /^testing\//, types: /./ },
  { place: /^gateway\//, code: /^(client|errors|send)\.ts$|^gateway\//, types: /./ },
  { place: /^undici\//, code: /^undici\//, types: /^client\.ts$/ },
  { place: /^compat\//, code: /^(?!testing)/, types: /^(?!testing)/ },
  {
    place: /^mod\.ts$/,
    code: /^(client|errors)\.ts$|^(api|fetch)\//,
    types: /^(send|client|errors)\.ts$|^(api|fetch|webhooks)\//,
  },
];

/** What does not exist, or does not behave, on some runtime. Comments are not looked at. */
const absent =
  /\b(process|Buffer)\.|\b(setImmediate|require)\(|\b__dirname\b|\bAbortSignal\.(any|timeout)\b|\bArray\.fromAsync\b|\bUint8Array\.from(Hex|Base64)\b|\bSymbol\.asyncDispose\b|^\s*(export )?(const )?enum |export default|export \* as|\bnavigator\b/m;

const lib = join(root, 'lib');
const files = (await readdir(lib, { recursive: true })).map((name) => name.replaceAll('\\', '/')).filter((name) =>
  name.endsWith('.ts')
);
for (const file of files.sort()) {
  const source = await readFile(join(lib, file), 'utf8');
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  count(/^\/\/ \S|^\/\*\*/.test(source), `${file} does not open with what it is for`);
  const rule = rules.find(({ place }) => place.test(file));
  count(rule !== undefined, `${file} is in no place that the rules know`);
  for (const [, type, , from] of code.matchAll(/(?:^|\n)(?:import|export)( type)?\s([^;]*?)\sfrom '([^']+)'/g)) {
    if (!from!.startsWith('.')) {
      count(false, `${file} imports ${from}: the library has no dependencies`);
      continue;
    }
    const target = posix.join(dirname(file), from!);
    const allowed = rule && (rule.code.test(target) || (type && rule.types.test(target)));
    count(Boolean(allowed), `${file} may not import ${type ? 'types of ' : ''}${target}`);
  }
  // The class of ./compat verifies webhooks synchronously, which only Node's own crypto can.
  if (!file.startsWith('compat/')) {
    const found = absent.exec(code.replace(/'[^'\n]*'|`[^`]*`|"[^"\n]*"|\/(?:[^/\n\\]|\\.)+\/[a-z]*/g, "''"));
    count(!found, `${file} uses ${found?.[0]}, which some runtimes lack or the rules of the house exclude`);
  }
}

conclude();
