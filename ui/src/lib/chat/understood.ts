// Reads what a turn understood (the agent's commands) into what people see. Pure; tolerates whatever it does not know.
import { reading } from '$lib/i18n/reading';
import { why } from '$lib/i18n/why';

export interface Line {
  words: string;
  value: string;
}

type Raw = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** `labels`: the playbook's names of slots, intents and options, by id. */
export function linesOf(understood: Raw, labels: Record<string, string> = {}): Line[] {
  const commands = Array.isArray(understood.commands) ? (understood.commands as Raw[]) : [];
  return commands.map((one) => line(one, labels));
}

const capital = (words: string) => words.charAt(0).toLocaleUpperCase() + words.slice(1);

function line(command: Raw, labels: Record<string, string>): Line {
  const kind = text(command.is);
  const words = reading.commands[kind] ?? reading.name(kind);
  const name = (id: string) => labels[id] ?? reading.name(id);
  switch (kind) {
    case 'SetSlot':
      return { words: `${(command.correction ? reading.commands.Corrected : words) ?? ''} ${name(text(command.slot))}:`, value: text(command.text) || text(command.value) };
    case 'InvalidSlot':
      return { words: `${words} ${name(text(command.slot))}`, value: text(command.text) };
    case 'ClearSlot':
      return { words, value: name(text(command.slot)) };
    case 'StartFlow':
      return { words, value: name(text(command.flow)) };
    case 'AnswerIntent': {
      const intent = text(command.intent);
      const wish = labels[intent] ? undefined : why.wishes[intent];
      return wish ? { words: capital(wish), value: '' } : { words, value: name(intent) };
    }
    case 'Choose':
      return { words, value: name(text(command.option)) };
    case 'SmallTalk':
      return { words, value: reading.talk[text(command.kind)] ?? text(command.kind) };
    case 'CannotTell': {
      const first = Array.isArray(command.candidates) ? (command.candidates as unknown[][])[0] : undefined;
      return { words, value: first ? `${reading.perhaps} ${name(text(first[0]))}` : '' };
    }
    default:
      return { words, value: '' };
  }
}

export function sourceOf(understood: Raw): string {
  const source = text(understood.source);
  return reading.sources[source] ?? source;
}

export function confidenceOf(understood: Raw): number | null {
  return typeof understood.confidence === 'number' ? understood.confidence : null;
}
