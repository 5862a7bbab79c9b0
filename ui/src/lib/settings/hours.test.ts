import { expect, test } from 'vitest';
import { read, write, wrong } from './hours';

const kept = { timezone: 'America/Bogota', 'mon-fri': '08:00-18:00', sat: '09:00-13:00', holidays: 'CO' };

test('what is read is written back the same', () => {
  expect(write(read(kept))).toEqual(kept);
});

test('days are told apart, and joined only where they touch and agree', () => {
  const hours = read(kept);
  hours.days[2] = { open: false, from: '08:00', to: '18:00' };
  expect(write(hours)).toEqual({
    timezone: 'America/Bogota', 'mon-tue': '08:00-18:00', 'thu-fri': '08:00-18:00', sat: '09:00-13:00', holidays: 'CO',
  });
});

test('a day that closes before it opens is found', () => {
  const hours = read({ timezone: 'UTC', mon: '08:00-18:00', tue: '10:00-10:00' });
  expect(wrong(hours)).toEqual([1]);
});

test('no holidays are named where none are chosen', () => {
  expect(write(read({ timezone: 'UTC', sun: '10:00-12:00' }))).toEqual({ timezone: 'UTC', sun: '10:00-12:00' });
});
