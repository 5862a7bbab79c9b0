// What this browser is sending, for the bubbles; the outbox itself knows no screen.
import { api, data } from '$lib/api/client';
import { session } from '$lib/session.svelte';
import { connection } from '$lib/live';
import { Outbox, type Outgoing } from './outbox';
import { peek } from './threads';

class Sending {
  items = $state.raw<readonly Outgoing[]>([]);
  private outbox: Outbox | null = null;

  start() {
    if (this.outbox || !session.workspace) return;
    const box = new Outbox(`relevo.outbox.${session.workspace.id}.${session.memberId}`, localStorage, post);
    this.outbox = box;
    box.watch((items) => (this.items = items));
    void box.flush();
    addEventListener('online', () => void box.flush());
    addEventListener('storage', (event) => event.key?.startsWith('relevo.outbox.') && box.sync());
    $effect.root(() => {
      $effect(() => {
        if (connection.state === 'live') void box.flush();
      });
    });
  }

  of(conversation: string): Outgoing[] {
    return this.items.filter((one) => one.conversation === conversation);
  }

  add(conversation: string, form: Outgoing['form']): string | undefined {
    this.start();
    return this.outbox?.add(conversation, form);
  }

  retry(id: string) {
    this.outbox?.retry(id);
  }

  discard(id: string) {
    this.outbox?.discard(id);
  }
}

async function post(one: Outgoing) {
  const path = { conversation_id: one.conversation };
  await data(api.POST('/api/v1/conversations/{conversation_id}/messages', { params: { path }, body: { ...one.form, id: one.id } as never }));
  // The bubble changes hands only once the message itself is here: nothing flickers.
  const thread = peek(one.conversation)?.thread;
  await thread?.refresh().catch(() => undefined);
}

export const sending = new Sending();
