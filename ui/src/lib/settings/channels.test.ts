import { expect, test } from 'vitest';
import { international, stateOf, type Channel } from './channels';

const NOW = Date.parse('2026-03-04T15:00:00Z');
const channel = (changes: Partial<Channel>) =>
  ({ status: 'active', paused_until: null, receiving: false, verified_at: null, ...changes }) as Channel;

test('a number turns green step by step', () => {
  expect(stateOf(channel({}), NOW)).toBe('waiting');
  expect(stateOf(channel({ verified_at: '2026-03-04T14:00:00Z' }), NOW)).toBe('verified');
  expect(stateOf(channel({ receiving: true }), NOW)).toBe('working');
});

test('a stop and a pause come before all else; a pause that is over does not count', () => {
  expect(stateOf(channel({ status: 'stopped', receiving: true }), NOW)).toBe('stopped');
  expect(stateOf(channel({ paused_until: '2026-03-04T15:01:00Z', receiving: true }), NOW)).toBe('paused');
  expect(stateOf(channel({ paused_until: '2026-03-04T14:59:00Z', receiving: true }), NOW)).toBe('working');
});

test('numbers are taken with spaces, never without a country', () => {
  expect(international('+57 300 123-4567')).toBe('+573001234567');
  expect(international('300 123 4567')).toBeNull();
});
