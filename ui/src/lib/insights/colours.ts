// What a token's colour is right now: charts are drawn on a canvas, which knows no variables.
let probe: HTMLElement | null = null;

export function colourOf(token: string): string {
  if (!probe) {
    probe = document.createElement('span');
    probe.className = 'visually-hidden';
    probe.setAttribute('aria-hidden', 'true');
    document.body.append(probe);
  }
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
}

/** The same colour, let through by a share. Works with whatever form a browser writes colours in. */
export const faint = (colour: string, share: number) => `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
