// Writes src/lib/ui/icons.ts: the shapes of the icons we use, taken from Lucide (ISC) as plain path data.
// Add a name to the list and run `npm run icons`.
import { readFileSync, writeFileSync } from 'node:fs';

const NAMES = `
arrow-down arrow-left arrow-right archive at-sign badge-check bell bell-off bot bot-off calendar chart-column check check-check
chevron-down chevron-left chevron-right chevron-up circle-alert circle-check circle-question-mark circle-user clipboard-check clock copy
corner-up-left credit-card download ellipsis ellipsis-vertical external-link eye eye-off file-text funnel hand hash image inbox info
key-round keyboard languages link list-checks loader-circle lock log-out mail map-pin menu message-circle message-square-text mic
monitor moon package panel-right paperclip pause pencil phone play plug plus power quote refresh-cw reply rotate-ccw search send
settings shield-check shopping-bag shopping-cart smartphone face-slightly-smiling sparkles sticker sun tag timer trash triangle-alert undo-2 user user-check user-plus users
video volume-2 volume-x webhook wifi wifi-off workflow x zap
`.trim().split(/\s+/);

const n = (value) => Number(value ?? 0);

function path(tag, a) {
  switch (tag) {
    case 'path':
      // Joined to the others, a leading `m` would no longer begin at the origin.
      return a.d.replace(/^m\s*(-?[\d.]+)[\s,]*(-?[\d.]+)\s*(?=(-?[\d.])?)/, (_, x, y, more) => `M${x} ${y}${more ? 'l' : ''}`);
    case 'line':
      return `M${a.x1} ${a.y1}L${a.x2} ${a.y2}`;
    case 'polyline':
      return `M${a.points}`;
    case 'polygon':
      return `M${a.points}Z`;
    case 'circle':
      return `M${n(a.cx) - n(a.r)} ${a.cy}a${a.r} ${a.r} 0 1 0 ${2 * n(a.r)} 0a${a.r} ${a.r} 0 1 0 ${-2 * n(a.r)} 0`;
    case 'ellipse':
      return `M${n(a.cx) - n(a.rx)} ${a.cy}a${a.rx} ${a.ry} 0 1 0 ${2 * n(a.rx)} 0a${a.rx} ${a.ry} 0 1 0 ${-2 * n(a.rx)} 0`;
    case 'rect': {
      const [x, y, w, h, r] = [n(a.x), n(a.y), n(a.width), n(a.height), n(a.rx ?? a.ry)];
      return `M${x + r} ${y}h${w - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${h - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${-(w - 2 * r)}a${r} ${r} 0 0 1 ${-r} ${-r}v${-(h - 2 * r)}a${r} ${r} 0 0 1 ${r} ${-r}`;
    }
    default:
      throw new Error(`unknown shape ${tag}`);
  }
}

function shape(name) {
  const source = readFileSync(new URL(`../node_modules/@lucide/svelte/dist/icons/${name}.svelte`, import.meta.url), 'utf8');
  const found = /const iconData = (\{.*\});/.exec(source);
  if (!found) {
    const alias = /from '\.\/([\w-]+)\.svelte'/.exec(source);
    if (!alias) throw new Error(`no icon ${name}`);
    return shape(alias[1]);
  }
  return JSON.parse(found[1]).node.map(([tag, attributes]) => path(tag, attributes)).join('');
}

const lines = NAMES.map((name) => `  '${name}': '${shape(name)}',`);
writeFileSync(
  new URL('../src/lib/ui/icons.ts', import.meta.url),
  `// Written by scripts/icons.mjs. Shapes: Lucide, ISC licence, https://lucide.dev/license\nexport const icons = {\n${lines.join('\n')}\n} as const;\n\nexport type IconName = keyof typeof icons;\n`,
);
