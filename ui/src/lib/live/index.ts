// The workspace's live events for whoever wants to know. Listeners stay while streams come and go.
import { Live, type LiveEvent } from './live';

export type { LiveEvent } from './live';
export { connection } from './connection.svelte';
export { Coalescer } from './coalescer';

const events = new Set<(event: LiveEvent) => void>();
const starts = new Set<() => void>();
let live: Live | null = null;

export function openLive(workspace: string, refused: (status: number) => void) {
  live?.close();
  live = new Live(workspace, refused);
  live.on((event) => {
    for (const run of events) run(event);
  });
  live.onStart(() => {
    for (const run of starts) run();
  });
}

export function closeLive() {
  live?.close();
  live = null;
}

/** Tries to connect at once instead of after the pause. */
export const reconnect = () => live?.again();

/** Hears every event; returns how to stop. Events say what is dirty: fetch it again, through a Coalescer. */
export function onEvent(run: (event: LiveEvent) => void): () => void {
  events.add(run);
  return () => events.delete(run);
}

/** Told when everything on show has to be fetched again, because the stream begins anew. */
export function onAnew(run: () => void): () => void {
  starts.add(run);
  return () => starts.delete(run);
}
