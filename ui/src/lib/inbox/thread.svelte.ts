// The messages of one conversation as far as they are loaded, oldest first. Mostly the newest ones; after a jump to an old
// message a stretch of the past that has newer ones behind it.
import { api, data } from '$lib/api/client';
import { inWords } from '$lib/api/errors';
import { append, mergeNewest, prepend, replace } from './merge';
import type { Message, MessagePage } from './types';

const PAGE = 50;
type Query = { limit?: number; cursor?: string; around?: string; ids?: string[] };

export class Thread {
  items = $state.raw<Message[]>([]);
  loaded = $state(false);
  error = $state<string | null>(null);
  /** Older ones are being fetched. */
  busy = $state(false);
  older = $state<string | null>(null);
  newer = $state<string | null>(null);
  /** Something happened that was not fetched, because nobody looked. */
  stale = false;
  private loading: Promise<void> | null = null;

  constructor(readonly id: string) {}

  /** Loads the newest messages, unless they are here and fresh. */
  open(): Promise<void> {
    if (this.loaded && !this.stale) return Promise.resolve();
    return (this.loading ??= this.refresh().finally(() => (this.loading = null)));
  }

  /** Fetches the newest page, and what lies between it and what is known. */
  async refresh(): Promise<void> {
    this.stale = false;
    if (this.newer !== null) return this.freshen(this.items.slice(-PAGE).map((one) => one.id));
    try {
      let page = await this.fetch({ limit: PAGE });
      let merged = mergeNewest(this.items, page.items);
      for (let pages = 0; merged.gap && page.next_cursor && pages < 3; pages += 1) {
        const next = await this.fetch({ limit: PAGE, cursor: page.next_cursor });
        page = { ...next, items: [...next.items, ...page.items] };
        merged = mergeNewest(this.items, page.items);
      }
      if (merged.gap || !this.loaded) this.older = page.next_cursor ?? null;
      this.items = merged.items;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.stale = true;
      this.error = inWords(error);
      if (this.loaded) throw error;
    }
  }

  /** Fetches these again. Unknown ones mean that there are newer ones. */
  async freshen(ids: string[]): Promise<void> {
    const known = new Set(this.items.map((one) => one.id));
    if (ids.some((id) => !known.has(id)) && this.newer === null) return this.refresh();
    const wanted = ids.filter((id) => known.has(id)).slice(0, 100);
    if (!wanted.length) return;
    const page = await this.fetch({ ids: wanted });
    this.items = replace(this.items, page.items);
  }

  async loadOlder() {
    if (this.busy || this.older === null) return;
    this.busy = true;
    try {
      const page = await this.fetch({ limit: PAGE, cursor: this.older });
      this.older = page.next_cursor ?? null;
      this.items = prepend(this.items, page.items);
    } catch {
      // The reader scrolls again, or the connection's banner tells why nothing comes.
    } finally {
      this.busy = false;
    }
  }

  async loadNewer() {
    if (this.busy || this.newer === null) return;
    this.busy = true;
    try {
      const page = await this.fetch({ limit: PAGE, cursor: this.newer });
      this.newer = page.newer_cursor ?? null;
      this.items = append(this.items, page.items);
    } catch {
      // As above.
    } finally {
      this.busy = false;
    }
  }

  /** Makes sure that a message is among the loaded ones. @throws ApiError */
  async reach(id: string): Promise<void> {
    if (this.items.some((one) => one.id === id)) return;
    const page = await this.fetch({ around: id, limit: PAGE });
    this.items = page.items;
    this.older = page.next_cursor ?? null;
    this.newer = page.newer_cursor ?? null;
    this.loaded = true;
  }

  /** Back to the newest. */
  async toNewest() {
    if (this.newer === null) return;
    this.newer = null;
    this.items = [];
    this.loaded = false;
    await this.refresh();
  }

  private async fetch(query: Query): Promise<MessagePage> {
    const page = await data(
      api.GET('/api/v1/conversations/{conversation_id}/messages', { params: { path: { conversation_id: this.id }, query } }),
    );
    return { ...page, items: page.items.toReversed() };
  }
}
