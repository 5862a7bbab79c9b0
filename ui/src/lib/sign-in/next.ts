// Where somebody wanted to go before they had to sign in. Only places of ours: never another site.
const KEY = 'relevo.next';

/** The path a query names, or the inbox. */
export function wanted(query: URLSearchParams): string {
  return ours(query.get('next'));
}

/** Keeps it while the browser is at the provider, whose answer leads to the inbox. */
export function keep(path: string) {
  sessionStorage.setItem(KEY, path);
}

/** What was kept, this once. */
export function kept(): string | null {
  const path = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return path === null ? null : ours(path);
}

export function ours(path: string | null): string {
  return path !== null && /^\/(?![/\\])/.test(path) ? path : '/';
}
