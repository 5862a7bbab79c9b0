// Reads what a turn understood (the agent's commands) into what people see. Pure; tolerates whatever it does not know.
import { reading } from '$lib/i18n/reading';

export interface Line {
  words: string;
  value: string;
}

type Raw = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

export function linesOf(understood: Raw): Line[] {
  const commands = Array.isArray(understood.commands) ? (understood.commands as Raw[]) : [];
  return commands.map(line);
}

function line(command: Raw): Line {
  const kind = text(command.is);
  const words = reading.commands[kind] ?? reading.name(kind);
  const name = reading.name;
  switch (kind) {
    case 'SetSlot':
      return { words: `${(command.correction ? reading.commands.Corrected : words) ?? ''} ${name(text(command.slot))}:`, value: text(command.text) || text(command.value) };
    case 'InvalidSlot':
      return { words: `${words} ${name(text(command.slot))}`, value: text(command.text) };
    case 'ClearSlot':
      return { words, value: name(text(command.slot)) };
    case 'StartFlow':
      return { words, value: name(text(command.flow)) };
    case 'AnswerIntent':
      return { words, value: name(text(command.intent)) };
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
