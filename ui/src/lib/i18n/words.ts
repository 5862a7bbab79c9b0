// Typed catalogues: Spanish says which keys there are, and TypeScript refuses a language that lacks one or has another.
import { language, type Language } from './language.svelte';

type Entry = string | ((...values: any[]) => string) | Record<string, string | Record<string, string>>;
type Catalogue = Record<string, Entry>;
type Exactly<Given, Wanted> = Given & Record<Exclude<keyof Given, keyof Wanted>, never>;

/**
 * Makes a catalogue. Each key is a getter of the current language, so `{chat.send}` in a template follows a switch of
 * language; entries are strings, functions (plurals, insertions) or small maps (`reasons[code]`).
 */
export function words<Es extends Catalogue, Pt extends Es, En extends Es>(all: {
  es: Es;
  pt: Exactly<Pt, Es>;
  en: Exactly<En, Es>;
}): Es {
  const catalogues = all as unknown as Record<Language, Es>;
  const shown = {} as Es;
  for (const key of Object.keys(all.es)) {
    Object.defineProperty(shown, key, { enumerable: true, get: () => catalogues[language.current][key] });
  }
  return shown;
}

/** Picks the form of a noun: `plural(n, 'chat', 'chats')`. All three languages have these two for whole numbers. */
export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString(language.locale)} ${count === 1 ? one : many}`;
}
