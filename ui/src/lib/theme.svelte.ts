// Light, dark or as the system has it.
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEY = 'relevo.theme';

class Store {
  current = $state<Theme>((localStorage.getItem(KEY) as Theme | null) ?? 'system');

  set(next: Theme) {
    this.current = next;
    localStorage.setItem(KEY, next);
    this.apply();
  }

  apply() {
    if (this.current === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.current;
  }
}

export const theme = new Store();
