// What a connected number's state is, in one word. Pure.
import type { components } from '$lib/api/schema';

export type Channel = components['schemas']['Channel'];

export function stateOf(one: Channel, now: number): 'working' | 'waiting' | 'verified' | 'stopped' | 'paused' {
  if (one.status === 'stopped') return 'stopped';
  if (one.paused_until !== null && Date.parse(one.paused_until) > now) return 'paused';
  if (one.receiving) return 'working';
  return one.verified_at === null ? 'waiting' : 'verified';
}

/** Digits with a leading plus, or null where it is no international number. */
export function international(typed: string): string | null {
  const digits = typed.replace(/[\s().-]/g, '');
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : null;
}
