-- The chat's own switches. The conversational one counts the epoch up; the CRM agent speaks to nobody.
with before as (select id, agent_conversational, agent_crm from conversations where id = %(conversation)s),
switched as (
    update conversations c
    set agent_conversational = %(conversational)s, agent_crm = %(crm)s,
        epoch = c.epoch + (c.agent_conversational is distinct from %(conversational)s::boolean)::int
    from before b
    where c.id = b.id and (b.agent_conversational, b.agent_crm) is distinct from (%(conversational)s::boolean, %(crm)s::boolean)
    returning c.id, c.workspace_id, c.epoch, b.agent_conversational is distinct from c.agent_conversational as turned
),
dropped as (
    update messages m set state = 'dropped', drop_reason = 'the agent is switched off for this chat'
    from switched s
    where s.turned and %(conversational)s::boolean is false
      and m.conversation_id = s.id and m.state = 'planned' and m.author = 'agent' and m.epoch < s.epoch
),
cancelled as (
    update follow_ups f set state = 'cancelled', reason = 'the agent is switched off for this chat'
    from switched s
    where s.turned and %(conversational)s::boolean is false and f.conversation_id = s.id and f.state = 'planned'
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, id, 'conversation.agent_switched',
       jsonb_build_object('conversational', %(conversational)s::boolean, 'crm', %(crm)s::boolean, 'epoch', epoch,
                          'memberId', %(member)s::uuid)
from switched
