// Bar charts as SVG, which are legible on light and dark pages and need no font and no script.

/** A bar. */
export interface Bar {
  name: string;
  value: number;
}

/** Bars with a title. */
export interface Panel {
  title: string;
  bars: readonly Bar[];
  format: (value: number) => string;
  /** Where a line marks what the bars are compared with. */
  mark?: number;
}

const width = 820;
const gap = 40;
const rowHeight = 22;
const barHeight = 14;
const names = 128;
const figures = 62;
const top = 62;
const panelTitle = 30;

const style = `
    text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; fill: #424a53 }
    .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
    .panel { font-weight: 600; fill: #1f2328 }
    .own { font-weight: 600; fill: #0b5cad }
    .other { fill: #c4ccd6 } .bar { fill: #1f7ae0 } .mark { stroke: #8c959f; stroke-dasharray: 2 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #b1bac4 } .title, .panel { fill: #f0f3f6 } .own { fill: #79b8ff }
      .other { fill: #444c56 } .bar { fill: #388bfd } .mark { stroke: #768390 }
    }`;

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Tells whether a bar is of this library. */
const isOwn = (name: string): boolean => /^nango-fetch|Records$/.test(name);

function drawPanel(
  { title, bars, format, mark }: Panel,
  x: number,
  y: number,
  space: number,
): string {
  const most = Math.max(mark ?? 0, ...bars.map(({ value }) => value));
  const room = space - names - figures;
  const length = (value: number): string => Math.max(1, (value / most) * room).toFixed(1);
  const left = x + names;
  const lines = [
    `<text class="panel" x="${x}" y="${y + 14}">${escaped(title)}</text>`,
  ];
  const sorted = [...bars].sort((a, b) => a.value - b.value);
  for (const [index, { name, value }] of sorted.entries()) {
    const begin = y + panelTitle + index * rowHeight;
    const base = begin + barHeight - 3;
    const own = isOwn(name);
    lines.push(
      `<text${own ? ' class="own"' : ''} x="${left - 8}" y="${base}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${own ? 'bar' : 'other'}" x="${left}" y="${begin}" width="${
        length(value)
      }" height="${barHeight}" rx="2"/>`,
      `<text${own ? ' class="own"' : ''} x="${(left + Number(length(value)) + 6).toFixed(1)}" y="${base}">${
        escaped(format(value))
      }</text>`,
    );
  }
  if (mark !== undefined) {
    const at = (left + Number(length(mark))).toFixed(1);
    const [from, to] = [
      y + panelTitle - 4,
      y + panelTitle + sorted.length * rowHeight - 4,
    ];
    lines.push(`<path class="mark" d="M${at} ${from}V${to}"/>`);
  }
  return lines.map((line) => `  ${line}`).join('\n');
}

/** Draws panels two by two under a title and a line that says what the bars are. Short bars are good. */
export function drawChart(
  title: string,
  subtitle: string,
  panels: readonly Panel[],
): string {
  const space = (width - gap) / 2;
  const drawn: string[] = [];
  let y = top;
  for (let index = 0; index < panels.length; index += 2) {
    const pair = panels.slice(index, index + 2);
    for (const [column, panel] of pair.entries()) {
      drawn.push(drawPanel(panel, column * (space + gap), y, space));
    }
    y += panelTitle + Math.max(...pair.map(({ bars }) => bars.length)) * rowHeight +
      18;
  }
  const alternative = escaped(`${title}: ${subtitle}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${
    alternative.replaceAll('"', '&quot;')
  }">
  <style>${style}
  </style>
  <text class="title" x="0" y="18">${escaped(title)}</text>
  <text x="0" y="38">${escaped(subtitle)}</text>
${drawn.join('\n')}
</svg>
`;
}
