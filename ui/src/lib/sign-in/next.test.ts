import { expect, test } from 'vitest';
import { ours, wanted } from './next';

test('who had to sign in goes on to where they wanted', () => {
  expect(wanted(new URLSearchParams({ next: '/tasks?task=1' }))).toBe('/tasks?task=1');
  expect(wanted(new URLSearchParams())).toBe('/');
});

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', ''])('%s is no place of ours', (path) => {
  expect(ours(path)).toBe('/');
});
