// Reads WhatsApp's formatting (*bold*, _italic_, ~strike~, `mono`, ```block```) and links into a tree. Pure; the tree is
// rendered as elements with text, never as HTML.
export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'bold'; nodes: Node[] }
  | { kind: 'italic'; nodes: Node[] }
  | { kind: 'strike'; nodes: Node[] }
  | { kind: 'mono'; text: string }
  | { kind: 'block'; text: string }
  | { kind: 'link'; text: string; href: string };

const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const LINK = /(?:https?:\/\/|www\.)[^\s<>"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;
const WORD = /[\p{L}\p{N}]/u;

export function read(text: string): Node[] {
  return join(blocks(text));
}

function blocks(text: string): Node[] {
  const nodes: Node[] = [];
  const parts = text.split('```');
  parts.forEach((part, at) => {
    if (at % 2 === 1 && at < parts.length - 1 && part.trim()) nodes.push({ kind: 'block', text: part.replace(/^\n|\n$/g, '') });
    else nodes.push(...links(at % 2 === 1 ? '```' + part : part));
  });
  return nodes;
}

/** Links first: what is inside them is no formatting. */
function links(text: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const shown = found[0].replace(/[.,;:!?)\]}'*_~]+$/u, '');
    const href = hrefOf(shown);
    if (!href) continue;
    nodes.push(...styled(text.slice(from, found.index)), { kind: 'link', text: shown, href });
    from = found.index + shown.length;
  }
  nodes.push(...styled(text.slice(from)));
  return nodes;
}

function hrefOf(shown: string): string | null {
  if (!/^(https?:|www\.)/i.test(shown)) return `mailto:${shown}`;
  try {
    const url = new URL(/^www\./i.test(shown) ? `https://${shown}` : shown);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

function styled(text: string): Node[] {
  const nodes: Node[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const sign = text[at]!;
    const end = sign === '`' || sign in STYLES ? closing(text, at) : -1;
    if (end < 0) {
      plain += sign;
      at += 1;
      continue;
    }
    if (plain) nodes.push({ kind: 'text', text: plain });
    plain = '';
    const inside = text.slice(at + 1, end);
    nodes.push(sign === '`' ? { kind: 'mono', text: inside } : { kind: STYLES[sign as keyof typeof STYLES], nodes: styled(inside) });
    at = end + 1;
  }
  if (plain) nodes.push({ kind: 'text', text: plain });
  return nodes;
}

/** Where a sign that opens here closes on the same line; both stand at the edge of a word. */
function closing(text: string, open: number): number {
  const sign = text[open]!;
  const before = text[open - 1];
  if ((before !== undefined && WORD.test(before)) || /^\s?$/.test(text[open + 1] ?? '')) return -1;
  for (let at = open + 2; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] !== sign || /\s/.test(text[at - 1]!)) continue;
    const after = text[at + 1];
    if (after === undefined || !WORD.test(after)) return at;
  }
  return -1;
}

function join(nodes: Node[]): Node[] {
  const result: Node[] = [];
  for (const node of nodes) {
    const last = result[result.length - 1];
    if (node.kind === 'text' && last?.kind === 'text') last.text += node.text;
    else result.push(node);
  }
  return result;
}

const EMOJI = /^(?:\p{RI}\p{RI}|\p{Emoji_Presentation}\p{EMod}?|\p{Emoji}\uFE0F|\u200D|\uFE0F|\s)+$/u;

/** One to three emoji and nothing else are shown large. */
export function onlyEmoji(text: string): boolean {
  if (text.length > 24 || !EMOJI.test(text)) return false;
  const count = [...new Intl.Segmenter().segment(text.replace(/\s/g, ''))].length;
  return count > 0 && count <= 3;
}
