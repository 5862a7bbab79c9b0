// Puts a floating element beside its anchor and keeps it inside the window.
export interface Placement {
  /** Which edge of the anchor it lines up with. */
  align?: 'start' | 'end';
  side?: 'below' | 'above';
  gap?: number;
}

export function place(floating: HTMLElement, anchor: DOMRect, { align = 'start', side = 'below', gap = 6 }: Placement = {}) {
  const { width, height } = floating.getBoundingClientRect();
  const margin = 8;
  const below = anchor.bottom + gap;
  const above = anchor.top - gap - height;
  const fitsBelow = below + height <= innerHeight - margin;
  const top = side === 'below' ? (fitsBelow || above < margin ? below : above) : above >= margin || !fitsBelow ? above : below;
  const left = align === 'start' ? anchor.left : anchor.right - width;
  floating.style.left = `${Math.round(Math.min(Math.max(left, margin), Math.max(margin, innerWidth - width - margin)))}px`;
  floating.style.top = `${Math.round(Math.min(Math.max(top, margin), Math.max(margin, innerHeight - height - margin)))}px`;
}
