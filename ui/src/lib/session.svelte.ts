// Who is signed in, and for which workspace of theirs this page works.
import { api, data, onSignedOut, useWorkspace } from '$lib/api/client';
import { ApiError } from '$lib/api/errors';
import type { components } from '$lib/api/schema';
import { closeLive, openLive } from '$lib/live';

export type SignedIn = components['schemas']['Session'];
export type Membership = SignedIn['workspaces'][number];
export type Role = Membership['role'];

const KEY = 'relevo.workspace';
const RANK: Record<Role, number> = { agent: 0, admin: 1, owner: 2 };

class Session {
  state = $state<'loading' | 'out' | 'in' | 'unreachable'>('loading');
  user = $state<SignedIn['user'] | null>(null);
  workspaces = $state<Membership[]>([]);
  workspace = $state<Membership | null>(null);

  constructor() {
    onSignedOut(() => this.forget());
  }

  get memberId(): string | null {
    return this.workspace?.member_id ?? null;
  }

  /** Whether the role is at least this one. */
  may(role: Role): boolean {
    return this.workspace !== null && RANK[this.workspace.role] >= RANK[role];
  }

  async load() {
    try {
      this.enter(await data(api.GET('/api/v1/session')));
    } catch (error) {
      if (error instanceof ApiError && !error.passing) this.forget();
      else this.state = 'unreachable';
    }
  }

  /** After signing in: what the API answered. */
  enter(found: SignedIn) {
    this.user = found.user;
    this.workspaces = found.workspaces;
    const last = localStorage.getItem(KEY);
    const chosen = found.workspaces.find((one) => one.id === last) ?? found.workspaces[0] ?? null;
    this.workspace = chosen;
    useWorkspace(chosen?.id ?? null);
    this.state = chosen ? 'in' : 'out';
    if (chosen) openLive(chosen.id, () => this.forget());
  }

  /** Goes to another workspace; everything is loaded anew. */
  choose(id: string) {
    localStorage.setItem(KEY, id);
    location.assign('/');
  }

  async signOut() {
    await api.DELETE('/api/v1/session').catch(() => undefined);
    this.forget();
    location.assign('/sign-in');
  }

  private forget() {
    closeLive();
    this.user = null;
    this.workspace = null;
    this.workspaces = [];
    useWorkspace(null);
    this.state = 'out';
  }
}

export const session = new Session();
