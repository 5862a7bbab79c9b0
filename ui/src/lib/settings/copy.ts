// To the clipboard, and said so.
import { common } from '$lib/i18n/common';
import { toast } from '$lib/ui/toasts.svelte';

export async function copy(text: string) {
  try {
    await navigator.clipboard.writeText(text);
    toast(common.copied);
  } catch {
    toast(text, { tone: 'error' });
  }
}
