// What somebody has changed and not saved yet. It outlives the page and a reload of the tab, until saved or discarded.
import { SvelteMap } from 'svelte/reactivity';
import { currentWorkspace } from '$lib/api/client';
import { ApiError } from '$lib/api/errors';

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Names of forms with something unsaved. */
export const unsaved = new SvelteMap<string, boolean>();

if (typeof addEventListener !== 'undefined') {
  addEventListener('beforeunload', (event) => {
    if ([...unsaved.values()].some(Boolean)) event.preventDefault();
  });
}

export class Form<T extends object> {
  /** As the API has it; null: not loaded yet. */
  saved = $state.raw<T | null>(null);
  edits = $state.raw<Partial<T>>({});
  /** What is wrong, by field. */
  errors = $state.raw<Partial<Record<keyof T & string, string>>>({});
  busy = $state(false);

  constructor(readonly name: string) {
    this.edits = read(this.key) as Partial<T>;
    this.note();
  }

  get value(): T | null {
    return this.saved && { ...this.saved, ...this.edits };
  }

  get dirty(): boolean {
    return Object.keys(this.edits).length > 0;
  }

  set<Key extends keyof T & string>(key: Key, value: T[Key]) {
    const edits = { ...this.edits, [key]: value };
    if (this.saved && same(this.saved[key], value)) delete edits[key];
    this.edits = edits;
    if (this.errors[key]) this.errors = { ...this.errors, [key]: undefined };
    this.note();
  }

  discard() {
    this.edits = {};
    this.errors = {};
    this.note();
  }

  /** Takes what the API has by now; what was edited stays edited unless it is the same. */
  take(saved: T) {
    this.saved = saved;
    const edits = { ...this.edits };
    for (const key of Object.keys(edits) as (keyof T)[]) if (same(saved[key], edits[key])) delete edits[key];
    this.edits = edits;
    this.note();
  }

  /**
   * Saves the changes only. What the API says of a field is shown beside it.
   *
   * @throws what was not about a field
   */
  async save(call: (changes: Partial<T>) => Promise<T>): Promise<boolean> {
    if (!this.dirty) return true;
    this.busy = true;
    const sent = this.edits;
    try {
      const saved = await call(sent);
      // What was typed while it was saved stays.
      this.edits = Object.fromEntries(Object.entries(this.edits).filter(([key, value]) => !same(value, sent[key as keyof T]))) as Partial<T>;
      this.errors = {};
      this.take(saved);
      return true;
    } catch (error) {
      const fields = error instanceof ApiError ? error.fields : {};
      const known = Object.entries(fields).map(([where, words]) => [where.split('.')[0], words] as const);
      this.errors = Object.fromEntries(known.filter(([key]) => this.saved && key && key in this.saved)) as typeof this.errors;
      if (Object.keys(this.errors).length === 0) throw error;
      return false;
    } finally {
      this.busy = false;
    }
  }

  private get key() {
    return `relevo.unsaved.${currentWorkspace() ?? ''}.${this.name}`;
  }

  private note() {
    if (typeof sessionStorage === 'undefined') return;
    if (this.dirty) sessionStorage.setItem(this.key, JSON.stringify(this.edits));
    else sessionStorage.removeItem(this.key);
    unsaved.set(this.name, this.dirty);
  }
}

function read(key: string): object {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as object;
  } catch {
    return {};
  }
}
