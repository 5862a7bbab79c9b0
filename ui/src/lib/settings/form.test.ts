import { expect, test } from 'vitest';
import { ApiError } from '$lib/api/errors';
import { Form } from './form.svelte';

interface Shop {
  name: string;
  limit: number | null;
}
function form() {
  const made = new Form<Shop>('test');
  made.take({ name: 'La Cima', limit: 5 });
  return made;
}

test('what is set back to what is saved is no change', () => {
  const one = form();
  one.set('name', 'Otra');
  expect(one.dirty).toBe(true);
  one.set('name', 'La Cima');
  expect(one.dirty).toBe(false);
});

test('news of what is saved keeps what was edited', () => {
  const one = form();
  one.set('name', 'Otra');
  one.take({ name: 'La Cima', limit: 9 });
  expect(one.value).toEqual({ name: 'Otra', limit: 9 });
  one.take({ name: 'Otra', limit: 9 });
  expect(one.dirty).toBe(false);
});

test('only the changes are sent, and what is typed meanwhile stays', async () => {
  const one = form();
  one.set('limit', null);
  const sent: Partial<Shop>[] = [];
  const done = await one.save(async (changes) => {
    sent.push(changes);
    one.set('name', 'Más tarde');
    return { name: 'La Cima', limit: null };
  });
  expect(done).toBe(true);
  expect(sent).toEqual([{ limit: null }]);
  expect(one.edits).toEqual({ name: 'Más tarde' });
});

test('what the API says of a field stands at the field; anything else is thrown', async () => {
  const one = form();
  one.set('name', '');
  const refused = new ApiError(422, { errors: [{ where: 'body.name', problem: 'too short' }] });
  expect(await one.save(() => Promise.reject(refused))).toBe(false);
  expect(one.errors).toEqual({ name: 'too short' });
  await expect(one.save(() => Promise.reject(new ApiError(503, null)))).rejects.toBeInstanceOf(ApiError);
});
