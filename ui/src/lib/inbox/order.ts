// Where a conversation stands in a list: newest activity first, ids as tie-break, as the API orders them. Pure.
import type { Conversation, Filter } from './types';

export type Placed = Pick<Conversation, 'id' | 'last_message_at'>;

/** Negative: a stands above b. Times are compared as the API writes them (UTC, microseconds). */
export function compare(a: Placed, b: Placed): number {
  const at = time(b.last_message_at) - time(a.last_message_at);
  if (at !== 0) return at;
  if (a.last_message_at !== b.last_message_at) return a.last_message_at < b.last_message_at ? 1 : -1;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

const times = new Map<string, number>();
function time(text: string): number {
  let found = times.get(text);
  if (found === undefined) {
    if (times.size > 20_000) times.clear();
    times.set(text, (found = Date.parse(text)));
  }
  return found;
}

/** Whether a list with this filter shows it; the API decides alike. */
export function belongs(one: Conversation, filter: Filter, memberId: string | null): boolean {
  switch (filter) {
    case 'mine':
      return memberId !== null && (one.owner_member_id === memberId || one.task?.assignee_id === memberId);
    case 'unassigned':
      return one.task !== null && one.task.assignee_id === null;
    case 'agent':
      return one.agent_speaks;
    case 'tasks':
      return one.open_tasks > 0;
    case 'unread':
      return one.unread > 0;
    default:
      return true;
  }
}

/**
 * Puts fresh conversations into an ordered list of ids: out of their old places, into their new ones, or out of the list.
 * What would stand below the last loaded one is left for its page to bring, unless the list is complete.
 */
export function arrange(
  ids: readonly string[],
  fresh: readonly Conversation[],
  look: (id: string) => Placed | undefined,
  stays: (one: Conversation) => boolean,
  complete: boolean,
): string[] {
  const changed = new Map(fresh.map((one) => [one.id, one]));
  const kept = ids.filter((id) => !changed.has(id));
  const entering = [...changed.values()].filter(stays).sort(compare);
  const result: string[] = [];
  let at = 0;
  for (const id of kept) {
    const placed = look(id);
    while (placed && at < entering.length && compare(entering[at]!, placed) < 0) result.push(entering[at++]!.id);
    result.push(id);
  }
  const below = entering.slice(at).filter((one) => complete || ids.includes(one.id));
  return [...result, ...below.map((one) => one.id)];
}
