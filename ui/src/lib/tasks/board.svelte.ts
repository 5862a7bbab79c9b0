// The tasks on the board, kept as the API has them; and what people do with one.
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api, data } from '$lib/api/client';
import { inWords } from '$lib/api/errors';
import type { components } from '$lib/api/schema';
import { common } from '$lib/i18n/common';
import { moment } from '$lib/i18n/format';
import { tasks as words } from '$lib/i18n/tasks';
import { Coalescer, onAnew, onEvent } from '$lib/live';
import { toast } from '$lib/ui/toasts.svelte';
import { DONE, type Task } from './sorting';

export type Details = components['schemas']['TaskDetails'];
const UNDO_SECONDS = 5;
/** Pages of open tasks at most: more is a shop that uses no tasks. */
const PAGES = 10;

export class Board {
  readonly tasks = new SvelteMap<string, Task>();
  readonly details = new SvelteMap<string, Details>();
  readonly busy = new SvelteSet<string>();
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  /** Completed here, but not told to the API yet: it can be undone. */
  private readonly finishing = new Map<string, () => void>();
  private shown: string | null = null;

  follow(): () => void {
    void this.load();
    const again = new Coalescer<string>((ids) => this.fetch(ids));
    const stops = [
      onAnew(() => void this.load()),
      onEvent((event) => {
        if (event.type.startsWith('task.') && event.data.taskId) again.mark(String(event.data.taskId));
      }),
    ];
    return () => {
      stops.forEach((stop) => stop());
      for (const finish of this.finishing.values()) finish();
    };
  }

  async load() {
    try {
      const fresh: Task[] = [];
      let cursor: string | null | undefined;
      for (let page = 0; page < PAGES && cursor !== null; page += 1) {
        const found: { items: Task[]; next_cursor?: string | null } = await data(
          api.GET('/api/v1/tasks', { params: { query: { status: 'open', limit: 200, cursor } } }),
        );
        fresh.push(...found.items);
        cursor = found.next_cursor ?? null;
      }
      const done = await data(api.GET('/api/v1/tasks', { params: { query: { status: 'done', limit: DONE } } }));
      const keep = new Set([...fresh, ...done.items].map((one) => one.id));
      for (const id of this.tasks.keys()) if (!keep.has(id)) this.tasks.delete(id);
      this.put([...fresh, ...done.items]);
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = error;
    }
  }

  /** Opens one's details; they follow what happens to it. */
  async look(id: string | null) {
    this.shown = id;
    if (!id) return;
    const found = await data(api.GET('/api/v1/tasks/{task_id}', { params: { path: { task_id: id } } }));
    this.details.set(id, found);
    this.put([found]);
  }

  private async fetch(ids: string[]) {
    this.put((await data(api.GET('/api/v1/tasks', { params: { query: { ids } } }))).items);
    if (this.shown && ids.includes(this.shown)) await this.look(this.shown);
  }

  private put(fresh: readonly Task[]) {
    for (const one of fresh) {
      if (this.finishing.has(one.id) && one.status === 'open') continue;
      this.tasks.set(one.id, one);
    }
  }

  private async act(id: string, call: () => Promise<Details>): Promise<boolean> {
    this.busy.add(id);
    try {
      const found = await call();
      this.details.set(id, found);
      this.put([found]);
      return true;
    } catch (error) {
      toast(inWords(error), { tone: 'error' });
      await this.fetch([id]).catch(() => undefined);
      return false;
    } finally {
      this.busy.delete(id);
    }
  }

  async take(id: string) {
    const path = { task_id: id };
    if (await this.act(id, () => data(api.POST('/api/v1/tasks/{task_id}/take', { params: { path } })))) toast(words.taken);
  }

  assign(id: string, member: string | null) {
    const path = { task_id: id };
    return this.act(id, () => data(api.POST('/api/v1/tasks/{task_id}/assign', { params: { path }, body: { member_id: member } })));
  }

  async snooze(id: string, until: Date) {
    const path = { task_id: id };
    const body = { until: until.toISOString() };
    if (await this.act(id, () => data(api.POST('/api/v1/tasks/{task_id}/snooze', { params: { path }, body })))) toast(words.snoozedUntil(moment(until)));
  }

  comment(id: string, text: string) {
    const path = { task_id: id };
    return this.act(id, () => data(api.POST('/api/v1/tasks/{task_id}/comments', { params: { path }, body: { text } })));
  }

  /** Completes it after a moment in which it can be undone. */
  complete(id: string, handBack: boolean) {
    const before = this.tasks.get(id);
    if (!before || before.status === 'done' || this.finishing.has(id)) return;
    const finish = () => {
      clearTimeout(timer);
      removeEventListener('pagehide', finish);
      if (!this.finishing.delete(id)) return;
      const path = { task_id: id };
      void this.act(id, () => data(api.POST('/api/v1/tasks/{task_id}/complete', { params: { path }, body: { hand_back: handBack }, keepalive: true })));
    };
    const timer = setTimeout(finish, UNDO_SECONDS * 1000);
    addEventListener('pagehide', finish);
    this.finishing.set(id, finish);
    this.tasks.set(id, { ...before, status: 'done', done_at: new Date().toISOString() });
    toast(handBack ? words.completedBack : words.completed, {
      seconds: UNDO_SECONDS,
      action: {
        label: common.undo,
        run: () => {
          if (!this.finishing.delete(id)) return;
          clearTimeout(timer);
          removeEventListener('pagehide', finish);
          this.tasks.set(id, before);
          void this.fetch([id]).catch(() => undefined);
        },
      },
    });
  }
}
