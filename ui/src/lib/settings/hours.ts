// Opening hours as the API keeps them (`{"timezone": "America/Bogota", "mon-fri": "08:00-18:00", "holidays": "CO"}`)
// and as people fill them in: one line for each weekday. Pure.
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export interface Day {
  open: boolean;
  from: string;
  to: string;
}
export interface Hours {
  timezone: string;
  holidays: string;
  days: Day[];
}

const CLOSED: Day = { open: false, from: '08:00', to: '18:00' };

export function read(kept: Record<string, unknown>): Hours {
  const days = DAYS.map(() => ({ ...CLOSED }));
  for (const [key, value] of Object.entries(kept)) {
    const [first = '', last = first] = key.split('-');
    const [from, to] = String(value).split('-');
    const start = DAYS.indexOf(first as never);
    const end = DAYS.indexOf(last as never);
    if (start < 0 || end < start || !from || !to) continue;
    for (let at = start; at <= end; at += 1) days[at] = { open: true, from: from.slice(0, 5), to: to.slice(0, 5) };
  }
  return { timezone: String(kept.timezone ?? 'UTC'), holidays: String(kept.holidays ?? ''), days };
}

/** Neighbouring days with the same hours share a line. */
export function write(hours: Hours): Record<string, string> {
  const written: Record<string, string> = { timezone: hours.timezone };
  for (let at = 0; at < DAYS.length; at += 1) {
    const day = hours.days[at];
    if (!day?.open) continue;
    let end = at;
    while (end + 1 < DAYS.length && alike(hours.days[end + 1], day)) end += 1;
    written[end > at ? `${DAYS[at]}-${DAYS[end]}` : DAYS[at]!] = `${day.from}-${day.to}`;
    at = end;
  }
  if (hours.holidays) written.holidays = hours.holidays;
  return written;
}

/** Days whose opening is not before their closing, by number. */
export function wrong(hours: Hours): number[] {
  return hours.days.flatMap((day, at) => (day.open && !(day.from < day.to) ? [at] : []));
}

const alike = (one: Day | undefined, other: Day) => !!one?.open && one.from === other.from && one.to === other.to;
