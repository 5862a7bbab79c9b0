import { expect, test } from 'vitest';
import { arrange, belongs, compare } from './order';
import type { Conversation } from './types';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const one = (id: string, second: number, more: Partial<Conversation> = {}) => ({ id, last_message_at: at(second), ...more }) as Conversation;

function list(...all: Conversation[]) {
  const known = new Map(all.map((item) => [item.id, item]));
  return { ids: all.toSorted(compare).map((item) => item.id), known };
}
const all = () => true;

test('news moves a conversation to its place', () => {
  const { ids, known } = list(one('a', 3), one('b', 2), one('c', 1));
  const fresh = one('c', 9);
  known.set('c', fresh);
  expect(arrange(ids, [fresh], (id) => known.get(id), all, true)).toEqual(['c', 'a', 'b']);
});

test('one that no longer belongs leaves, a new one enters, each stands there once', () => {
  const { ids, known } = list(one('a', 3), one('b', 2));
  const fresh = [one('b', 2), one('n', 5), one('n', 5)];
  expect(arrange(ids, fresh, (id) => known.get(id), (item) => item.id !== 'b', true)).toEqual(['n', 'a']);
});

test('what stands below the loaded part waits for its page', () => {
  const { ids, known } = list(one('a', 3), one('b', 2));
  expect(arrange(ids, [one('old', 1)], (id) => known.get(id), all, false)).toEqual(['a', 'b']);
  expect(arrange(ids, [one('old', 1)], (id) => known.get(id), all, true)).toEqual(['a', 'b', 'old']);
});

test('microseconds count where milliseconds are equal', () => {
  const early = { id: 'x', last_message_at: '2026-01-01T00:00:00.000001Z' };
  const later = { id: 'a', last_message_at: '2026-01-01T00:00:00.000002Z' };
  expect([early, later].toSorted(compare).map((item) => item.id)).toEqual(['a', 'x']);
});

test('filters decide as the API does', () => {
  const mine = one('a', 1, { owner_member_id: 'me', open_tasks: 0, unread: 0, task: null, agent_speaks: false });
  expect(belongs(mine, 'mine', 'me')).toBe(true);
  expect(belongs(mine, 'mine', null)).toBe(false);
  const waiting = one('b', 1, { task: { assignee_id: null } as Conversation['task'], open_tasks: 1, unread: 2 });
  expect(belongs(waiting, 'unassigned', 'me')).toBe(true);
  expect(belongs(waiting, 'tasks', 'me')).toBe(true);
  expect(belongs(waiting, 'unread', 'me')).toBe(true);
});
