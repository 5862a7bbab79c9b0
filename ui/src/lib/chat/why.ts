// Says why the agent did what it did, from the API's remarks. Pure; what it does not know keeps its own text.
import type { components } from '$lib/api/schema';
import { percent } from '$lib/i18n/format';
import { reading } from '$lib/i18n/reading';
import { why } from '$lib/i18n/why';
import { reason } from '$lib/tasks/words';
import { confidenceOf, linesOf } from './understood';

export type Remark = components['schemas']['Remark'];

/** What owners want to see without asking; the rest (each datum, what was left out) is for whoever asks why. */
const MILESTONES = /^(opt_|opted_out|handoff$|handed_back|order_|yes_|no_(?!phrasing)|flow_finished|slot_corrected)/;

export const capital = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
const small = (text: string) => text.charAt(0).toLocaleLowerCase() + text.slice(1);

/** One remark in words, small first letter. */
export function phrase(remark: Remark): string {
  const wish = remark.key === 'intent' ? why.wishes[remark.values.intent ?? ''] : undefined;
  if (wish) return wish;
  const form = (why.remarks as Record<string, string>)[remark.key];
  if (!form) return remark.text;
  return form.replace(/\{(\w+)\}/g, (_, name: string) => value(name, remark.values[name] ?? ''));
}

function value(name: string, given: string): string {
  if (name === 'handoff') return small(reason(given));
  if (name === 'talk') return reading.talk[given] ?? given;
  return name === 'intent' ? (why.wishes[given] ?? reading.name(given)) : given;
}

/** Each as a sentence of its own; what sounds the same is said once. */
export function sentences(remarks: readonly Remark[]): string[] {
  return [...new Set(remarks.map((one) => capital(phrase(one))))];
}

/** What mattered, one leading to the other: “Dijo que sí al pedido → se creó el pedido 1004”. */
export function chain(remarks: readonly Remark[]): string {
  return capital([...new Set(remarks.filter((one) => MILESTONES.test(one.key)).map(phrase))].join(' → '));
}

/** “Entendió: quiere hablar con una persona (92 %)”; empty where nothing was read. */
export function understoodAs(understood: Record<string, unknown> | null, labels: Record<string, string> = {}): string {
  if (!understood) return '';
  const lines = linesOf(understood, labels).map((one) => small(`${one.words} ${one.value}`.trim()));
  const sure = confidenceOf(understood);
  return lines.length ? why.understood(lines.join('; '), sure === null ? '' : percent(sure)) : '';
}

/** Why something planned was not sent. */
export const dropped = (key: string | null, text: string | null) => why.drops[key ?? ''] ?? text;
