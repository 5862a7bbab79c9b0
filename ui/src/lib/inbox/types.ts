// The API's shapes by the names the inbox uses.
import type { components, paths } from '$lib/api/schema';

type Schemas = components['schemas'];
export type Conversation = Schemas['Conversation'];
export type Message = Schemas['Message'];
export type MessagePage = Schemas['MessagePage'];
export type MessageForm = Schemas['MessageForm'];
export type Member = Schemas['Member'];
export type Contact = Schemas['Contact'];
export type Order = Schemas['Order'];
export type Entry = Schemas['Entry'];
export type TaskDetails = Schemas['TaskDetails'];
export type Filter = NonNullable<NonNullable<paths['/api/v1/conversations']['get']['parameters']['query']>['filter']>;
