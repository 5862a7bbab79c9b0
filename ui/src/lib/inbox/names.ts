// How a customer, a message or whoever has a conversation is called.
import { inbox } from '$lib/i18n/inbox';
import { phone } from '$lib/i18n/format';
import type { Conversation, Message } from './types';

export function customerName(one: Pick<Conversation, 'contact_name' | 'contact_phone' | 'contact_username'>): string {
  if (one.contact_name) return one.contact_name;
  if (one.contact_phone) return phone(one.contact_phone);
  return one.contact_username ? `@${one.contact_username}` : inbox.noName;
}

const NO_TEXT = new Set(['text', 'choice', 'buttons', 'list']);

/** One line for a message: its text, or what it is. */
export function gist(message: Pick<Message, 'kind' | 'text'>): string {
  const text = message.text.replace(/[*_~`]{1,3}(?=\S)|(?<=\S)[*_~`]{1,3}/g, '').replace(/\s+/g, ' ').trim();
  if (NO_TEXT.has(message.kind)) return text;
  const kind = inbox.kinds[message.kind] ?? inbox.kinds.other ?? '';
  return text ? `${kind}: ${text}` : kind;
}

/** Why a person is waited for, since when; null: nobody is. */
export function waitingSince(one: Conversation): string | null {
  if (one.waiting_for_person || (one.waiting_for_agent && !one.agent_speaks)) return one.last_inbound_at;
  return null;
}
