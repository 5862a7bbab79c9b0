import { expect, test } from 'vitest';
import { onlyEmoji, read, type Node } from './markup';

const show = (nodes: Node[]): string =>
  nodes.map((node) => ('nodes' in node ? `<${node.kind}>${show(node.nodes)}</>` : node.kind === 'text' ? node.text : `<${node.kind}>${node.text}</>`)).join('');

test.each([
  ['*hola*', '<bold>hola</>'],
  ['di *hola* y _chao_.', 'di <bold>hola</> y <italic>chao</>.'],
  ['*_los dos_*', '<bold><italic>los dos</></>'],
  ['~no~ `code` ```x\ny```', '<strike>no</> <mono>code</> <block>x\ny</>'],
  ['2*3*4', '2*3*4'],
  ['snake_case_name', 'snake_case_name'],
  ['* no *', '* no *'],
  ['*sin cerrar', '*sin cerrar'],
  ['*en\ndos*', '*en\ndos*'],
  ['**', '**'],
  ['¿*Sí*?', '¿<bold>Sí</>?'],
  ['```abierto', '```abierto'],
])('%j reads as WhatsApp shows it', (text, wanted) => {
  expect(show(read(text))).toBe(wanted);
});

test('links are links, and lead to the web or a mailbox only', () => {
  const links = (text: string) => read(text).flatMap((node) => (node.kind === 'link' ? [[node.text, node.href]] : []));
  expect(links('mira https://a.co/x_y_z?q=*1* ya')).toEqual([['https://a.co/x_y_z?q=*1', 'https://a.co/x_y_z?q=*1']]);
  expect(links('www.tienda.co, o hola@tienda.co.')).toEqual([['www.tienda.co', 'https://www.tienda.co/'], ['hola@tienda.co', 'mailto:hola@tienda.co']]);
  expect(links('javascript:alert(1) data:text/html,x')).toEqual([]);
});

test('nothing of the text is lost', () => {
  for (const text of ['<b>x</b> & "y"', '*a* _b_ ~c~ `d` ```e``` https://f.g', '___', '*_~', '\n\n*a*\n'])
    expect(show(read(text)).replace(/<(bold|italic|strike|mono|block|link)>|<\/>/g, '').length).toBeGreaterThan(0);
});

test('a few emoji alone are shown large', () => {
  expect(['👍', '❤️', '👩‍👩‍👧', '🇨🇴 🎉', '👍🏽'].map(onlyEmoji)).toEqual([true, true, true, true, true]);
  expect(['ok 👍', '1', '', '👍👍👍👍', '#'].map(onlyEmoji)).toEqual([false, false, false, false, false]);
});
