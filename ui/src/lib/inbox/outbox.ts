// Messages on their way to the service. They are written down before they are sent and sent under an id of their own, so
// that a reload, a dropped connection or a second tab can only repeat a request, never a message.
import { ApiError } from '$lib/api/errors';
import type { MessageForm } from './types';

export interface Outgoing {
  id: string;
  conversation: string;
  form: Omit<MessageForm, 'id'>;
  at: string;
  /** Refused for good, with the API's code and words; people try again or discard. */
  refused?: { code: string; detail: string } | undefined;
}

type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
type Send = (one: Outgoing) => Promise<void>;

const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];

export class Outbox {
  private items: Outgoing[];
  private readonly sending = new Set<string>();
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly watchers = new Set<(items: readonly Outgoing[]) => void>();

  constructor(
    private readonly key: string,
    private readonly storage: Keep,
    private readonly send: Send,
  ) {
    this.items = this.read();
  }

  get all(): readonly Outgoing[] {
    return this.items;
  }

  watch(run: (items: readonly Outgoing[]) => void): () => void {
    this.watchers.add(run);
    run(this.items);
    return () => this.watchers.delete(run);
  }

  add(conversation: string, form: Outgoing['form'], id: string = crypto.randomUUID(), at = new Date().toISOString()): string {
    this.change((items) => [...items, { id, conversation, form, at }]);
    void this.flush();
    return id;
  }

  retry(id: string) {
    this.change((items) => items.map((one) => (one.id === id ? { ...one, refused: undefined } : one)));
    void this.flush();
  }

  discard(id: string) {
    this.change((items) => items.filter((one) => one.id !== id));
  }

  /** Sends what waits: in order within a conversation, conversations side by side. */
  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const conversations = new Set(this.items.filter((one) => !one.refused).map((one) => one.conversation));
    await Promise.all([...conversations].map((conversation) => this.drain(conversation)));
  }

  /** Another tab wrote: what it says counts. */
  sync() {
    this.items = this.read();
    this.tell();
  }

  private async drain(conversation: string) {
    if (this.sending.has(conversation)) return;
    this.sending.add(conversation);
    try {
      for (;;) {
        const next = this.items.find((one) => one.conversation === conversation && !one.refused);
        if (!next) return;
        try {
          await this.send(next);
          this.failures = 0;
          this.change((items) => items.filter((one) => one.id !== next.id));
        } catch (error) {
          if (!(error instanceof ApiError) || error.passing || error.status === 401) return this.later();
          const refused = { code: error.code, detail: error.message };
          this.change((items) => items.map((one) => (one.id === next.id ? { ...one, refused } : one)));
        }
      }
    } finally {
      this.sending.delete(conversation);
    }
  }

  private later() {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]!;
    this.failures += 1;
    this.timer ??= setTimeout(() => void this.flush(), wait);
  }

  private read(): Outgoing[] {
    try {
      const found: unknown = JSON.parse(this.storage.getItem(this.key) ?? '[]');
      return Array.isArray(found) ? (found as Outgoing[]) : [];
    } catch {
      return [];
    }
  }

  /** Changes what is stored, not what was: another tab may have written meanwhile. */
  private change(how: (items: Outgoing[]) => Outgoing[]) {
    const items = how(this.read());
    this.items = items;
    if (items.length) this.storage.setItem(this.key, JSON.stringify(items));
    else this.storage.removeItem(this.key);
    this.tell();
  }

  private tell() {
    for (const run of this.watchers) run(this.items);
  }
}
