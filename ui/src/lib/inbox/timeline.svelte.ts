// What was decided in one conversation, and why; newest first, as far back as the messages on show.
import { SvelteMap } from 'svelte/reactivity';
import { api, data } from '$lib/api/client';
import { language } from '$lib/i18n/language.svelte';
import type { Entry } from './types';

export class Timeline {
  entries = $state.raw<Entry[]>([]);
  loaded = $state(false);
  more = $state<string | null>(null);
  /** For each of the agent's bubbles: the entry of what it answers. */
  readonly answers = new SvelteMap<string, Entry>();
  private spoken = '';
  private loading: Promise<void> | null = null;

  constructor(readonly id: string) {}

  refresh(): Promise<void> {
    return (this.loading ??= this.fetchNewest().finally(() => (this.loading = null)));
  }

  /** Loads until the given time is reached. */
  async reach(at: string) {
    for (let pages = 0; pages < 4; pages += 1) {
      const oldest = this.entries.at(-1);
      if (!this.more || !oldest || Date.parse(oldest.at) <= Date.parse(at)) return;
      await this.loadMore();
    }
  }

  async loadMore() {
    if (!this.more) return;
    const page = await this.fetch(this.more);
    this.more = page.next_cursor ?? null;
    const known = new Set(this.entries.map((one) => one.id));
    this.keep([...this.entries, ...page.items.filter((one) => !known.has(one.id))]);
  }

  private async fetchNewest() {
    const anew = this.spoken !== language.current;
    this.spoken = language.current;
    const page = await this.fetch(null);
    const inPage = new Set(page.items.map((one) => one.id));
    const at = this.entries.findIndex((one) => inPage.has(one.id));
    const older = anew || at < 0 ? [] : this.entries.slice(at).filter((one) => !inPage.has(one.id));
    if (!older.length) this.more = page.next_cursor ?? null;
    this.loaded = true;
    this.keep([...page.items, ...older]);
  }

  private keep(entries: Entry[]) {
    this.entries = entries;
    for (const entry of entries) for (const said of entry.said) this.answers.set(said.id, entry);
  }

  private fetch(cursor: string | null) {
    const query = { lang: language.current, limit: 50, ...(cursor ? { cursor } : {}) };
    return data(api.GET('/api/v1/conversations/{conversation_id}/timeline', { params: { path: { conversation_id: this.id }, query } }));
  }
}
