// How we stand with the service, for the banner.
export type ConnectionState = 'connecting' | 'live' | 'lost';

class Connection {
  state = $state<ConnectionState>('connecting');
  /** Since when it is lost; null while live. */
  lostSince = $state<number | null>(null);

  set(next: ConnectionState) {
    if (next === 'live') this.lostSince = null;
    else if (next === 'lost' && this.lostSince === null) this.lostSince = Date.now();
    this.state = next;
  }
}

export const connection = new Connection();
