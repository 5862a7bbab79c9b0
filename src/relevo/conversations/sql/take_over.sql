-- A person has the conversation now. What the agent still wanted to say is dropped; the announcement of a handoff that is
-- still unsaid is kept where the person said nothing themselves, as it is true and the customer's only word.
with taken as (
    update conversations
    set owner = 'person', agent_conversational = false, epoch = epoch + 1, handed_back_at = null,
        owner_member_id = coalesce(%(member)s::uuid, case when owner = 'person' then owner_member_id end),
        owned_since = case when owner = 'person' then owned_since else now() end, person_active_at = clock_timestamp()
    where id = %(conversation)s
    returning id, workspace_id, epoch, owner_member_id
),
kept as (
    update messages m set epoch = taken.epoch
    from taken
    where m.conversation_id = taken.id and m.state = 'planned' and m.author = 'agent' and m.epoch = taken.epoch - 1
      and m.key = 'handoff' and not %(speaks)s
    returning m.id
),
dropped as (
    update messages m set state = 'dropped', drop_reason = 'a person has the conversation'
    from taken
    where m.conversation_id = taken.id and m.state = 'planned' and m.author = 'agent'
      and (m.epoch < taken.epoch - 1 or m.key is distinct from 'handoff' or %(speaks)s)
),
cancelled as (
    update follow_ups f set state = 'cancelled', reason = 'a person has the conversation'
    from taken where f.conversation_id = taken.id and f.state = 'planned'
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, id, 'conversation.taken_over',
       jsonb_build_object('memberId', owner_member_id, 'epoch', epoch, 'by', %(by)s::text)
from taken
