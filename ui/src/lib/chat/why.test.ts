import { afterEach, expect, test } from 'vitest';
import { language } from '$lib/i18n/language.svelte';
import { why } from '$lib/i18n/why';
import { reason } from '$lib/tasks/words';
import { chain, dropped, phrase, sentences, understoodAs, type Remark } from './why';

const said = (key: string, values: Record<string, string> = {}, text = key): Remark => ({ key, values, text });
const YES = [said('yes_order', { flow: 'pedido' }), said('order_created', { order: '1004' }), said('slot_taken', { slot: 'Ciudad' })];

afterEach(() => {
  language.current = 'es';
});

test('what mattered is told as one thing leading to another', () => {
  expect(chain(YES)).toBe('Dijo que sí al pedido → se creó el pedido 1004');
  language.current = 'pt';
  expect(chain(YES)).toBe('Disse sim ao pedido → o pedido 1004 foi criado');
  language.current = 'en';
  expect(chain(YES)).toBe('Said yes to the order → order 1004 was created');
  expect(chain([said('no_phrasing'), said('slot_missing', { slot: 'x' })])).toBe('');
});

test('whoever asks why gets every remark as a sentence, none twice', () => {
  expect(sentences([...YES, said('said_before'), said('said_before', {}, 'another')])).toEqual([
    'Dijo que sí al pedido',
    'Se creó el pedido 1004',
    'Dio «Ciudad»',
    'No se repitió algo ya dicho',
  ]);
});

test('handoffs and intents go by our words where we have some, else by the readable id', () => {
  expect(phrase(said('handoff', { handoff: 'pedido_cliente' }))).toBe('pasó a una persona: el cliente pidió hablar con una persona');
  expect(phrase(said('handoff', { handoff: 'visita_tienda' }))).toBe('pasó a una persona: visita tienda');
  expect(phrase(said('intent', { intent: 'humano' }))).toBe('quiere hablar con una persona');
  expect(phrase(said('intent', { intent: 'regalo_sorpresa' }))).toBe('preguntó o dijo: regalo sorpresa');
  expect(reason('rule:guardrail')).toBe('El agente no tenía nada seguro que decir');
});

test('what nobody has words for keeps its own text', () => {
  expect(phrase(said('other', {}, 'a rule of a shop'))).toBe('a rule of a shop');
  expect(phrase(said('from_a_newer_service', {}, 'as it was'))).toBe('as it was');
  expect(dropped('other', 'as it was')).toBe('as it was');
  expect(dropped('window_closed', 'outside the 24-hour window')).toBe('Pasaron más de 24 horas: WhatsApp solo permite una plantilla.');
  expect(dropped(null, null)).toBeNull();
});

test('what was understood is one sentence, sure to a percentage, in the playbook’s names', () => {
  const read = { commands: [{ is: 'AskForPerson' }], confidence: 0.92 };
  expect(understoodAs(read)).toMatch(/^Entendió: quiere hablar con una persona \(92\s%\)$/);
  const both = { commands: [{ is: 'SetSlot', slot: 'ciudad', text: 'Bogotá' }, { is: 'AnswerIntent', intent: 'precio' }] };
  expect(understoodAs(both, { ciudad: 'Ciudad', precio: 'Precios' })).toBe('Entendió: dio Ciudad: Bogotá; pregunta o dice: Precios');
  expect(understoodAs(both)).toBe('Entendió: dio ciudad: Bogotá; preguntó el precio');
  expect(understoodAs(null)).toBe('');
  expect(understoodAs({ commands: [] })).toBe('');
});

test('every language fills in the same values', () => {
  const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  const spanish = { ...why.remarks };
  for (const other of ['pt', 'en'] as const) {
    language.current = other;
    for (const [key, form] of Object.entries(spanish)) expect(gaps((why.remarks as Record<string, string>)[key]!), key).toEqual(gaps(form));
  }
});
