// Draws who imports whom in lib, as .github/architecture.svg: a box for each part, above all that it imports. Arrows that others
// imply are left out. Compares by default; `--write` draws it anew.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { conclude, count } from '../tools/counts.ts';
import { root } from '../tools/esbuild.ts';

const file = '.github/architecture.svg';
const [wide, high, gapX, gapY, margin] = [132, 44, 24, 56, 20];

/** The part of lib that a file belongs to: its folder, or the file itself. */
const partOf = (path: string): string => path.split('/')[0]!;

/** Which parts each part imports code of. */
async function imports(): Promise<Map<string, Set<string>>> {
  const parts = new Map<string, Set<string>>();
  const files = (await readdir(join(root, 'lib'), { recursive: true })).filter((path) => path.endsWith('.ts')).sort();
  for (const path of files) {
    const from = partOf(path);
    const targets = parts.get(from) ?? new Set<string>();
    parts.set(from, targets);
    const source = await readFile(join(root, 'lib', path), 'utf8');
    for (const [, type, to] of source.matchAll(/^(?:import|export)( type)? [^;]*? from '(\.[^']+)';/gm)) {
      const target = partOf(posix.join(dirname(path), to!));
      if (!type && target !== from) targets.add(target);
    }
  }
  return parts;
}

const parts = await imports();
const level = (part: string): number => Math.max(0, ...[...parts.get(part)!].map((target) => level(target) + 1));
const reaches = (from: string, to: string): boolean =>
  [...parts.get(from)!].some((target) => target === to || reaches(target, to));

const rows: string[][] = [];
for (const part of [...parts.keys()].sort()) (rows[level(part)] ??= []).push(part);
rows.reverse();
const width = margin * 2 + Math.max(...rows.map((row) => row.length)) * (wide + gapX) - gapX;
const height = margin * 2 + rows.length * (high + gapY) - gapY;
const places = new Map(rows.flatMap((row, index) => {
  const left = (width - row.length * (wide + gapX) + gapX) / 2;
  return row.map((part, column) =>
    [part, { x: left + column * (wide + gapX), y: margin + index * (high + gapY) }] as const
  );
}));

const arrows = [...parts].flatMap(([from, targets]) =>
  [...targets].filter((to) => ![...targets].some((other) => other !== to && reaches(other, to))).map((to) => {
    const [start, end] = [places.get(from)!, places.get(to)!];
    const [x1, y1, x2, y2] = [start.x + wide / 2, start.y + high, end.x + wide / 2, end.y - 4];
    return `  <path d="M${x1} ${y1}C${x1} ${y1 + gapY / 2} ${x2} ${
      y2 - gapY / 2
    } ${x2} ${y2}" marker-end="url(#head)"/>`;
  })
);
const boxes = [...places].map(([part, { x, y }]) =>
  `  <rect x="${x}" y="${y}" width="${wide}" height="${high}" rx="8"/>` +
  `<text x="${x + wide / 2}" y="${y + high / 2 + 5}">${part.replace('.ts', '')}</text>`
);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
  <title>Who imports whom in lib</title>
  <style>
    rect { fill: #eef4ff; stroke: #3b6fd4 }
    text { font: 14px system-ui, sans-serif; text-anchor: middle; fill: #1b2a4a }
    path { fill: none; stroke: #7a8aa8; stroke-width: 1.5 }
    marker path { fill: #7a8aa8; stroke: none }
    @media (prefers-color-scheme: dark) { rect { fill: #17233c } text { fill: #dbe6ff } }
  </style>
  <marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>
${arrows.join('\n')}
${boxes.join('\n')}
</svg>
`;

if (process.argv.includes('--write')) await writeFile(join(root, file), svg);
const drawn = await readFile(join(root, file), 'utf8').catch(() => '');
count(drawn === svg, `${file} is behind: \`npm run update\` draws it anew`);
conclude();
