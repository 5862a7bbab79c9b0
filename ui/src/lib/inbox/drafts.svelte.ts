// What was begun and not sent, by conversation; survives reloads.
import { SvelteMap } from 'svelte/reactivity';
import { session } from '$lib/session.svelte';

const key = () => `relevo.drafts.${session.workspace?.id}.${session.memberId}`;
const MOST = 200;

class Drafts {
  private readonly texts = new SvelteMap<string, string>();
  private readFrom = '';
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    addEventListener('pagehide', () => this.save());
  }

  get(conversation: string): string {
    this.read();
    return this.texts.get(conversation) ?? '';
  }

  set(conversation: string, text: string) {
    this.read();
    if (text.trim()) this.texts.set(conversation, text);
    else this.texts.delete(conversation);
    this.timer ??= setTimeout(() => this.save(), 300);
  }

  private read() {
    const from = key();
    if (this.readFrom === from) return;
    this.readFrom = from;
    try {
      const kept = JSON.parse(localStorage.getItem(from) ?? '{}') as Record<string, string>;
      // Read outside of anybody's effect: filling in what was kept is no change.
      queueMicrotask(() => {
        for (const [id, text] of Object.entries(kept)) if (!this.texts.has(id)) this.texts.set(id, text);
      });
    } catch {
      localStorage.removeItem(from);
    }
  }

  private save() {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.readFrom) localStorage.setItem(this.readFrom, JSON.stringify(Object.fromEntries([...this.texts].slice(-MOST))));
  }
}

export const drafts = new Drafts();
