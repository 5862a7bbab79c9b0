-- Beginning of a statement: who said what when, from the moment on until when figures are kept, and how long customers
-- waited. Reads whole conversations, but only those that were touched since. docs/insights.md says what counts.
with since as materialized (
    select greatest(coalesce((select kept_until from insights_progress where workspace_id = %(workspace)s), '-infinity'),
                    %(start)s::timestamptz) as at
),
touched as materialized (
    -- Ten minutes more: a status may settle a message without touching its conversation.
    select id from conversations
    where workspace_id = %(workspace)s and last_message_at >= (select at from since) - interval '10 minutes'
      and (select at from since) < %(until)s::timestamptz
),
heard as (
    select m.conversation_id, m.arrival as n, m.created_at as planned_at,
           case when m.direction = 'in' then m.created_at else coalesce(m.accepted_at, m.created_at) end as at,
           least(m.provider_at, m.created_at) as asked_at,
           case when m.direction = 'in' then 1 when m.author <> 'agent' then 5 when m.key = 'handoff' then 4 else 2 end
               as kind,
           m.outcome is distinct from 'ignored' or m.outcome_reason = any(%(silences)s::text[]) as waits
    -- `offset 0` keeps the planner, which cannot know how few were touched, from reading the whole table.
    from touched t cross join lateral (select * from messages where conversation_id = t.id offset 0) m
    where m.kind <> 'reaction'
      and case when m.direction = 'in' then m.outcome_reason is null or m.outcome_reason <> all(%(no_talk)s::text[])
               when m.author = 'phone' then not m.content ? 'history'
               else m.accepted_at is not null end
),
-- In the order of planning: words planned before the customer wrote again are no answer to what they wrote.
happened as (
    select conversation_id, kind, at, planned_at, n, asked_at, waits from heard
    union all
    select h.conversation_id, 3, h.created_at, h.created_at, 0, null, false
    from touched t cross join lateral (select * from handoffs where conversation_id = t.id offset 0) h
),
placed as (
    select *, count(*) filter (where kind in (2, 5)) over (
        partition by conversation_id order by planned_at, kind, n
        rows between unbounded preceding and 1 preceding) as stretch
    from happened
),
-- A stretch ends with something said: by the agent (2) or by people (5). A handoff (3) and its announcement (4) lie within.
stretches as (
    select conversation_id, stretch,
           min(asked_at) filter (where kind = 1 and waits) as asked_at,
           min(at) filter (where kind = 3) as handed_at,
           min(at) filter (where kind = 4) as announced_at,
           max(at) filter (where kind in (2, 5)) as answered_at,
           max(kind) filter (where kind in (2, 5)) as answered_by
    from placed group by conversation_id, stretch
),
voiced as (
    select *, lag(answered_by) over (partition by conversation_id order by stretch) as voice from stretches
),
waited as (
    select 'agent' as who, answered_at as at, asked_at as since from voiced
    where answered_by = 2 and handed_at is null and voice is distinct from 5
    union all
    select 'agent', announced_at, asked_at from voiced where asked_at < announced_at and voice is distinct from 5
    union all
    select 'people', answered_at, coalesce(handed_at, asked_at) from voiced where answered_by = 5
),
live_waits as (
    select who, date_bin('15 minutes', at, 'epoch') as at,
           case when s.s < 1 then round(s.s, 1) else round(s.s, 1 - floor(log(s.s))::int) end::float8 as seconds,
           count(*)::int as count
    from waited cross join lateral (select greatest(extract(epoch from waited.at - since), 0) as s) s
    where since is not null and at >= (select at from since) and at < %(until)s
    group by 1, 2, 3
),
live_activity as (
    select date_bin('15 minutes', at, 'epoch') as at, conversation_id,
           (count(*) filter (where kind = 1))::int as by_customer,
           (count(*) filter (where kind in (2, 4)))::int as by_agent,
           (count(*) filter (where kind = 5))::int as by_people
    from heard where at >= (select at from since) and at < %(until)s
    group by 1, 2
)
