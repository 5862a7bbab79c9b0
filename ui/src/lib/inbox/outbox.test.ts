import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '$lib/api/errors';
import { Outbox, type Outgoing } from './outbox';

class Memory {
  private readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}
const form = (text: string) => ({ text, buttons: [] }) as unknown as Outgoing['form'];
const offline = () => new ApiError(0, null);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what was not sent survives a reload, under the same id', async () => {
  const memory = new Memory();
  const before = new Outbox('box', memory, () => Promise.reject(offline()));
  const id = before.add('c1', form('hola'));
  await vi.advanceTimersByTimeAsync(10);

  const sent: Outgoing[] = [];
  const after = new Outbox('box', memory, async (one) => void sent.push(one));
  await after.flush();
  expect(sent.map((one) => [one.id, one.form.text])).toEqual([[id, 'hola']]);
  expect(memory.getItem('box')).toBeNull();
});

test('it tries again by itself until it is taken, in order', async () => {
  const sent: string[] = [];
  let online = false;
  const box = new Outbox('box', new Memory(), async (one) => {
    if (!online) throw offline();
    sent.push(one.form.text!);
  });
  box.add('c1', form('one'));
  box.add('c1', form('two'));
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual([]);
  online = true;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sent).toEqual(['one', 'two']);
  expect(box.all).toEqual([]);
});

test('what is refused stays with its reason and holds up nothing else; people try again or discard', async () => {
  const sent: string[] = [];
  let refuse = true;
  const box = new Outbox('box', new Memory(), async (one) => {
    if (one.form.text === 'late' && refuse) throw new ApiError(409, { code: 'outside_window', detail: 'closed' });
    sent.push(one.form.text!);
  });
  const late = box.add('c1', form('late'));
  box.add('c1', form('next'));
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual(['next']);
  expect(box.all.map((one) => one.refused?.code)).toEqual(['outside_window']);
  refuse = false;
  box.retry(late);
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual(['next', 'late']);
});

test('two tabs lose nothing to each other', async () => {
  const memory = new Memory();
  const never = () => new Promise<void>(() => undefined);
  const one = new Outbox('box', memory, never);
  const two = new Outbox('box', memory, never);
  one.add('c1', form('from one'));
  two.add('c2', form('from two'));
  one.add('c3', form('again'));
  expect(new Outbox('box', memory, never).all.map((item) => item.form.text)).toEqual(['from one', 'from two', 'again']);
});

test('a store that holds nonsense is an empty one', () => {
  const memory = new Memory();
  memory.setItem('box', '{');
  expect(new Outbox('box', memory, async () => undefined).all).toEqual([]);
});
