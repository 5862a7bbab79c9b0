// What the side panel shows of the open conversation besides itself: contact, orders, what the agent understood, its task.
import { api, data } from '$lib/api/client';
import type { components } from '$lib/api/schema';
import { language } from '$lib/i18n/language.svelte';
import { Coalescer, onAnew, onEvent } from '$lib/live';
import type { Contact, Order, TaskDetails } from './types';

export type Understanding = components['schemas']['Understanding'];
const KEPT = 30;

export class Customer {
  contact = $state.raw<Contact | null>(null);
  orders = $state.raw<Order[] | null>(null);
  agent = $state.raw<Understanding | null>(null);
  task = $state.raw<TaskDetails | null>(null);
  private taskId: string | null = null;
  private readonly again = new Coalescer<'all'>(() => this.load(), { everyMs: 600 });

  constructor(
    readonly conversation: string,
    readonly contactId: string,
  ) {}

  refresh() {
    this.again.mark('all');
  }

  /** The open task, which the conversation names. */
  async setTask(id: string | null) {
    if (id === this.taskId) return;
    this.taskId = id;
    this.task = null;
    if (id) await this.loadTask();
  }

  private async loadTask() {
    const id = this.taskId;
    if (!id) return;
    const found = await data(api.GET('/api/v1/tasks/{task_id}', { params: { path: { task_id: id } } })).catch(() => null);
    if (this.taskId === id) this.task = found;
  }

  private async load() {
    const path = { conversation_id: this.conversation };
    const [contact, orders, agent] = await Promise.all([
      data(api.GET('/api/v1/contacts/{contact_id}', { params: { path: { contact_id: this.contactId } } })),
      data(api.GET('/api/v1/orders', { params: { query: { conversation_id: this.conversation, limit: 20 } } })),
      data(api.GET('/api/v1/conversations/{conversation_id}/agent', { params: { path, query: { lang: language.current } } })).catch(() => null),
      this.loadTask(),
    ]);
    this.contact = contact;
    this.orders = orders.items;
    this.agent = agent;
  }
}

const kept = new Map<string, Customer>();

export function customerOf(conversation: string, contact: string): Customer {
  const one = kept.get(conversation) ?? new Customer(conversation, contact);
  kept.delete(conversation);
  kept.set(conversation, one);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return one;
}

/** Keeps the one on show fresh; returns how to stop. */
export function follow(one: Customer): () => void {
  one.refresh();
  const stop = [onEvent((event) => event.conversation_id === one.conversation && one.refresh()), onAnew(() => one.refresh())];
  return () => {
    for (const run of stop) run();
  };
}
