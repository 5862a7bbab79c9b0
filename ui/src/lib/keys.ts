// Single keys as shortcuts: not while somebody writes, a dialog is open or a modifier is held; and `g` then another key.
export interface Keys {
  [key: string]: (event: KeyboardEvent) => void;
}

const PAUSE_MS = 900;

export function writing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.('input, textarea, select, [contenteditable]');
}

/** Makes a handler of key presses. `mod+k` means Ctrl or Command; `g t` means g, then t. */
export function handler(keys: () => Keys): (event: KeyboardEvent) => void {
  let before = '';
  let at = 0;
  return (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      const run = event.altKey || event.shiftKey ? undefined : keys()[`mod+${event.key.toLowerCase()}`];
      if (run) {
        event.preventDefault();
        run(event);
      }
      return;
    }
    if (event.altKey || writing(event.target) || document.querySelector('dialog[open], [popover]:popover-open')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const two = before && Date.now() - at < PAUSE_MS ? `${before} ${key}` : '';
    const run = (two && keys()[two]) || keys()[key];
    before = key;
    at = Date.now();
    if (!run) return;
    before = '';
    run(event);
  };
}
