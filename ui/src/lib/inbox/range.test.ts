import { expect, test } from 'vitest';
import { fixedRange, offsets, rowAt, visibleRange } from './range';

test('a list of a hundred thousand rows draws a screenful', () => {
  const range = fixedRange(50_000 * 72, 800, 72, 100_000);
  expect(range.start).toBeLessThanOrEqual(50_000);
  expect(range.end - range.start).toBeLessThan(30);
  expect(fixedRange(0, 800, 72, 3)).toEqual({ start: 0, end: 3 });
  expect(fixedRange(9_999_999, 800, 72, 3)).toEqual({ start: 3, end: 3 });
  expect(fixedRange(0, 800, 72, 0)).toEqual({ start: 0, end: 0 });
});

test('rows of many heights are found by where they stand', () => {
  const heights: Record<string, number> = { a: 10, b: 100, c: 30, d: 60 };
  const tops = offsets(Object.keys(heights), (key) => heights[key]!);
  expect([...tops]).toEqual([0, 10, 110, 140, 200]);
  expect([0, 9, 10, 109, 110, 199, 5000].map((y) => rowAt(tops, y))).toEqual([0, 0, 1, 1, 2, 3, 3]);
});

test('every row in the window is drawn, and no row far from it', () => {
  const keys = Array.from({ length: 1000 }, (_, at) => `m${at}`);
  const tops = offsets(keys, (_, at) => 30 + (at % 5) * 20);
  const total = tops[1000]!;
  for (let top = 0; top <= total - 700; top += 371) {
    const { start, end } = visibleRange(tops, top, 700, 200);
    expect(tops[start]!).toBeLessThanOrEqual(top);
    expect(tops[end]!).toBeGreaterThanOrEqual(top + 700);
    expect(tops[end]! - tops[start]!).toBeLessThan(700 + 2 * 200 + 2 * 110);
  }
  expect(visibleRange(offsets([], () => 0), 0, 700)).toEqual({ start: 0, end: 0 });
});
