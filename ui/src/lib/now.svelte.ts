// The time, for what counts up or down on the screen: one clock for all, every ten seconds.
class Now {
  current = $state(Date.now());

  constructor() {
    setInterval(() => (this.current = Date.now()), 10_000);
  }
}

export const now = new Now();
