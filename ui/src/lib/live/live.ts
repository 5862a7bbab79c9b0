// What happens in the workspace, live: one stream per browser. Tabs compete for a Web Lock; its holder reads the stream and
// tells the others by BroadcastChannel. Each tab remembers the place it has heard, so a new leader goes on from there.
import { connection, type ConnectionState } from './connection.svelte';
import { read, type StreamEvent } from './sse';

export interface LiveEvent {
  type: string;
  conversation_id: string | null;
  created_at: string;
  data: Record<string, unknown>;
}

type News =
  | { kind: 'event'; place: string | null; event: LiveEvent }
  | { kind: 'state'; state: ConnectionState; place: string | null }
  | { kind: 'anew' }
  | { kind: 'hello' };

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 15_000];

export class Live {
  private place: string | null = null;
  private readonly hear = new Set<(event: LiveEvent) => void>();
  private readonly start = new Set<() => void>();
  private readonly closed = new AbortController();
  private readonly channel: BroadcastChannel;
  private wake: (() => void) | null = null;
  private leading = false;

  constructor(
    private readonly workspace: string,
    private readonly refused: (status: number) => void,
  ) {
    this.channel = new BroadcastChannel(`relevo.live.${workspace}`);
    this.channel.onmessage = ({ data }: MessageEvent<News>) => this.listen(data);
    this.say({ kind: 'hello' });
    addEventListener('online', this.again, { signal: this.closed.signal });
    void this.lead();
  }

  /** Hears every event. */
  on(run: (event: LiveEvent) => void): () => void {
    this.hear.add(run);
    return () => this.hear.delete(run);
  }

  /** Told when everything on show has to be fetched again: the stream began, or went on where we cannot know what was. */
  onStart(run: () => void): () => void {
    this.start.add(run);
    return () => this.start.delete(run);
  }

  /** Tries to connect at once. */
  readonly again = () => this.wake?.();

  close() {
    this.closed.abort();
    this.channel.close();
  }

  private async lead() {
    // Without Web Locks (plain http on another host) every tab reads for itself.
    if (!navigator.locks) return this.stream();
    await navigator.locks
      .request(`relevo.live.${this.workspace}`, { signal: this.closed.signal }, () => this.stream())
      .catch(() => undefined);
  }

  private async stream() {
    this.leading = true;
    let failures = 0;
    while (!this.closed.signal.aborted) {
      try {
        await read(this.url(), this.place, this.closed.signal, (event) => {
          failures = 0;
          this.take(event);
        });
      } catch (error) {
        const status = (error as { status?: number }).status;
        if (status === 401 || status === 403) return this.refused(status);
        if (status === 422) this.place = null;
      }
      if (this.closed.signal.aborted) return;
      this.set(failures === 0 ? 'connecting' : 'lost');
      const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0;
      failures += 1;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, wait * (0.7 + Math.random() * 0.6));
      });
      this.wake = null;
    }
  }

  private url() {
    return `/api/v1/events?workspace=${encodeURIComponent(this.workspace)}`;
  }

  private take({ id, event, data }: StreamEvent) {
    const first = this.place === null;
    if (id) this.place = id;
    if (event === 'ready') {
      this.set('live');
      if (first) {
        this.say({ kind: 'anew' });
        this.begin();
      }
      return;
    }
    const parsed = JSON.parse(data) as LiveEvent;
    this.say({ kind: 'event', place: this.place, event: parsed });
    this.tell(parsed);
  }

  private listen(news: News) {
    if (news.kind === 'hello') {
      if (this.leading) this.say({ kind: 'state', state: connection.state, place: this.place });
    } else if (news.kind === 'state') {
      const known = this.place !== null;
      if (news.place) this.place = news.place;
      connection.set(news.state);
      if (!known && news.place) this.begin();
    } else if (news.kind === 'anew') {
      this.begin();
    } else {
      if (news.place) this.place = news.place;
      connection.set('live');
      this.tell(news.event);
    }
  }

  private begin() {
    for (const run of this.start) run();
  }

  private tell(event: LiveEvent) {
    for (const run of this.hear) run(event);
  }

  private set(state: ConnectionState) {
    connection.set(state);
    this.say({ kind: 'state', state, place: this.place });
  }

  private say(news: News) {
    if (!this.closed.signal.aborted) this.channel.postMessage(news);
  }
}
