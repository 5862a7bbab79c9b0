// The people of the shop and what the shop decided: small, needed everywhere, fetched once and kept fresh.
import { SvelteMap } from 'svelte/reactivity';
import { api, data } from '$lib/api/client';
import type { components, paths } from '$lib/api/schema';
import { Coalescer, onAnew, onEvent } from '$lib/live';

export type Member = components['schemas']['Member'];
export type AgentConfig = paths['/api/v1/agent-config']['get']['responses'][200]['content']['application/json'];

class People {
  readonly members = new SvelteMap<string, Member>();
  config = $state.raw<AgentConfig | null>(null);
  private readonly again = new Coalescer<'members' | 'config'>(
    async (what) => {
      await Promise.all(what.map((one) => (one === 'members' ? this.loadMembers() : this.loadConfig())));
    },
    { everyMs: 2000 },
  );
  private started = false;

  /** Begins to load and to listen; again does nothing. */
  start() {
    if (this.started) return;
    this.started = true;
    this.again.mark('members', 'config');
    onAnew(() => this.again.mark('members', 'config'));
    onEvent((event) => {
      if (event.type.startsWith('member.')) this.again.mark('members');
      else if (event.conversation_id === null && !event.type.startsWith('message.')) this.again.mark('config');
    });
  }

  name(id: string | null | undefined): string | null {
    const found = id ? this.members.get(id) : undefined;
    return found ? found.name || found.email : null;
  }

  get list(): Member[] {
    return [...this.members.values()].sort((a, b) => (a.name || a.email).localeCompare(b.name || b.email));
  }

  private async loadMembers() {
    let cursor: string | null | undefined;
    do {
      const page = await data(api.GET('/api/v1/members', { params: { query: { limit: 200, cursor } } }));
      for (const one of page.items) this.members.set(one.id, one);
      cursor = page.next_cursor;
    } while (cursor);
  }

  private async loadConfig() {
    this.config = await data(api.GET('/api/v1/agent-config'));
  }
}

export const people = new People();
