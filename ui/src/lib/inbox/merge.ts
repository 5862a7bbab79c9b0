// Puts pages and refetched messages together with what is known. Pure; messages stand oldest first.
import type { Message } from './types';

/** The newest page onto what is known. `gap`: the page does not reach what is known, so more has to be fetched between. */
export function mergeNewest(known: readonly Message[], page: readonly Message[]): { items: Message[]; gap: boolean } {
  if (known.length === 0 || page.length === 0) return { items: page.length ? [...page] : [...known], gap: false };
  const inPage = new Set(page.map((one) => one.id));
  const overlap = known.findIndex((one) => inPage.has(one.id));
  if (overlap < 0) return { items: [...page], gap: true };
  return { items: [...known.slice(0, overlap).filter((one) => !inPage.has(one.id)), ...page], gap: false };
}

export function prepend(known: readonly Message[], older: readonly Message[]): Message[] {
  const ids = new Set(known.map((one) => one.id));
  return [...older.filter((one) => !ids.has(one.id)), ...known];
}

export function append(known: readonly Message[], newer: readonly Message[]): Message[] {
  const ids = new Set(known.map((one) => one.id));
  return [...known, ...newer.filter((one) => !ids.has(one.id))];
}

/** Fresh versions in their places; unknown ones are not for here. */
export function replace(known: readonly Message[], fresh: readonly Message[]): Message[] {
  const byId = new Map(fresh.map((one) => [one.id, one]));
  return known.map((one) => byId.get(one.id) ?? one);
}
