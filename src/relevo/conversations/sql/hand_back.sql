-- The agent may speak again. It finds the session where the handoff ended it, so that an order goes on where it stood,
-- and what is still open: inbound nobody answered, set aside only because the agent had no say, after the last thing that
-- anybody said or is about to say (a handoff's announcement answers nothing), and only while WhatsApp still lets us answer.
with back as (
    update conversations
    set owner = 'agent', agent_conversational = null, epoch = epoch + 1, handed_back_at = now(),
        owner_member_id = null, owned_since = null, person_active_at = null, restarts = 0
    where id = %(conversation)s
    returning id, workspace_id, epoch, window_until
),
last_said as (
    select coalesce(max(m.arrival), 0) as arrival
    from back join messages m on m.conversation_id = back.id
    where m.direction = 'out' and m.state not in ('dropped', 'failed') and m.key is distinct from 'handoff'
),
reopened as (
    update messages m set outcome = null, outcome_reason = null, turn_id = null
    from back, last_said
    where m.conversation_id = back.id and m.direction = 'in' and m.arrival > last_said.arrival
      and m.outcome = 'ignored' and m.outcome_reason = any(%(silences)s::text[])
      and back.window_until > clock_timestamp()
    returning m.id
),
resumed as (
    update sessions s set ended_at = null, end_reason = null, updated_at = now()
    from back
    where s.id = (select id from sessions o where o.conversation_id = back.id order by o.started_at desc limit 1)
      and s.end_reason = 'handoff' and s.updated_at > now() - %(idle)s::interval
),
told as (
    insert into events (workspace_id, conversation_id, type, data)
    select workspace_id, id, 'conversation.handed_back',
           jsonb_build_object('memberId', %(member)s::uuid, 'by', %(by)s::text, 'epoch', epoch,
                              'reopened', (select count(*) from reopened))
    from back
)
select (select count(*) from reopened) as reopened
