// Conversations by id, once each: lists hold ids only. Of two answers the one with the higher version stays.
import { SvelteMap } from 'svelte/reactivity';
import { api, data } from '$lib/api/client';
import { Coalescer } from '$lib/live';
import type { Conversation } from './types';

class Conversations {
  private readonly byId = new SvelteMap<string, Conversation>();
  private readonly watchers = new Set<(fresh: Conversation[]) => void>();
  private readonly again = new Coalescer<string>(async (ids) => {
    const page = await data(api.GET('/api/v1/conversations', { params: { query: { ids } } }));
    this.put(page.items);
  });

  get(id: string | null | undefined): Conversation | undefined {
    return id ? this.byId.get(id) : undefined;
  }

  /** Keeps what the API answered, and tells lists. */
  put(items: readonly Conversation[]) {
    const fresh = items.filter((one) => {
      const known = this.byId.get(one.id);
      return !known || one.version >= known.version;
    });
    for (const one of fresh) this.byId.set(one.id, one);
    if (fresh.length) for (const run of this.watchers) run(fresh);
  }

  /** Shows at once what a request is about to make true; the answer or the next event has the last word. */
  guess(id: string, changes: Partial<Conversation>) {
    const known = this.byId.get(id);
    if (!known) return;
    const guessed = { ...known, ...changes };
    this.byId.set(id, guessed);
    for (const run of this.watchers) run([guessed]);
  }

  watch(run: (fresh: Conversation[]) => void): () => void {
    this.watchers.add(run);
    return () => this.watchers.delete(run);
  }

  /** Has conversations fetched again, soon and together. */
  dirty(...ids: string[]) {
    this.again.mark(...ids);
  }

  /** @throws ApiError */
  async load(id: string): Promise<Conversation> {
    const found = await data(api.GET('/api/v1/conversations/{conversation_id}', { params: { path: { conversation_id: id } } }));
    this.put([found]);
    return found;
  }
}

export const conversations = new Conversations();
