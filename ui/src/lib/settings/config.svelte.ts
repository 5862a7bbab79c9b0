// The shop's configuration, as one form for each section that edits a part of it.
import { untrack } from 'svelte';
import { api, data } from '$lib/api/client';
import type { components } from '$lib/api/schema';
import { Form } from './form.svelte';
import { Remote } from './remote.svelte';

type Raw = components['schemas']['AgentConfig-Output'];
type Nullable = 'release_after' | 'people_hours' | 'out_of_hours_message' | 'handoff_team_id' | 'reassign_after' | 'whatsapp_prices';
/** As it is answered: all there; null only where that means something. */
export type Config = { [Key in keyof Raw]-?: Key extends Nullable ? Exclude<Raw[Key], undefined> : NonNullable<Raw[Key]> };

export const getConfig = async () => (await data(api.GET('/api/v1/agent-config'))) as Config;
export const changeConfig = async (changes: Partial<Config>) =>
  (await data(api.PATCH('/api/v1/agent-config', { body: changes as components['schemas']['AgentConfig-Input'] }))) as Config;

/** Follows the configuration and gives each answer to the form. For a component's script. */
export function configForm(name: string): { form: Form<Config>; remote: Remote<Config>; save: () => Promise<boolean> } {
  const form = new Form<Config>(name);
  const remote = new Remote(getConfig);
  $effect(() => remote.follow('agent_config.changed'));
  $effect(() => {
    const fresh = remote.value;
    if (fresh) untrack(() => form.take(fresh));
  });
  return { form, remote, save: () => form.save(changeConfig) };
}
