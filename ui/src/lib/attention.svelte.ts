// What asks for attention, counted for the navigation and the window's title: mine and nobody's.
import { SvelteSet } from 'svelte/reactivity';
import { api, data } from '$lib/api/client';
import { conversations } from '$lib/inbox/conversations.svelte';
import type { Conversation } from '$lib/inbox/types';
import { Coalescer, onAnew, onEvent } from '$lib/live';
import { session } from '$lib/session.svelte';

const MOST = 100;

class Attention {
  private readonly waiting = new SvelteSet<string>();
  /** Open tasks that are mine or nobody's; 200 means 200 or more. */
  tasks = $state(0);
  private started = false;
  private readonly again = new Coalescer<'tasks' | 'chats'>((what) => this.load(what), { everyMs: 3000 });

  /** Chats with something unread that are mine or nobody's. */
  get unread(): number {
    return this.waiting.size;
  }

  /** Begins to count; again does nothing. */
  start() {
    if (this.started) return;
    this.started = true;
    conversations.watch((fresh) => this.look(fresh));
    onAnew(() => this.again.mark('tasks', 'chats'));
    onEvent((event) => event.type.startsWith('task.') && this.again.mark('tasks'));
    this.again.mark('tasks', 'chats');
  }

  private look(fresh: readonly Conversation[]) {
    for (const one of fresh) {
      const holder = one.owner_member_id ?? one.task?.assignee_id ?? null;
      const ours = one.owner === 'person' && (holder === null || holder === session.memberId);
      if (ours && one.unread > 0) this.waiting.add(one.id);
      else this.waiting.delete(one.id);
    }
  }

  private async load(what: string[]) {
    if (what.includes('chats')) {
      // Fetched for the store, which tells `look`.
      const pages = await Promise.all((['mine', 'unassigned'] as const).map((filter) => data(api.GET('/api/v1/conversations', { params: { query: { filter, limit: MOST } } }))));
      for (const page of pages) conversations.put(page.items);
    }
    if (what.includes('tasks')) {
      const open = { status: 'open', limit: MOST } as const;
      const pages = await Promise.all(
        [{ assignee_id: session.memberId }, { unassigned: true }].map((whose) => data(api.GET('/api/v1/tasks', { params: { query: { ...open, ...whose } } }))),
      );
      this.tasks = pages.reduce((sum, page) => sum + page.items.length, 0);
    }
  }
}

export const attention = new Attention();
