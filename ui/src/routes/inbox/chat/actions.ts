// What a bubble may ask of its chat.
import type { Message } from '$lib/inbox/types';

export interface ChatActions {
  jump: (id: string) => void;
  look: (url: string, kind: 'image' | 'video') => void;
  reply: (message: Message) => void;
  react: (message: Message, emoji: string) => void;
  /** Says the same once more, as a new message. */
  again: (message: Message) => void;
}
