// Durations as people write them: a number and a unit. The API counts seconds.
export const UNITS = { s: 1, min: 60, h: 3600, d: 86_400 } as const;
export type Unit = keyof typeof UNITS;

/** The largest unit that leaves a whole number. */
export function split(seconds: number): { count: number; unit: Unit } {
  for (const unit of ['d', 'h', 'min'] as const) {
    if (seconds >= UNITS[unit] && seconds % UNITS[unit] === 0) return { count: seconds / UNITS[unit], unit };
  }
  return { count: seconds, unit: 's' };
}

/** Null where it is no count. */
export function join(count: number, unit: Unit): number | null {
  return Number.isFinite(count) && count > 0 ? Math.round(count * UNITS[unit]) : null;
}
