// Short notes at the edge of the window, with at most one action (“undo”). Errors stay until closed.
export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'error';
  action?: { label: string; run: () => void } | undefined;
}

const SECONDS = 6;
let last = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export const toasts = $state<Toast[]>([]);

export function toast(text: string, options: { action?: Toast['action']; tone?: Toast['tone']; seconds?: number } = {}): number {
  const id = ++last;
  toasts.push({ id, text, tone: options.tone ?? 'plain', action: options.action });
  if (toasts.length > 4) dismiss(toasts[0]!.id);
  if (options.tone !== 'error') timers.set(id, setTimeout(() => dismiss(id), (options.seconds ?? SECONDS) * 1000));
  return id;
}

export function dismiss(id: number) {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const at = toasts.findIndex((one) => one.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
