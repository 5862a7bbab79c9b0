// The conversations looked at lately, ready to be shown again at once; and the next ones, fetched before they are asked for.
import { Thread } from './thread.svelte';
import { Timeline } from './timeline.svelte';

const KEPT = 40;

export interface Opened {
  thread: Thread;
  timeline: Timeline;
}

const kept = new Map<string, Opened>();

export function opened(id: string): Opened {
  const known = kept.get(id);
  const one = known ?? { thread: new Thread(id), timeline: new Timeline(id) };
  kept.delete(id);
  kept.set(id, one);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return one;
}

/** The one that is kept, if it is. */
export const peek = (id: string): Opened | undefined => kept.get(id);

export const everyKept = (): Iterable<Opened> => kept.values();

/** Fetches what a chat needs, quietly: under the pointer, or next in the list. */
export function prefetch(id: string | undefined) {
  if (!id || kept.get(id)?.thread.loaded) return;
  void opened(id).thread.open();
}
