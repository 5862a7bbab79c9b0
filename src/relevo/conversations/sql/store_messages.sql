-- What customers (and the owner's own phone) said: stored once, with all that must happen in the same breath.
-- Locks are taken in the one order everybody keeps: conversations, mailbox, messages that exist.
with incoming as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as r (
        n int, id uuid, workspace_id uuid, channel_id uuid, conversation_id uuid, direction text, author text, state text,
        wamid text, kind text, text text, content jsonb, reply_to text, provider_at timestamptz,
        outcome text, outcome_reason text, window_until timestamptz, takes_over boolean, trace text)
),
locked as (
    select id from conversations where id in (select conversation_id from incoming)
    order by id for no key update
),
stored as (
    insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind, text,
                          content, reply_to, provider_at, outcome, outcome_reason, trace, sent_at)
    select i.id, i.workspace_id, i.channel_id, i.conversation_id, i.direction, i.author, i.state, i.wamid, i.kind, i.text,
           i.content, i.reply_to, i.provider_at, i.outcome, i.outcome_reason, i.trace,
           case when i.direction = 'out' then i.provider_at end
    from incoming i join locked l on l.id = i.conversation_id
    order by i.provider_at, i.n
    on conflict (channel_id, wamid) do nothing
    returning id, conversation_id, workspace_id, direction, outcome
),
summary as (
    select s.conversation_id, s.workspace_id,
           bool_or(s.direction = 'in') as inbound,
           bool_or(s.direction = 'in' and s.outcome is null) as to_answer,
           bool_or(i.takes_over) as echoed,
           max(i.window_until) as window_until
    from stored s join incoming i on i.id = s.id
    group by s.conversation_id, s.workspace_id
),
touched as (
    update conversations c
    set last_message_at = now(),
        last_inbound_at = case when s.inbound then now() else c.last_inbound_at end,
        last_outbound_at = case when s.inbound then c.last_outbound_at else now() end,
        window_until = greatest(c.window_until, s.window_until),
        owner = case when t.takes_over then 'person' else c.owner end,
        agent_conversational = case when t.takes_over then false else c.agent_conversational end,
        epoch = c.epoch + t.takes_over::int
    from summary s
    join agent_configs a on a.workspace_id = s.workspace_id,
    lateral (select s.echoed and a.human_reply = 'take_over' as takes_over) t
    where c.id = s.conversation_id
),
cancelled as (
    update follow_ups f set state = 'cancelled', reason = 'the customer wrote'
    from summary s
    where s.inbound and f.conversation_id = s.conversation_id and f.state = 'planned'
),
woken as (
    insert into mailbox (kind, key, workspace_id, due_at)
    select 'conversation', s.conversation_id, s.workspace_id,
           now() + least(a.burst_quiet_seconds, %(quiet)s) * interval '1 second'
    from summary s join agent_configs a on a.workspace_id = s.workspace_id
    where s.to_answer or s.echoed
    order by s.conversation_id
    on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
    returning due_at, lease_token
),
told as (
    select pg_notify('relevo_wake', '')
    where exists (select from woken where lease_token is null and due_at < now() + interval '1 second')
)
select (select count(*) from stored) as stored, (select count(*) from told) as told
