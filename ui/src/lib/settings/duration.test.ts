import { expect, test } from 'vitest';
import { join, split } from './duration';

test.each([
  [45, 45, 's'],
  [180, 3, 'min'],
  [5400, 90, 'min'],
  [7200, 2, 'h'],
  [172_800, 2, 'd'],
] as const)('%d seconds read as %d %s', (seconds, count, unit) => {
  expect(split(seconds)).toEqual({ count, unit });
  expect(join(count, unit)).toBe(seconds);
});

test('no duration is made of nonsense', () => {
  expect(join(0, 'min')).toBeNull();
  expect(join(Number.NaN, 'min')).toBeNull();
  expect(join(-1, 'h')).toBeNull();
});
