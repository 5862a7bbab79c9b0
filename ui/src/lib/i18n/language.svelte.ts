// The language people read: the one they chose, else the browser's, else Spanish. Catalogues follow it live.
export const LANGUAGES = ['es', 'pt', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_NAMES: Record<Language, string> = { es: 'Español', pt: 'Português', en: 'English' };

const KEY = 'relevo.language';
const LOCALES: Record<Language, string> = { es: 'es', pt: 'pt-BR', en: 'en' };

const isLanguage = (value: unknown): value is Language => LANGUAGES.includes(value as Language);

/** Chooses among what a browser asks for, best first. */
export function choose(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'es';
}

class Store {
  current = $state<Language>(
    typeof localStorage === 'undefined' ? 'es' : choose(localStorage.getItem(KEY), navigator.languages ?? []),
  );

  /** For Intl: the browser's own regional form of the language where it has one (es-CO, pt-PT …). */
  get locale(): string {
    const own = typeof navigator === 'undefined' ? undefined : navigator.languages?.find((tag) => tag.startsWith(this.current));
    return own ?? LOCALES[this.current];
  }

  set(next: Language) {
    this.current = next;
    localStorage.setItem(KEY, next);
    document.documentElement.lang = next;
  }
}

export const language = new Store();
