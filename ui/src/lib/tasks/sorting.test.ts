import { expect, test } from 'vitest';
import { columnOf, overdue, sleeps, snoozeUntil, sorted, type Task } from './sorting';

const NOW = Date.parse('2026-03-04T15:00:00Z');
const task = (changes: Partial<Task>): Task =>
  ({ id: 'a', status: 'open', assignee_id: null, due_at: null, overdue: false, snoozed_until: null, created_at: '2026-03-04T14:00:00Z', done_at: null, ...changes }) as Task;

test('a task stands where its assignee says', () => {
  expect(columnOf(task({}), 'me')).toBe('unassigned');
  expect(columnOf(task({ assignee_id: 'me' }), 'me')).toBe('mine');
  expect(columnOf(task({ assignee_id: 'you' }), 'me')).toBe('others');
  expect(columnOf(task({ assignee_id: 'me', status: 'done' }), 'me')).toBe('done');
});

test('what is due first stands first, and what sleeps stands apart', () => {
  const stacks = sorted(
    [
      task({ id: 'late', due_at: '2026-03-04T17:00:00Z' }),
      task({ id: 'never' }),
      task({ id: 'soon', due_at: '2026-03-04T15:05:00Z' }),
      task({ id: 'asleep', due_at: '2026-03-04T14:00:00Z', snoozed_until: '2026-03-05T09:00:00Z' }),
    ],
    'me',
    NOW,
  );
  expect(stacks.unassigned.active.map((one) => one.id)).toEqual(['soon', 'late', 'never']);
  expect(stacks.unassigned.snoozed.map((one) => one.id)).toEqual(['asleep']);
});

test('a task is overdue by the clock, unless it sleeps or is done', () => {
  const past = { due_at: '2026-03-04T14:59:00Z' };
  expect(overdue(task(past), NOW)).toBe(true);
  expect(overdue(task({ ...past, snoozed_until: '2026-03-04T16:00:00Z' }), NOW)).toBe(false);
  expect(overdue(task({ ...past, status: 'done' }), NOW)).toBe(false);
  expect(sleeps(task({ snoozed_until: '2026-03-04T14:00:00Z' }), NOW)).toBe(false);
});

test('the newest of the done ones are kept', () => {
  const many = Array.from({ length: 40 }, (_, n) => task({ id: String(n), status: 'done', done_at: new Date(NOW - n * 60_000).toISOString() }));
  const { done } = sorted(many, 'me', NOW);
  expect(done.active.length).toBe(30);
  expect(done.active[0]?.id).toBe('0');
});

test('putting off goes to a morning to come', () => {
  const wednesday = new Date(2026, 2, 4, 15);
  expect(snoozeUntil('tomorrow', wednesday)).toEqual(new Date(2026, 2, 5, 9));
  expect(snoozeUntil('monday', wednesday)).toEqual(new Date(2026, 2, 9, 9));
  expect(snoozeUntil('monday', new Date(2026, 2, 9, 15))).toEqual(new Date(2026, 2, 16, 9));
  expect(snoozeUntil('monday', new Date(2026, 2, 8, 15))).toEqual(new Date(2026, 2, 9, 9));
});
