// What is looked for, and what was found; an answer that comes late is not shown over a newer one.
import { api, data } from '$lib/api/client';
import { inWords } from '$lib/api/errors';
import { conversations } from './conversations.svelte';

const ask = (q: string, cursor: string | null) => data(api.GET('/api/v1/search', { params: { query: { q, ...(cursor ? { cursor } : {}) } } }));
type Results = Awaited<ReturnType<typeof ask>>;
const PAUSE_MS = 140;

class Search {
  query = $state('');
  results = $state.raw<Results | null>(null);
  error = $state<string | null>(null);
  busy = $state(false);
  private timer: ReturnType<typeof setTimeout> | null = null;
  private run = 0;

  get active(): boolean {
    return this.query.trim() !== '';
  }

  set(text: string) {
    this.query = text;
    if (this.timer) clearTimeout(this.timer);
    this.run += 1;
    if (!this.active) {
      this.results = null;
      this.error = null;
      return;
    }
    this.timer = setTimeout(() => this.again(), PAUSE_MS);
  }

  again() {
    void this.find(null);
  }

  more() {
    return this.find(this.results?.next_cursor ?? null);
  }

  private async find(cursor: string | null) {
    const run = ++this.run;
    this.busy = true;
    this.error = null;
    try {
      const q = this.query.trim().slice(0, 200);
      const found = await ask(q, cursor);
      if (run !== this.run) return;
      conversations.put([...found.names, ...found.numbers]);
      const before = cursor ? this.results : null;
      this.results = before ? ({ ...before, messages: [...before.messages, ...found.messages], messages_complete: found.messages_complete, next_cursor: found.next_cursor }) : found;
    } catch (error) {
      if (run === this.run) this.error = inWords(error);
    } finally {
      if (run === this.run) this.busy = false;
    }
  }
}

export const search = new Search();
