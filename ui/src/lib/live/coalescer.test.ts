import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Coalescer } from './coalescer';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what is marked together is fetched together, at once when it was quiet', async () => {
  const flushed: string[][] = [];
  const dirty = new Coalescer<string>(async (keys) => void flushed.push(keys));
  dirty.mark('a');
  dirty.mark('b', 'a');
  await vi.advanceTimersByTimeAsync(1);
  expect(flushed).toEqual([['a', 'b']]);
});

test('at most four fetches a second, whatever is marked', async () => {
  let fetches = 0;
  const dirty = new Coalescer<number>(async () => void (fetches += 1));
  for (let at = 0; at < 200; at += 1) {
    dirty.mark(at % 7);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(fetches).toBeLessThanOrEqual(9);
  expect(fetches).toBeGreaterThanOrEqual(7);
});

test('what is marked during a fetch is fetched after it, and never two at a time', async () => {
  const flushed: string[][] = [];
  let running = 0;
  let most = 0;
  const dirty = new Coalescer<string>(async (keys) => {
    most = Math.max(most, ++running);
    flushed.push(keys);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    running -= 1;
  });
  dirty.mark('a');
  await vi.advanceTimersByTimeAsync(500);
  dirty.mark('a');
  await vi.advanceTimersByTimeAsync(3000);
  expect(flushed).toEqual([['a'], ['a']]);
  expect(most).toBe(1);
});

test('a fetch that fails leaves its keys dirty', async () => {
  const flushed: string[][] = [];
  const dirty = new Coalescer<string>(async (keys) => {
    flushed.push(keys);
    if (flushed.length === 1) throw new Error('offline');
  });
  dirty.mark('a');
  await vi.advanceTimersByTimeAsync(5000);
  expect(flushed).toEqual([['a'], ['a']]);
  expect(dirty.pending).toBe(0);
});

test('no fetch asks for more than the API takes', async () => {
  const sizes: number[] = [];
  const dirty = new Coalescer<number>(async (keys) => void sizes.push(keys.length));
  dirty.mark(...Array.from({ length: 250 }, (_, at) => at));
  await vi.advanceTimersByTimeAsync(2000);
  expect(sizes).toEqual([100, 100, 50]);
});
