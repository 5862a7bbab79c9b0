// Something the API knows, shown and kept fresh: loading, failure and the last good answer are all visible.
import { SvelteSet } from 'svelte/reactivity';
import { Coalescer, onAnew, onEvent } from '$lib/live';

export class Remote<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  private turn = 0;

  constructor(private readonly fetch: () => Promise<T>) {}

  /** Fetches it; the newest call's answer counts. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const value = await this.fetch();
      if (turn !== this.turn) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (turn === this.turn) this.error = error;
    }
  }

  /** Loads it now and again with every event of these types (`member.` means all that begin so). Returns how to stop. */
  follow(...types: string[]): () => void {
    void this.load();
    const again = new Coalescer<'all'>(() => this.load(), { everyMs: 500 });
    const stops = [
      onAnew(() => again.mark('all')),
      onEvent((event) => {
        if (types.some((type) => event.type === type || (type.endsWith('.') && event.type.startsWith(type)))) again.mark('all');
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }
}

/** Follows a remote for as long as the component is there. */
export function following<T>(remote: Remote<T>, ...types: string[]): Remote<T> {
  $effect(() => remote.follow(...types));
  return remote;
}

/** What is being done right now, by name, so that only its button turns. */
export const newBusy = () => new SvelteSet<string>();
