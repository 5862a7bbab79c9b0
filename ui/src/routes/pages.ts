// Which page a route shows. Each is a chunk of its own, fetched when first needed.
import type { Component } from 'svelte';
import type { Route } from '$lib/routes';

type Load = () => Promise<{ default: Component }>;

export const pages: Record<Route['name'], Load> = {
  inbox: () => import('./inbox/InboxPage.svelte'),
  tasks: () => import('./tasks/TasksPage.svelte'),
  insights: () => import('./insights/InsightsPage.svelte'),
  settings: () => import('./settings/SettingsPage.svelte'),
  'sign-in': () => import('./sign-in/SignInPage.svelte'),
  'set-up': () => import('./sign-in/SetUpPage.svelte'),
  invitation: () => import('./sign-in/InvitationPage.svelte'),
  reset: () => import('./sign-in/ResetPage.svelte'),
  'not-found': () => import('./NotFoundPage.svelte'),
};
