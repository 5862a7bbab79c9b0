// Handoffs that need this member: a sound, a note of the browser, a count in the title. Of all tabs one sounds.
import { onEvent, type LiveEvent } from '$lib/live';
import { inbox } from '$lib/i18n/inbox';
import { conversations } from '$lib/inbox/conversations.svelte';
import { customerName } from '$lib/inbox/names';
import { router } from '$lib/router.svelte';
import { session } from '$lib/session.svelte';
import { reason } from '$lib/tasks/words';

const KEY = 'relevo.notify';
interface Choice {
  browser: boolean;
  sound: boolean;
}

class Notifications {
  browser = $state(false);
  sound = $state(true);
  /** Handoffs that came while the window was not looked at. */
  missed = $state(0);

  constructor() {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Choice>;
    this.browser = (kept.browser ?? false) && permission() === 'granted';
    this.sound = kept.sound ?? true;
  }

  /** Returns false where the browser forbids it. */
  async setBrowser(on: boolean): Promise<boolean> {
    if (on && permission() !== 'granted' && (await Notification.requestPermission()) !== 'granted') return false;
    this.browser = on;
    this.keep();
    return true;
  }

  setSound(on: boolean) {
    this.sound = on;
    this.keep();
    if (on) ring();
  }

  start(): () => void {
    const seen = () => {
      if (document.visibilityState === 'visible') this.missed = 0;
    };
    addEventListener('focus', seen);
    document.addEventListener('visibilitychange', seen);
    const stop = onEvent((event) => void this.take(event));
    return () => {
      stop();
      removeEventListener('focus', seen);
      document.removeEventListener('visibilitychange', seen);
    };
  }

  private keep() {
    localStorage.setItem(KEY, JSON.stringify({ browser: this.browser, sound: this.sound } satisfies Choice));
  }

  private async take(event: LiveEvent) {
    const id = event.conversation_id;
    if (!id || (event.type !== 'task.opened' && event.type !== 'task.assigned')) return;
    if (Date.now() - Date.parse(event.created_at) > 60_000) return;
    const mine = event.type === 'task.assigned' && event.data.memberId === session.memberId;
    if (event.type === 'task.assigned' && (!mine || event.data.cause === 'taken')) return;
    // A new task is mostly assigned in the same breath: then the assignment tells, to one person.
    if (event.type === 'task.opened') await new Promise((resolve) => setTimeout(resolve, 1200));
    const one = await conversations.load(id).catch(() => null);
    if (!one?.task || (event.type === 'task.opened' && one.task.assignee_id !== null)) return;
    if (!document.hasFocus()) this.missed += 1;
    const key = `relevo.notify.${String(event.data.taskId)}.${event.type}`;
    await alone(key, () => {
      if (this.sound) ring();
      if (!this.browser || document.hasFocus()) return;
      const title = mine ? inbox.notifyMine(customerName(one)) : inbox.notify(customerName(one));
      const note = new Notification(title, { body: one.task ? reason(one.task.reason) : '', tag: key });
      note.onclick = () => {
        window.focus();
        router.go({ name: 'inbox', id });
        note.close();
      };
    });
  }
}

const permission = () => (typeof Notification === 'undefined' ? 'denied' : Notification.permission);

/** Runs it in one tab only: whoever gets the lock keeps it while the others still try. */
async function alone(key: string, run: () => void) {
  if (!navigator.locks) return run();
  await navigator.locks.request(key, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    run();
    await new Promise((resolve) => setTimeout(resolve, 3000));
  });
}

let audio: AudioContext | null = null;

/** Two short soft tones. */
function ring() {
  audio ??= new AudioContext();
  if (audio.state === 'suspended') void audio.resume();
  const start = audio.currentTime;
  for (const [at, pitch] of [[0, 740], [0.14, 988]] as const) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = 'sine';
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start + at);
    volume.gain.linearRampToValueAtTime(0.12, start + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + at + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.4);
  }
}

export const notifications = new Notifications();
