import { expect, test } from 'vitest';
import { parsed, shown } from './micros';

test('a price is read with a point or a comma, and written back', () => {
  expect(parsed('0.0125')).toBe(12_500);
  expect(parsed(' 0,0125 ')).toBe(12_500);
  expect(shown(12_500)).toBe('0.0125');
});

test('nothing written is nothing charged', () => {
  expect(parsed('')).toBe(0);
  expect(shown(0)).toBe('');
});

test.each(['-1', '1.2.3', 'abc', '1e3'])('%s is no price', (text) => {
  expect(parsed(text)).toBeNull();
});
