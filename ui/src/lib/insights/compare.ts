// A figure beside the one of the period before: how it moved, and whether that is good. Pure.
export type Mood = 'good' | 'bad' | 'plain';
export interface Move {
  direction: 'up' | 'down' | 'same';
  /** Of the one before; null: there was none. */
  change: number | null;
  mood: Mood;
}

/** `better`: which direction is good news. */
export function moved(now: number | null, before: number | null, better: 'up' | 'down' | 'none'): Move | null {
  if (now === null || before === null) return null;
  const direction = now > before ? 'up' : now < before ? 'down' : 'same';
  const mood = direction === 'same' || better === 'none' ? 'plain' : direction === better ? 'good' : 'bad';
  return { direction, change: before === 0 ? null : (now - before) / Math.abs(before), mood };
}

/** Seconds as people tell them: 2.4 s, 45 s, 12 min, 3.5 h. */
export function waited(seconds: number): { value: number; unit: 's' | 'min' | 'h' | 'd'; digits: number } {
  if (seconds < 59.5) return { value: seconds, unit: 's', digits: seconds < 10 ? 1 : 0 };
  if (seconds < 3570) return { value: seconds / 60, unit: 'min', digits: seconds < 600 ? 1 : 0 };
  if (seconds < 86_400) return { value: seconds / 3600, unit: 'h', digits: 1 };
  return { value: seconds / 86_400, unit: 'd', digits: 1 };
}
