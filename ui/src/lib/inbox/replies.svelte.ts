// Words at hand: canned replies of the shop and templates of a number. Fetched when first wanted, kept for a while.
import { api, data } from '$lib/api/client';
import type { components } from '$lib/api/schema';

export type CannedReply = components['schemas']['CannedReply'];
export type Template = components['schemas']['Template'];

const FRESH_MS = 60_000;

class Canned {
  items = $state.raw<CannedReply[]>([]);
  private at = 0;

  async load() {
    if (Date.now() - this.at < FRESH_MS) return;
    this.at = Date.now();
    try {
      this.items = (await data(api.GET('/api/v1/canned-replies'))).items;
    } catch {
      this.at = 0;
    }
  }

  /** Those whose shortcut begins with the words, then those that hold them. */
  find(words: string): CannedReply[] {
    const q = words.toLowerCase();
    const begin = this.items.filter((one) => one.shortcut.toLowerCase().startsWith(q));
    const hold = this.items.filter((one) => !begin.includes(one) && (one.shortcut + one.text).toLowerCase().includes(q));
    return [...begin, ...hold].slice(0, 8);
  }
}

export const canned = new Canned();

/** @throws ApiError */
export async function templatesOf(channel: string): Promise<Template[]> {
  return (await data(api.GET('/api/v1/channels/{channel_id}/templates', { params: { path: { channel_id: channel } } }))).items;
}
