// The sections of the settings: who may see them, and where their code is.
import type { Component } from 'svelte';
import type { Role } from '$lib/session.svelte';
import type { IconName } from '$lib/ui/icons';

export interface SectionEntry {
  name: string;
  icon: IconName;
  group: 'shop' | 'me';
  /** The least role. */
  role: Role;
  load: () => Promise<{ default: Component }>;
}

export const SECTIONS: readonly SectionEntry[] = [
  { name: 'agent', icon: 'bot', group: 'shop', role: 'agent', load: () => import('./AgentSection.svelte') },
  { name: 'playbook', icon: 'workflow', group: 'shop', role: 'admin', load: () => import('./PlaybookSection.svelte') },
  { name: 'hours', icon: 'clock', group: 'shop', role: 'agent', load: () => import('./HoursSection.svelte') },
  { name: 'members', icon: 'users', group: 'shop', role: 'agent', load: () => import('./MembersSection.svelte') },
  { name: 'channels', icon: 'smartphone', group: 'shop', role: 'admin', load: () => import('./ChannelsSection.svelte') },
  { name: 'replies', icon: 'message-square-text', group: 'shop', role: 'agent', load: () => import('./RepliesSection.svelte') },
  { name: 'webhooks', icon: 'webhook', group: 'shop', role: 'admin', load: () => import('./WebhooksSection.svelte') },
  { name: 'tokens', icon: 'key-round', group: 'shop', role: 'admin', load: () => import('./TokensSection.svelte') },
  { name: 'shop', icon: 'shopping-bag', group: 'shop', role: 'admin', load: () => import('./ShopSection.svelte') },
  { name: 'account', icon: 'circle-user', group: 'me', role: 'agent', load: () => import('./AccountSection.svelte') },
  { name: 'look', icon: 'bell', group: 'me', role: 'agent', load: () => import('./LookSection.svelte') },
];
