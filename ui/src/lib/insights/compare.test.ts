import { expect, test } from 'vitest';
import { moved, waited } from './compare';

test('more is good or bad as the figure has it', () => {
  expect(moved(12, 10, 'up')).toEqual({ direction: 'up', change: 0.2, mood: 'good' });
  expect(moved(12, 10, 'down')?.mood).toBe('bad');
  expect(moved(12, 10, 'none')?.mood).toBe('plain');
  expect(moved(10, 10, 'up')).toEqual({ direction: 'same', change: 0, mood: 'plain' });
});

test('what was nothing has no percentage, and what is unknown is not compared', () => {
  expect(moved(3, 0, 'up')).toEqual({ direction: 'up', change: null, mood: 'good' });
  expect(moved(null, 1, 'up')).toBeNull();
  expect(moved(1, null, 'up')).toBeNull();
});

test.each([
  [2.43, 2.43, 's', 1],
  [45, 45, 's', 0],
  [90, 1.5, 'min', 1],
  [7200, 2, 'h', 1],
  [172_800, 2, 'd', 1],
] as const)('%d seconds', (seconds, value, unit, digits) => {
  expect(waited(seconds)).toEqual({ value, unit, digits });
});
