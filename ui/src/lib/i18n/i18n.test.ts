import { expect, test } from 'vitest';
import { dayName, languageName, listTime, money, phone, span } from './format';
import { choose, language, LANGUAGES } from './language.svelte';
import { words } from './words';

test('a catalogue follows the language', () => {
  const some = words({ es: { hi: 'hola', n: (n: number) => `${n} más` }, pt: { hi: 'oi', n: (n) => `mais ${n}` }, en: { hi: 'hi', n: (n) => `${n} more` } });
  const said = LANGUAGES.map((one) => {
    language.current = one;
    return [some.hi, some.n(2)];
  });
  language.current = 'es';
  expect(said).toEqual([['hola', '2 más'], ['oi', 'mais 2'], ['hi', '2 more']]);
});

test('a language without a key, or with one too many, does not compile', () => {
  // @ts-expect-error: pt lacks `b`.
  words({ es: { a: '', b: '' }, pt: { a: '' }, en: { a: '', b: '' } });
  // @ts-expect-error: en has `c`.
  words({ es: { a: '' }, pt: { a: '' }, en: { a: '', c: '' } });
  // @ts-expect-error: pt's map lacks `y`.
  words({ es: { m: { x: '', y: '' } }, pt: { m: { x: '' } }, en: { m: { x: '', y: '' } } });
});

test('no catalogue has an empty word or a language left untranslated', async () => {
  const modules = import.meta.glob<Record<string, unknown>>(['./*.ts', '!./*.test.ts', '!./words.ts', '!./format.ts', '!./language.svelte.ts'], { eager: true });
  const empty: string[] = [];
  for (const [file, module] of Object.entries(modules))
    for (const catalogue of Object.values(module))
      for (const one of LANGUAGES) {
        language.current = one;
        for (const [key, value] of Object.entries(catalogue as object)) if (value === '') empty.push(`${file} ${one} ${key}`);
      }
  language.current = 'es';
  expect(Object.keys(modules).length).toBeGreaterThan(5);
  expect(empty).toEqual([]);
});

test('the language is the chosen one, else the browser’s first of ours, else Spanish', () => {
  expect(choose('pt', ['en-US'])).toBe('pt');
  expect(choose(null, ['fr-FR', 'en-GB', 'es'])).toBe('en');
  expect(choose('xx', ['de'])).toBe('es');
});

test('times, spans, money and numbers as people write them', () => {
  language.current = 'es';
  const noon = new Date(2026, 2, 10, 12, 5);
  expect(listTime(noon, new Date(2026, 2, 10, 18))).toBe('12:05');
  expect(dayName(noon, new Date(2026, 2, 11, 1))).toBe('Ayer');
  expect(dayName(noon, new Date(2026, 2, 13))).toBe('Martes');
  expect([45_000, 12 * 60_000, 185 * 60_000, 120 * 60_000, 50 * 3_600_000].map(span)).toEqual(['45 s', '12 min', '3 h 05', '2 h', '2 d']);
  expect(money(69_900, 'COP')).toMatch(/^69[.,]900\s\$$/);
  expect(money(1250, 'USD')).toMatch(/12,50/);
  expect(phone('+573001234567')).toBe('+57 300 123 4567');
  expect(phone('CO.abc')).toBe('CO.abc');
  expect(languageName('pt')).toBe('portugués');
});
