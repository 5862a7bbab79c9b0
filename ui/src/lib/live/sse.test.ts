import { expect, test } from 'vitest';
import { Parser } from './sse';

const STREAM = 'id: 5-1\nevent: ready\ndata: {}\n\n: still here\n\nid: 5-2\r\nevent: task.opened\r\ndata: {"a":\r\ndata: 1}\r\n\r\n';
const WANTED = [
  { id: '5-1', event: 'ready', data: '{}' },
  { id: '5-2', event: 'task.opened', data: '{"a":\n1}' },
];

test('events are the same wherever the stream is cut', () => {
  for (let size = 1; size <= STREAM.length; size += 1) {
    const parser = new Parser();
    const found = [];
    for (let at = 0; at < STREAM.length; at += size) found.push(...parser.push(STREAM.slice(at, at + size)));
    expect(found, `cut every ${size}`).toEqual(WANTED);
  }
});

test('comments are no events, and an unfinished event is not told', () => {
  const parser = new Parser();
  expect([...parser.push(': hello\n\ndata: x\n')]).toEqual([]);
  expect([...parser.push('\n')]).toEqual([{ id: null, event: 'message', data: 'x' }]);
});
