import { expect, test } from 'vitest';
import type { Entry, Message } from '$lib/inbox/types';
import { rowsOf } from './rows';

const at = (minute: number, day = 1) => new Date(2026, 2, day, 12, minute).toISOString();
const message = (id: string, author: Message['author'], minute: number, more: Partial<Message> = {}) =>
  ({ id, author, direction: author === 'customer' ? 'in' : 'out', member_id: null, state: 'sent', created_at: at(minute), ...more }) as Message;
const entry = (kind: string, minute: number, words = kind) => ({ id: kind + minute, kind, at: at(minute), words }) as Entry;
const none = { first: null, count: 0 };
const show = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => (row.kind === 'message' ? row.key + (row.first ? '!' : '') : row.kind)).join(' ');

test('days part messages, and what one person says in a row hangs together', () => {
  const rows = rowsOf([message('a', 'customer', 1), message('b', 'agent', 2), message('c', 'agent', 3), message('d', 'customer', 0, { created_at: at(0, 2) })], [], [], none, false);
  expect(show(rows)).toBe('day a! b! c day d!');
});

test('what happened stands between the bubbles it happened between, and twice told is told once', () => {
  const entries = [entry('conversation.handed_off', 2), entry('conversation.taken_over', 4, 'Ana'), entry('task.assigned', 4, 'Ana'), entry('inbound', 3)];
  expect(show(rowsOf([message('a', 'customer', 1), message('b', 'person', 5)], entries, [], none, true))).toBe('beginning day a! system system b!');
});

test('what happened before the loaded messages waits for them', () => {
  expect(show(rowsOf([message('b', 'agent', 5)], [entry('conversation.handed_off', 2)], [], none, false))).toBe('day b!');
});

test('the line of unread messages stands before the first of them', () => {
  expect(show(rowsOf([message('a', 'customer', 1), message('b', 'customer', 2)], [], [], { first: 'b', count: 1 }, false))).toBe('day a! unread b!');
});

test('what the agent has only planned, or dropped, is not said; a person’s dropped message is shown', () => {
  const all = [message('p', 'agent', 1, { state: 'planned' }), message('d', 'agent', 2, { state: 'dropped' }), message('m', 'person', 3, { state: 'dropped' })];
  expect(show(rowsOf(all, [], [], none, false))).toBe('day m!');
});

test('what is being sent stands last, until the message itself is there', () => {
  const outgoing = [{ id: 'o', conversation: 'c', form: { text: 'x' } as never, at: at(9) }];
  expect(show(rowsOf([message('a', 'customer', 1)], [], outgoing, none, false))).toBe('day a! pending');
  expect(show(rowsOf([message('a', 'customer', 1), message('o', 'person', 9)], [], outgoing, none, false))).toBe('day a! o!');
});
