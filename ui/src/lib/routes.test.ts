import { expect, test } from 'vitest';
import { parse, path } from './routes';

test.each(['/', '/c/0190-a', '/tasks', '/insights', '/settings', '/settings/agent', '/sign-in', '/set-up', '/invitations/a%2Fb', '/password-resets/x'])('%s is read and written alike', (address) => {
  expect(path(parse(address))).toBe(address);
});

test('other addresses are no pages', () => {
  for (const address of ['/nope', '/c', '/tasks/1', '/c/1/2', '/invitations']) expect(parse(address).name).toBe('not-found');
  expect(parse('/c/%E0%A4%A').name).toBe('inbox');
});
