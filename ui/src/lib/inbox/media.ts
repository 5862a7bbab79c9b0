// Where a message's file is: inbound ones through the service, outgoing ones at the link they were sent by.
import { currentWorkspace } from '$lib/api/client';
import type { Message } from './types';

export function mediaUrl(message: Message & { conversation_id?: string }, conversation?: string): string | null {
  const media = message.parts.media;
  if (!media) return null;
  if (media.link) return /^https?:\/\//.test(media.link) ? media.link : null;
  const id = conversation ?? message.conversation_id ?? openConversation;
  if (!media.available || !id) return null;
  return `/api/v1/conversations/${id}/messages/${message.id}/media?workspace=${currentWorkspace() ?? ''}`;
}

let openConversation: string | null = null;

/** Messages do not name their conversation: the one on show is meant. */
export function mediaOf(conversation: string | null) {
  openConversation = conversation;
}
