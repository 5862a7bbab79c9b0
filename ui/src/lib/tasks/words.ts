// How tasks are told: customer, reason, times.
import { moment, phone, span } from '$lib/i18n/format';
import { panel } from '$lib/i18n/panel';
import { tasks } from '$lib/i18n/tasks';
import { overdue, sleeps, type Task } from './sorting';

export const customer = (task: Task) => (task.contact_name ? phone(task.contact_name) : tasks.unknownCustomer);

/** Reasons of a playbook's own are words with underscores. */
export function reason(code: string): string {
  const known = panel.reasons[code];
  if (known) return known;
  const plain = code.replace(/^rule:/, '').replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** When it is due, since when it is overdue, when it comes back. */
export function timing(task: Task, now: number): { text: string; tone: 'plain' | 'danger' | 'warning' } {
  if (task.status === 'done') return { text: task.done_at ? tasks.doneAt(moment(task.done_at)) : '', tone: 'plain' };
  if (sleeps(task, now)) return { text: tasks.until(moment(task.snoozed_until ?? now)), tone: 'plain' };
  if (task.due_at === null) return { text: tasks.openedAgo(span(now - Date.parse(task.created_at))), tone: 'plain' };
  const left = Date.parse(task.due_at) - now;
  if (overdue(task, now)) return { text: tasks.overdueBy(span(Math.max(0, -left))), tone: 'danger' };
  return { text: tasks.dueIn(span(left)), tone: left < 10 * 60_000 ? 'warning' : 'plain' };
}
