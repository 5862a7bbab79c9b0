// Reads a text/event-stream by hand: unlike EventSource it hears every event type, tells a 401 from a lost connection,
// and notices a line that went dead without closing.
export interface StreamEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Cuts a stream of text into events. A text may end anywhere, also within a line. */
export class Parser {
  private rest = '';
  private data: string[] = [];
  private event = '';
  private id: string | null = null;

  *push(text: string): Generator<StreamEvent> {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.data.length) yield { id: this.id, event: this.event || 'message', data: this.data.join('\n') };
        this.data = [];
        this.event = '';
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
      if (name === 'data') this.data.push(value);
      else if (name === 'event') this.event = value;
      else if (name === 'id') this.id = value;
    }
  }
}

/** The service comments every 15 s; after so long without a byte the line is dead. */
const SILENCE_MS = 35_000;

/**
 * Reads a stream until it ends, fails, falls silent or is aborted.
 *
 * @throws Error with `status` where the server refused.
 */
export async function read(url: string, place: string | null, signal: AbortSignal, tell: (event: StreamEvent) => void): Promise<void> {
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), SILENCE_MS);
  try {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (place) headers['Last-Event-ID'] = place;
    const response = await fetch(url, { headers, cache: 'no-store', signal: AbortSignal.any([signal, quiet.signal]) });
    if (!response.ok || !response.body) throw Object.assign(new Error('stream refused'), { status: response.status });
    const parser = new Parser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), SILENCE_MS);
      for (const event of parser.push(value)) tell(event);
    }
  } finally {
    clearTimeout(timer);
  }
}
