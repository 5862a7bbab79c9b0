-- What customers (and the owner's own phone) said: stored once, with all that must happen in the same breath.
-- Locks are taken in the one order everybody keeps: conversations, mailbox, messages that exist.
-- `= any(array(…))` and `limit 1` keep the planner from reading whole tables for what it takes for a hundred rows.
with delivered as (
    insert into deliveries (id, channel_id, received_at, body, problem, heard_until)
    select id, channel_id, received_at, body, problem, heard_until
    from unnest(%(ids)s::uuid[], %(channels)s::uuid[], %(received)s::timestamptz[], %(bodies)b::bytea[],
                %(problems)s::text[], %(heard)s::timestamptz[])
        as d (id, channel_id, received_at, body, problem, heard_until)
    on conflict (id) do nothing
),
incoming as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as r (
        n int, id uuid, workspace_id uuid, channel_id uuid, conversation_id uuid, direction text, author text, state text,
        wamid text, kind text, text text, content jsonb, reply_to text, provider_at timestamptz,
        outcome text, outcome_reason text, window_until timestamptz, takes_over boolean, trace text, name text)
),
locked as (
    select id from conversations where id = any(array(select conversation_id from incoming))
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
           max(i.window_until) as window_until,
           a.human_reply = 'take_over' and bool_or(i.takes_over) as takes_over,
           a.burst_quiet_seconds
    from stored s join incoming i on i.id = s.id
    cross join lateral (
        select human_reply, burst_quiet_seconds from agent_configs where workspace_id = s.workspace_id limit 1) a
    group by s.conversation_id, s.workspace_id, a.human_reply, a.burst_quiet_seconds
),
touched as (
    update conversations c
    set last_message_at = now(),
        last_inbound_at = case when s.inbound then now() else c.last_inbound_at end,
        last_outbound_at = case when s.inbound then c.last_outbound_at else now() end,
        window_until = greatest(c.window_until, s.window_until),
        owner = case when s.takes_over then 'person' else c.owner end,
        agent_conversational = case when s.takes_over then false else c.agent_conversational end,
        epoch = c.epoch + s.takes_over::int,
        owned_since = case when s.takes_over and c.owner <> 'person' then now() else c.owned_since end,
        person_active_at = case when s.echoed and (s.takes_over or c.owner = 'person')
                                then clock_timestamp() else c.person_active_at end,
        handed_back_at = case when not s.takes_over then c.handed_back_at end
    from summary s
    where c.id = s.conversation_id and c.id = any(array(select conversation_id from summary))
),
taken as (
    insert into events (workspace_id, conversation_id, type, data)
    select s.workspace_id, s.conversation_id, 'conversation.taken_over', jsonb_build_object('by', 'phone')
    from summary s
    where s.takes_over
),
named as (
    -- A profile name heard for the first time; one that people or the agent gave stays.
    update contacts t set name = n.name
    from (select c.contact_id, max(i.name) as name
          from incoming i join conversations c on c.id = i.conversation_id
          where i.name is not null and i.direction = 'in' group by c.contact_id) n
    where t.id = n.contact_id and t.name is null
),
cancelled as (
    update follow_ups f
    set state = 'cancelled', reason = case when s.inbound then 'the customer wrote' else 'the owner wrote' end
    from summary s
    where (s.inbound or s.echoed) and f.conversation_id = s.conversation_id and f.state = 'planned'
      and f.conversation_id = any(array(select conversation_id from summary))
),
woken as (
    insert into mailbox (kind, key, workspace_id, due_at)
    select 'conversation', s.conversation_id, s.workspace_id,
           now() + least(s.burst_quiet_seconds, %(quiet)s) * interval '1 second'
    from summary s
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
