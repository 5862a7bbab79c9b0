// What people do with a conversation. Each shows at once what it makes true, takes it back where it fails, and says why.
import { api, data } from '$lib/api/client';
import { inWords } from '$lib/api/errors';
import { common } from '$lib/i18n/common';
import { inbox } from '$lib/i18n/inbox';
import { session } from '$lib/session.svelte';
import { toast } from '$lib/ui/toasts.svelte';
import { conversations } from './conversations.svelte';
import type { Conversation } from './types';

const at = (id: string) => ({ params: { path: { conversation_id: id } } });

async function act(id: string, guess: Partial<Conversation>, call: () => Promise<Conversation>): Promise<boolean> {
  const before = conversations.get(id);
  conversations.guess(id, guess);
  try {
    conversations.put([await call()]);
    return true;
  } catch (error) {
    if (before) conversations.guess(id, before);
    conversations.dirty(id);
    toast(inWords(error), { tone: 'error' });
    return false;
  }
}

export async function takeOver(id: string): Promise<boolean> {
  const guess = { owner: 'person', owner_member_id: session.memberId, owner_member_name: session.user?.name ?? null, agent_conversational: false, agent_speaks: false, agent_writing: false } as const;
  return act(id, guess, () => data(api.POST('/api/v1/conversations/{conversation_id}/takeover', at(id))));
}

export async function handBack(id: string) {
  const guess = { owner: 'agent', owner_member_id: null, owner_member_name: null, agent_conversational: null, agent_speaks: true, task: null, task_id: null } as const;
  const done = await act(id, guess, () => data(api.POST('/api/v1/conversations/{conversation_id}/handback', at(id))));
  if (done) toast(inbox.handedBack, { action: { label: common.undo, run: () => void takeOver(id) } });
}

export async function handOff(id: string, summary: string) {
  try {
    const done = await data(api.POST('/api/v1/conversations/{conversation_id}/handoff', { ...at(id), body: { reason: 'person_asked', summary } }));
    conversations.put([done.conversation]);
  } catch (error) {
    toast(inWords(error), { tone: 'error' });
  }
}

export async function switchAgent(id: string, which: 'conversational' | 'crm', on: boolean) {
  const guess: Partial<Conversation> = which === 'crm' ? { agent_crm: on, crm_agent_works: on } : { agent_conversational: on, agent_speaks: on };
  await act(id, guess, () => data(api.PUT('/api/v1/conversations/{conversation_id}/agent', { ...at(id), body: { [which]: on } })));
}

const reading = new Map<string, string>();

/** Notes how far has been read; once for each newest message. */
export function markRead(id: string, newest: string | undefined) {
  const one = conversations.get(id);
  if (!one || one.unread === 0 || !newest || reading.get(id) === newest) return;
  reading.set(id, newest);
  data(api.PUT('/api/v1/conversations/{conversation_id}/read', { ...at(id), body: { message_id: newest } }))
    .then((fresh) => conversations.put([fresh]))
    .catch(() => reading.delete(id));
}

export async function react(id: string, message: string, emoji: string) {
  try {
    const path = { conversation_id: id, message_id: message };
    await data(api.PUT('/api/v1/conversations/{conversation_id}/messages/{message_id}/reaction', { params: { path }, body: { emoji } }));
  } catch (error) {
    toast(inWords(error), { tone: 'error' });
  }
}

/** Waits a little before a task is completed for good, so that it can be undone. */
const UNDO_SECONDS = 5;

export function completeTask(conversation: string, task: string, handBackToo: boolean) {
  const before = conversations.get(conversation);
  const count = before?.open_tasks ?? 1;
  conversations.guess(conversation, { task: null, task_id: null, open_tasks: Math.max(0, count - 1) });
  let undone = false;
  const finish = () => {
    removeEventListener('pagehide', finish);
    clearTimeout(timer);
    if (undone) return;
    undone = true;
    data(api.POST('/api/v1/tasks/{task_id}/complete', { params: { path: { task_id: task } }, body: { hand_back: handBackToo }, keepalive: true }))
      .catch((error: unknown) => toast(inWords(error), { tone: 'error' }))
      .finally(() => conversations.dirty(conversation));
  };
  const timer = setTimeout(finish, UNDO_SECONDS * 1000);
  addEventListener('pagehide', finish);
  toast(handBackToo ? inbox.taskDoneHandedBack : inbox.taskDone, {
    seconds: UNDO_SECONDS,
    action: {
      label: common.undo,
      run: () => {
        if (undone) return;
        undone = true;
        clearTimeout(timer);
        removeEventListener('pagehide', finish);
        if (before) conversations.guess(conversation, { task: before.task, task_id: before.task_id, open_tasks: count });
        conversations.dirty(conversation);
      },
    },
  });
}
