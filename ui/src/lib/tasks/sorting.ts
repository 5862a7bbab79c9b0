// Which column a task stands in, and in what order. Pure.
import type { components } from '$lib/api/schema';

export type Task = components['schemas']['Task'];
export const COLUMNS = ['unassigned', 'mine', 'others', 'done'] as const;
export type Column = (typeof COLUMNS)[number];
export interface Stack {
  active: Task[];
  snoozed: Task[];
}

/** As many of the done ones are kept in sight. */
export const DONE = 30;

export function columnOf(task: Task, me: string | null): Column {
  if (task.status === 'done') return 'done';
  if (task.assignee_id === null) return 'unassigned';
  return task.assignee_id === me ? 'mine' : 'others';
}

export const sleeps = (task: Task, now: number) =>
  task.status === 'open' && task.snoozed_until !== null && Date.parse(task.snoozed_until) > now;

/** Overdue by the clock too: the service says so within its round. */
export const overdue = (task: Task, now: number) =>
  task.status === 'open' && (task.overdue || (task.due_at !== null && Date.parse(task.due_at) <= now && !sleeps(task, now)));

export function sorted(tasks: Iterable<Task>, me: string | null, now: number): Record<Column, Stack> {
  const stacks = Object.fromEntries(COLUMNS.map((name) => [name, { active: [], snoozed: [] }])) as unknown as Record<Column, Stack>;
  for (const task of tasks) stacks[columnOf(task, me)][sleeps(task, now) ? 'snoozed' : 'active'].push(task);
  for (const name of COLUMNS) {
    if (name === 'done') stacks.done.active.sort((a, b) => at(b.done_at) - at(a.done_at)).splice(DONE);
    else stacks[name].active.sort((a, b) => first(a) - first(b) || at(a.created_at) - at(b.created_at));
    stacks[name].snoozed.sort((a, b) => at(a.snoozed_until) - at(b.snoozed_until));
  }
  return stacks;
}

/** Until when to put it off: in local time. */
export function snoozeUntil(which: 'half' | 'two' | 'tomorrow' | 'monday', now: Date): Date {
  if (which === 'half') return new Date(now.getTime() + 30 * 60_000);
  if (which === 'two') return new Date(now.getTime() + 2 * 3_600_000);
  const days = which === 'tomorrow' ? 1 : ((8 - now.getDay()) % 7 || 7);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9);
}

const at = (time: string | null) => (time === null ? 0 : Date.parse(time));
/** What is due first stands first; without a deadline it comes after. */
const first = (task: Task) => (task.due_at === null ? Number.MAX_SAFE_INTEGER : Date.parse(task.due_at));
