-- Statuses only move a message forward, whatever the order they come in; several for one message count together.
-- A message is found by the id we sent along (biz_opaque_callback_data), which also settles a sending nobody saw the end
-- of, or by its wamid. `limit 1` and `= any(array(…))` keep the planner from reading the whole table for what it takes
-- for a hundred rows. `woken` comes first on purpose: mailbox rows are locked before messages, as everywhere.
with delivered as (
    insert into deliveries (id, channel_id, received_at, body, problem, heard_until)
    select id, channel_id, received_at, body, problem, heard_until
    from unnest(%(ids)s::uuid[], %(channels)s::uuid[], %(received)s::timestamptz[], %(bodies)b::bytea[],
                %(problems)s::text[], %(heard)s::timestamptz[])
        as d (id, channel_id, received_at, body, problem, heard_until)
    on conflict (id) do nothing
),
news as (
    select * from jsonb_to_recordset(%(statuses)s::jsonb)
        as s (channel_id uuid, opaque uuid, wamid text, status text, at timestamptz, error jsonb)
),
target as (
    select m.id, m.conversation_id, m.workspace_id, m.state, s.wamid, s.status, s.at, s.error
    from news s cross join lateral (
        select * from messages where id = s.opaque and channel_id = s.channel_id and direction = 'out' limit 1) m
    where s.opaque is not null
    union all
    select m.id, m.conversation_id, m.workspace_id, m.state, s.wamid, s.status, s.at, s.error
    from news s cross join lateral (
        select * from messages where channel_id = s.channel_id and wamid = s.wamid and direction = 'out' limit 1) m
    where s.opaque is null
),
woken as (
    insert into mailbox (kind, key, workspace_id, due_at)
    select 'conversation', conversation_id, workspace_id, now()
    from target where state in ('sending', 'unknown')
    group by conversation_id, workspace_id order by conversation_id
    on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
    returning lease_token
),
summary as (
    select id, min(wamid) as wamid,
           max(message_rank(status)) filter (where status <> 'failed') as rank,
           bool_or(status = 'failed') as failed,
           min(at) filter (where status = 'sent') as sent_at,
           min(at) filter (where status = 'delivered') as delivered_at,
           min(at) filter (where status in ('read', 'played')) as read_at,
           min(at) filter (where status = 'failed') as failed_at,
           (array_agg(error) filter (where status = 'failed'))[1] as error
    from target group by id order by id
),
moved as (
    update messages m
    set state = coalesce(forward_state(m.state, s.rank, s.failed), m.state),
        wamid = coalesce(m.wamid, s.wamid),
        accepted_at = coalesce(m.accepted_at, now()),
        sent_at = coalesce(m.sent_at, s.sent_at),
        delivered_at = coalesce(m.delivered_at, s.delivered_at),
        read_at = coalesce(m.read_at, s.read_at),
        failed_at = case when forward_state(m.state, s.rank, s.failed) = 'failed'
                         then coalesce(s.failed_at, now()) else m.failed_at end,
        error = case when forward_state(m.state, s.rank, s.failed) = 'failed' then s.error else m.error end
    from summary s
    where m.id = s.id and m.id = any(array(select id from summary)) and (select count(*) from woken) >= 0
      and (forward_state(m.state, s.rank, s.failed) is not null
           or (m.sent_at is null and s.sent_at is not null)
           or (m.delivered_at is null and s.delivered_at is not null)
           or (m.read_at is null and s.read_at is not null))
    returning m.workspace_id, m.conversation_id, m.channel_id, m.text, m.error, s.failed and m.state = 'failed' as failed
),
told as (
    select pg_notify('relevo_wake', '') where exists (select from woken where lease_token is null)
)
select moved.* from moved left join told on true where moved.failed
