// Tells the service that this inbox is open, so that handoffs go to people who are there.
import { api } from '$lib/api/client';
import { session } from '$lib/session.svelte';

const EVERY_MS = 25_000;
const KEY = 'relevo.device';

function device(): string {
  const known = sessionStorage.getItem(KEY);
  if (known) return known;
  const made = crypto.randomUUID();
  sessionStorage.setItem(KEY, made);
  return made;
}

/** Begins; returns how to stop. */
export function bePresent(): () => void {
  const beat = (closed: boolean) => {
    const id = session.memberId;
    if (!id) return;
    void api
      .POST('/api/v1/members/{member_id}/heartbeat', { params: { path: { member_id: id } }, body: { device: device(), closed }, keepalive: closed })
      .catch(() => undefined);
  };
  const leave = () => beat(true);
  const back = () => document.visibilityState === 'visible' && beat(false);
  beat(false);
  const timer = setInterval(() => beat(false), EVERY_MS);
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', back);
  return () => {
    clearInterval(timer);
    removeEventListener('pagehide', leave);
    document.removeEventListener('visibilitychange', back);
    leave();
  };
}
