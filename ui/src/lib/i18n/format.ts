// Numbers, money and times by Intl, in the reader's language. Formatters are kept: making one costs more than using it.
import { language } from './language.svelte';

const kept = new Map<string, unknown>();

function keep<T>(kind: string, options: object, make: (locale: string) => T): T {
  const key = `${kind}|${language.locale}|${JSON.stringify(options)}`;
  let found = kept.get(key) as T | undefined;
  if (!found) kept.set(key, (found = make(language.locale)));
  return found;
}

const dates = (options: Intl.DateTimeFormatOptions) => keep('date', options, (locale) => new Intl.DateTimeFormat(locale, options));
const numbers = (options: Intl.NumberFormatOptions) => keep('number', options, (locale) => new Intl.NumberFormat(locale, options));

/** es → español */
export const languageName = (code: string) => keep('language', {}, (locale) => new Intl.DisplayNames(locale, { type: 'language' })).of(code) ?? code;

export type Time = string | number | Date;
const DAY = 86_400_000;

/** 14:05 */
export const clock = (at: Time) => dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
/** 3 mar 2026, 14:05 */
export const moment = (at: Time) => dates({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
export const shortDate = (at: Time) => dates({ day: 'numeric', month: 'short' }).format(new Date(at));

/** The reader's midnight, as a number that tells days apart. */
export function dayOf(at: Time): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Today, yesterday, a weekday within the week, or the date. */
export function dayName(at: Time, now: Time = Date.now()): string {
  const days = Math.round((dayOf(now) - dayOf(at)) / DAY);
  if (days === 0 || days === 1) {
    const text = keep('relative', {}, (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })).format(-days, 'day');
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const text = dates(
    days > 0 && days < 7
      ? { weekday: 'long' }
      : { weekday: 'short', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' as const }) },
  ).format(new Date(at));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** For lists: the time today, “yesterday”, the weekday, or the date. */
export function listTime(at: Time, now: Time = Date.now()): string {
  const days = Math.round((dayOf(now) - dayOf(at)) / DAY);
  if (days <= 0) return clock(at);
  if (days === 1) return keep('relative', {}, (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })).format(-1, 'day');
  if (days < 7) return dates({ weekday: 'short' }).format(new Date(at));
  return dates({ day: 'numeric', month: 'numeric', year: '2-digit' }).format(new Date(at));
}

/** 45 s · 12 min · 3 h 05 · 2 d: how long something waits. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${String(minutes % 60).padStart(2, '0')}` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

export const number = (value: number, options: Intl.NumberFormatOptions = {}) => numbers(options).format(value);
export const percent = (share: number, digits = 0) => numbers({ style: 'percent', maximumFractionDigits: digits }).format(share);

/** Currencies whose minor unit is the whole one here, as in playbooks; what engines say of COP differs. */
const WHOLE = new Set(['COP', 'CLP', 'PYG', 'JPY', 'KRW', 'VND', 'ISK']);

/** Money from minor units; without cents where the amount has none. */
export function money(minor: number, currency: string): string {
  const decimals = WHOLE.has(currency) ? 0 : 2;
  const value = minor / 10 ** decimals;
  const digits = Number.isInteger(value) ? 0 : decimals;
  return numbers({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** +57 300 123 4567 and the like: groups of what follows the country code; anything else as it is. */
export function phone(e164: string): string {
  const found = /^\+(1|7|[2-9]\d)(\d{3})(\d{3})(\d{3,5})$/.exec(e164);
  return found ? `+${found[1]} ${found[2]} ${found[3]} ${found[4]}` : e164;
}
