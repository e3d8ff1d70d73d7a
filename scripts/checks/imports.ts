// Checks who imports whom: the rules that keep the library in layers, and off everything that is not on every runtime.

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';

/** What the files of a place may import, apart from files of the same entry: code, and types. */
interface Rule {
  place: RegExp;
  code: RegExp;
  types: RegExp;
}

const nothing = /^$/;
const rules: Rule[] = [
  { place: /^errors\.ts$/, code: nothing, types: /^core\/types\.ts$/ },
  { place: /^core\//, code: /^errors\.ts$|^core\//, types: /^core\// },
  { place: /^client\.ts$/, code: /^errors\.ts$|^core\//, types: /^core\// },
  { place: /^fetch\//, code: /^errors\.ts$|^core\/(guards|wait)\.ts$|^fetch\/events\.ts$/, types: /^core\/types\.ts$/ },
  { place: /^webhooks\//, code: /^errors\.ts$|^webhooks\//, types: /^(api\/records|core\/functions)\.ts$/ },
  {
    place: /^api\//,
    code: /^errors\.ts$|^core\/|^webhooks\/verify\.ts$/,
    types: /^client\.ts$|^core\/|^api\/|^webhooks\//,
  },
  { place: /^testing\//, code: /^testing\//, types: /./ },
  { place: /^gateway\//, code: /^errors\.ts$|^core\/|^gateway\//, types: /./ },
  { place: /^undici\//, code: /^undici\//, types: /^core\/types\.ts$/ },
  { place: /^dev\//, code: /^(dev|testing)\//, types: /./ },
  { place: /^compat\//, code: /^(?!testing|dev)/, types: /^(?!testing|dev)/ },
  {
    place: /^mod\.ts$/,
    code: /^(client|errors)\.ts$|^(api|fetch)\/|^webhooks\/records-of\.ts$/,
    types: /^(client|errors)\.ts$|^core\/(types|functions)\.ts$|^(api|fetch|webhooks)\//,
  },
];

/** The operations that others are built on. */
const built: Record<string, RegExp> = {
  'api/iterate-records.ts': /^api\/records\.ts$/,
  'api/consume-records.ts': /^api\/(iterate-)?records\.ts$/,
  'api/stream-records.ts': /^api\/iterate-records\.ts$/,
};

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
  count(/^(#!.*\n)?\/\/ \S|^\/\*\*/.test(source), `${file} does not open with what it is for`);
  const rule = rules.find(({ place }) => place.test(file));
  count(rule !== undefined, `${file} is in no place that the rules know`);
  for (const [, type, , from] of code.matchAll(/(?:^|\n)(?:import|export)( type)?\s([^;]*?)\sfrom '([^']+)'/g)) {
    if (!from!.startsWith('.')) {
      // What runs on a developer's machine is Node's alone.
      count(
        file.startsWith('dev/') && from!.startsWith('node:'),
        `${file} imports ${from}: the library has no dependencies`,
      );
      continue;
    }
    const target = posix.join(dirname(file), from!);
    const allowed = rule && (rule.code.test(target) || built[file]?.test(target) || (type && rule.types.test(target)));
    count(Boolean(allowed), `${file} may not import ${type ? 'types of ' : ''}${target}`);
  }
  // The class of ./compat verifies webhooks synchronously, which only Node's own crypto can.
  if (!/^(compat|dev)\//.test(file)) {
    const found = absent.exec(code.replace(/'[^'\n]*'|`[^`]*`|"[^"\n]*"|\/(?:[^/\n\\]|\\.)+\/[a-z]*/g, "''"));
    count(!found, `${file} uses ${found?.[0]}, which some runtimes lack or the rules of the house exclude`);
  }
}

conclude();
