// The list of conversations: one filter, pages by cursor, kept in order as news comes. While the pointer rests on it the
// order stands still, so that nobody clicks what has just moved there.
import { api, data } from '$lib/api/client';
import { inWords } from '$lib/api/errors';
import { session } from '$lib/session.svelte';
import { conversations } from './conversations.svelte';
import { arrange, belongs } from './order';
import type { Conversation, Filter } from './types';

const PAGE = 60;

class List {
  filter = $state<Filter>('all');
  ids = $state.raw<string[]>([]);
  /** Waits until the pointer has left. */
  held = $state.raw<string[] | null>(null);
  state = $state<'idle' | 'loading' | 'error'>('idle');
  error = $state<string | null>(null);
  loaded = $state(false);
  private cursor: string | null = null;
  private still = false;
  private run = 0;
  /** Came while a page was on its way, which may have left before them. */
  private readonly late = new Set<string>();
  /** Stays in a list of unread ones while it is open. */
  private open: string | null = null;
  private readonly kept = new Map<Filter, { ids: string[]; cursor: string | null }>();

  constructor() {
    conversations.watch((fresh) => this.take(fresh));
  }

  get complete(): boolean {
    return this.loaded && this.cursor === null;
  }

  choose(filter: Filter) {
    if (filter === this.filter && this.loaded) return;
    if (this.loaded) this.kept.set(this.filter, { ids: this.held ?? this.ids, cursor: this.cursor });
    this.filter = filter;
    const known = this.kept.get(filter);
    this.ids = known?.ids ?? [];
    this.cursor = known?.cursor ?? null;
    this.held = null;
    this.loaded = known !== undefined;
    void this.load();
  }

  /** Fetches the first page and puts it in the place of what is shown. */
  async load() {
    const run = ++this.run;
    this.state = 'loading';
    this.late.clear();
    try {
      const page = await this.fetch(null);
      if (run !== this.run) return;
      // What was loaded further down stays, when it goes on where the page ends.
      const last = page.items.at(-1)?.id;
      const at = last ? this.ids.indexOf(last) : -1;
      const rest = at >= 0 && page.next_cursor && this.cursor ? this.ids.slice(at + 1) : [];
      const inPage = new Set(page.items.map((one) => one.id));
      if (!rest.length) this.cursor = page.next_cursor ?? null;
      this.loaded = true;
      this.set([...page.items.map((one) => one.id), ...rest.filter((id) => !inPage.has(id))]);
      this.state = 'idle';
      this.take([...this.late].flatMap((id) => conversations.get(id) ?? []));
    } catch (error) {
      if (run !== this.run) return;
      this.state = 'error';
      this.error = inWords(error);
    }
  }

  async more() {
    if (this.state === 'loading' || !this.loaded || this.cursor === null) return;
    const run = ++this.run;
    this.state = 'loading';
    try {
      const page = await this.fetch(this.cursor);
      if (run !== this.run) return;
      this.cursor = page.next_cursor ?? null;
      const base = this.held ?? this.ids;
      const known = new Set(base);
      const longer = page.items.map((one) => one.id).filter((id) => !known.has(id));
      if (this.held) this.held = [...this.held, ...longer];
      this.ids = [...this.ids, ...longer.filter((id) => !this.ids.includes(id))];
      this.state = 'idle';
    } catch (error) {
      if (run !== this.run) return;
      this.state = 'error';
      this.error = inWords(error);
    }
  }

  /** Whether the pointer rests on the list. */
  hold(still: boolean) {
    this.still = still;
    if (!still && this.held) this.apply();
  }

  apply() {
    if (this.held) this.ids = this.held;
    this.held = null;
  }

  opened(id: string | null) {
    this.open = id;
  }

  private async fetch(cursor: string | null) {
    const query = { filter: this.filter, limit: PAGE, ...(cursor ? { cursor } : {}) };
    const page = await data(api.GET('/api/v1/conversations', { params: { query } }));
    conversations.put(page.items);
    return page;
  }

  private set(ids: string[]) {
    if (this.still && this.ids.length) {
      // Rows that are gone go at once; the others wait for the pointer.
      const present = new Set(ids);
      const shown = this.ids.filter((id) => present.has(id));
      const same = shown.length === ids.length && shown.every((id, at) => id === ids[at]);
      this.held = same ? null : ids;
      if (shown.length !== this.ids.length) this.ids = shown;
    } else {
      this.held = null;
      this.ids = ids;
    }
  }

  private take(fresh: Conversation[]) {
    if (this.state === 'loading') for (const one of fresh) this.late.add(one.id);
    if (!this.loaded || !fresh.length) return;
    const stays = (one: Conversation) =>
      belongs(one, this.filter, session.memberId) || (one.id === this.open && (this.held ?? this.ids).includes(one.id));
    const base = this.held ?? this.ids;
    const next = arrange(base, fresh, (id) => conversations.get(id), stays, this.complete);
    if (next.length === base.length && next.every((id, at) => id === base[at])) return;
    this.set(next);
  }
}

export const list = new List();
