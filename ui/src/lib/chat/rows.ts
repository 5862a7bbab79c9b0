// Makes one list of what a chat shows: days, the line of unread messages, bubbles, what happened between them, and what is
// still being sent. Pure.
import { dayOf } from '$lib/i18n/format';
import type { Entry, Message } from '$lib/inbox/types';
import type { Outgoing } from '$lib/inbox/outbox';

export type Row =
  | { kind: 'beginning'; key: string }
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string; count: number }
  | { kind: 'system'; key: string; at: string; type: string; words: string }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { kind: 'pending'; key: string; outgoing: Outgoing; first: boolean };

const TOGETHER_MS = 4 * 60_000;
const SYSTEM = /^(conversation\.|order\.|task\.(opened|done|assigned)$|agent\/run\.failed$)/;

/** What the agent has planned and not begun to send may still not be said; what it dropped never was. */
export function isShown(message: Message): boolean {
  return message.author !== 'agent' || (message.state !== 'planned' && message.state !== 'dropped');
}

export function rowsOf(
  messages: readonly Message[],
  entries: readonly Entry[],
  outgoing: readonly Outgoing[],
  unread: { first: string | null; count: number },
  complete: boolean,
): Row[] {
  const rows: Row[] = complete && messages.length ? [{ kind: 'beginning', key: 'beginning' }] : [];
  const shown = messages.filter(isShown);
  const known = new Set(messages.map((one) => one.id));
  const oldest = shown[0] ? Date.parse(shown[0].created_at) : Infinity;
  const system = entries
    .filter((one) => one.words && SYSTEM.test(one.kind) && (complete || Date.parse(one.at) >= oldest))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || rank(a.kind) - rank(b.kind));
  let at = 0;
  let day = 0;
  let before: Message | null = null;

  const begin = (time: string) => {
    if (dayOf(time) === day) return;
    day = dayOf(time);
    rows.push({ kind: 'day', key: `day-${day}`, at: time });
    before = null;
  };
  const tell = (until: number) => {
    for (; at < system.length && Date.parse(system[at]!.at) <= until; at += 1) {
      const entry = system[at]!;
      const last = rows.at(-1);
      // One act may be told several times over (task and conversation): the same words are said once.
      if (last?.kind === 'system' && (last.words === entry.words || isSame(last, entry))) continue;
      begin(entry.at);
      rows.push({ kind: 'system', key: `event-${entry.id}`, at: entry.at, type: entry.kind, words: entry.words });
      before = null;
    }
  };

  for (const message of shown) {
    tell(Date.parse(message.created_at) - 1);
    begin(message.created_at);
    if (message.id === unread.first && unread.count > 0) {
      rows.push({ kind: 'unread', key: 'unread', count: unread.count });
      before = null;
    }
    const first: boolean = !together(before, message);
    const previous = rows.at(-1);
    if (!first && previous?.kind === 'message') previous.last = false;
    rows.push({ kind: 'message', key: message.id, message, first, last: true });
    before = message;
  }
  tell(Infinity);
  for (const one of outgoing) {
    if (known.has(one.id)) continue;
    begin(one.at);
    rows.push({ kind: 'pending', key: one.id, outgoing: one, first: rows.at(-1)?.kind !== 'pending' });
  }
  return rows;
}

/** What one transaction notes at one instant, told in the order people would. */
function rank(kind: string): number {
  return kind.startsWith('conversation.') ? 0 : kind === 'task.assigned' ? 2 : 1;
}

/** A handoff opens its task, a hand-back closes it: the first says both. */
function isSame(told: Extract<Row, { kind: 'system' }>, entry: Entry): boolean {
  const near = Math.abs(Date.parse(entry.at) - Date.parse(told.at)) < 2000;
  return near && told.type.startsWith('conversation.hand') && (entry.kind === 'task.opened' || entry.kind === 'task.done');
}

function together(before: Message | null, message: Message): boolean {
  return (
    before !== null &&
    before.author === message.author &&
    before.member_id === message.member_id &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < TOGETHER_MS
  );
}

/** Rough heights before a row has been measured. */
export function estimate(row: Row): number {
  switch (row.kind) {
    case 'beginning':
    case 'day':
    case 'unread':
    case 'system':
      return 44;
    case 'pending':
      return 40 + lines(row.outgoing.form.text ?? '') * 20;
    case 'message': {
      const media = row.message.parts.media && row.message.kind !== 'document' && row.message.kind !== 'audio' ? 250 : 0;
      const buttons = row.message.parts.buttons.length ? 20 + row.message.parts.buttons.length * 34 : 0;
      return (row.first ? 46 : 38) + lines(row.message.text) * 20 + media + buttons + (row.message.reply_to ? 52 : 0);
    }
  }
}

function lines(text: string): number {
  return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 58)), 0) - 1;
}
