// Events say what is dirty; here it is fetched again. Chats nobody looks at are only marked, and fetched when opened.
import { Coalescer, onAnew, onEvent, type LiveEvent } from '$lib/live';
import { conversations } from './conversations.svelte';
import { list } from './list.svelte';
import { everyKept, peek } from './threads';

let onShow: string | null = null;
const dirtyMessages = new Set<string>();

const chat = new Coalescer<'messages' | 'timeline' | 'all'>(
  async (what) => {
    const one = onShow ? peek(onShow) : undefined;
    if (!one) return;
    const ids = [...dirtyMessages];
    dirtyMessages.clear();
    const work: Promise<void>[] = [];
    if (what.includes('all')) work.push(one.thread.refresh());
    else if (what.includes('messages') && ids.length) work.push(one.thread.freshen(ids));
    work.push(one.timeline.refresh());
    await Promise.all(work);
  },
  { everyMs: 250 },
);

/** Says which chat is on the screen. */
export function show(id: string | null) {
  onShow = id;
  dirtyMessages.clear();
}

function take(event: LiveEvent) {
  const id = event.conversation_id;
  if (!id) return;
  conversations.dirty(id);
  const about = event.data.messageId;
  if (id === onShow) {
    if (typeof about === 'string') dirtyMessages.add(about);
    chat.mark(typeof about === 'string' ? 'messages' : 'timeline');
  } else {
    const known = peek(id);
    if (known) known.thread.stale = true;
  }
}

/** Nobody knows what happened: everything on show is fetched again, the rest when it is looked at. */
function anew() {
  for (const one of everyKept()) one.thread.stale = true;
  void list.load();
  chat.mark('all');
}

/** Fetches what is on show and begins to listen; returns how to stop. What happened while nobody listened is not known. */
export function listen(): () => void {
  const stop = [onEvent(take), onAnew(anew)];
  anew();
  return () => {
    for (const run of stop) run();
  };
}
