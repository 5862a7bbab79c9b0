// Collects what became dirty and has it fetched again: at once when it was quiet, else at most four times a second,
// and never twice at a time. What is marked during a fetch is fetched after it, so nothing is missed.
export class Coalescer<Key> {
  private waiting = new Set<Key>();
  private running = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private notBefore = 0;

  constructor(
    private readonly flush: (keys: Key[]) => Promise<void>,
    private readonly options: { everyMs?: number; most?: number; retryMs?: number; now?: () => number } = {},
  ) {}

  mark(...keys: Key[]) {
    for (const key of keys) this.waiting.add(key);
    this.plan();
  }

  get pending(): number {
    return this.waiting.size;
  }

  private now() {
    return (this.options.now ?? Date.now)();
  }

  private plan() {
    if (this.running || this.timer !== null || this.waiting.size === 0) return;
    const wait = Math.max(0, this.notBefore - this.now());
    // Even at once means after the current task: events that arrive together are fetched together.
    this.timer = setTimeout(() => void this.run(), wait);
  }

  private async run() {
    this.timer = null;
    this.running = true;
    const keys = [...this.waiting].slice(0, this.options.most ?? 100);
    for (const key of keys) this.waiting.delete(key);
    this.notBefore = this.now() + (this.options.everyMs ?? 250);
    try {
      await this.flush(keys);
    } catch {
      // Still dirty: once more, later. The connection's banner tells the reader.
      for (const key of keys) this.waiting.add(key);
      this.notBefore = this.now() + (this.options.retryMs ?? 2000);
    } finally {
      this.running = false;
      this.plan();
    }
  }
}
