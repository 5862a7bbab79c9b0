// Keeps a long chat in its place: at the bottom while the reader is there, else at the row they are reading, whatever is
// measured, loaded above or said below. Only rows in and near the window are drawn.
import { offsets, rowAt, visibleRange, type Range } from '$lib/inbox/range';

const NEAR = 80;
/** How long after a wheel, touch or key the pane may still be moving; a scrollbar is held for longer. */
const READER_MS = 1000;
const DRAG_MS = 10_000;

export class Scroller {
  pane: HTMLElement | undefined = $state();
  range = $state.raw<Range>({ start: 0, end: 0 });
  top = $state(0);
  bottom = $state(0);
  /** Whether the newest row is in sight. */
  atEnd = $state(true);
  private keys: string[] = [];
  private tops: Float64Array = new Float64Array(1);
  private readonly heights = new Map<string, number>();
  private guess: (index: number) => number = () => 60;
  private anchor: { key: string; offset: number } | null = null;
  /** Until when scrolling is taken for the reader's own doing (performance.now()). */
  private readerUntil = 0;
  private readonly observer: ResizeObserver;

  constructor() {
    this.observer = new ResizeObserver((entries) => {
      let changed = false;
      for (const { target } of entries) {
        const key = (target as HTMLElement).dataset.key;
        const height = (target as HTMLElement).offsetHeight;
        if (key && height && this.heights.get(key) !== height) {
          this.heights.set(key, height);
          changed = true;
        }
      }
      if (changed || entries.some((entry) => entry.target === this.pane)) this.layout();
    });
  }

  /** An action for each drawn row. */
  readonly measure = (row: HTMLElement) => {
    this.observer.observe(row);
    return { destroy: () => this.observer.unobserve(row) };
  };

  readonly watch = (pane: HTMLElement) => {
    this.pane = pane;
    this.observer.observe(pane);
    const gone = new AbortController();
    for (const type of ['wheel', 'touchmove', 'pointerdown', 'keydown', 'focusin']) {
      const spell = type === 'pointerdown' ? DRAG_MS : READER_MS;
      pane.addEventListener(type, () => (this.readerUntil = performance.now() + spell), { passive: true, signal: gone.signal });
    }
    return {
      destroy: () => {
        gone.abort();
        this.observer.disconnect();
      },
    };
  };

  /** Says which rows there are. */
  rows(keys: string[], guess: (index: number) => number) {
    this.keys = keys;
    this.guess = guess;
    this.layout();
  }

  /** Begins with another chat: at the end, or at a row. */
  begin(key: string | null) {
    this.anchor = key ? { key, offset: 96 } : null;
    this.atEnd = key === null;
    this.layout();
  }

  toEnd() {
    this.readerUntil = 0;
    this.anchor = null;
    this.atEnd = true;
    this.layout();
  }

  toRow(key: string) {
    if (!this.pane) return;
    this.atEnd = false;
    this.anchor = { key, offset: Math.max(60, this.pane.clientHeight / 3) };
    this.layout();
  }

  readonly scrolled = () => {
    const { pane } = this;
    if (!pane) return;
    if (this.atEnd && performance.now() > this.readerUntil) {
      // Nobody left the end: rows grew or shrank under us.
      this.toBottom(pane);
      return this.draw();
    }
    this.atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < NEAR;
    if (this.atEnd) this.anchor = null;
    else {
      const at = rowAt(this.tops, pane.scrollTop);
      const key = this.keys[at];
      this.anchor = key ? { key, offset: this.tops[at]! - pane.scrollTop } : null;
    }
    this.draw();
  };

  private layout() {
    const { pane } = this;
    this.tops = offsets(this.keys, (key, index) => this.heights.get(key) ?? this.guess(index));
    if (!pane) return;
    const total = this.tops[this.keys.length]!;
    const at = this.anchor ? this.keys.indexOf(this.anchor.key) : -1;
    const wanted = at >= 0 && this.anchor ? this.tops[at]! - this.anchor.offset : this.atEnd ? total : pane.scrollTop;
    this.draw(Math.max(0, Math.min(wanted, total - pane.clientHeight)));
    // After the rows have been put where they belong, and before anything is painted.
    queueMicrotask(() => {
      const end = pane.scrollHeight - pane.clientHeight;
      const to = this.anchor && at >= 0 ? wanted : this.atEnd ? end : pane.scrollTop;
      if (Math.abs(pane.scrollTop - to) > 1) pane.scrollTop = to;
      // A chat that begins at its unread line may have its end in sight, too, and nothing to scroll.
      if (!this.atEnd && end - pane.scrollTop < NEAR && this.measured()) {
        this.atEnd = true;
        this.anchor = null;
      }
    });
  }

  private toBottom(pane: HTMLElement) {
    const end = pane.scrollHeight - pane.clientHeight;
    if (Math.abs(pane.scrollTop - end) > 1) pane.scrollTop = end;
  }

  private measured(): boolean {
    const { start, end } = this.range;
    return end > start && this.keys.slice(start, end).every((key) => this.heights.has(key));
  }

  private draw(from = this.pane?.scrollTop ?? 0) {
    const height = this.pane?.clientHeight ?? 800;
    const next = visibleRange(this.tops, from, height);
    if (next.start !== this.range.start || next.end !== this.range.end) this.range = next;
    this.top = this.tops[next.start] ?? 0;
    this.bottom = (this.tops[this.keys.length] ?? 0) - (this.tops[next.end] ?? 0);
  }
}
