import { expect, test } from 'vitest';
import { append, mergeNewest, prepend, replace } from './merge';
import type { Message } from './types';

const m = (id: string, state = 'sent') => ({ id, state }) as Message;
const ids = (all: readonly Message[]) => all.map((one) => one.id).join('');

test('the newest page goes onto what is known, with its fresh versions', () => {
  const merged = mergeNewest([m('a'), m('b'), m('c')], [m('b', 'read'), m('c'), m('d')]);
  expect([ids(merged.items), merged.gap, merged.items[1]?.state]).toEqual(['abcd', false, 'read']);
});

test('a page that does not reach what is known says so', () => {
  const merged = mergeNewest([m('a')], [m('x'), m('y')]);
  expect([ids(merged.items), merged.gap]).toEqual(['xy', true]);
});

test('pages older and newer are joined without doubles', () => {
  expect(ids(prepend([m('c'), m('d')], [m('a'), m('b'), m('c')]))).toBe('abcd');
  expect(ids(append([m('c'), m('d')], [m('d'), m('e')]))).toBe('cde');
});

test('fresh versions take the place of the old; unknown ones do not come in', () => {
  expect(replace([m('a'), m('b')], [m('b', 'read'), m('z')]).map((one) => one.id + one.state)).toEqual(['asent', 'bread']);
});
