-- A decision, all of it or nothing: the turn, what became of each inbound message, the planned words, the session.
with turn as (
    insert into turns (id, workspace_id, conversation_id, session_id, agent, discardable, session_before, explanation,
                       usage, cost_usd, started_at)
    values (%(turn)s, %(workspace)s, %(conversation)s, %(session)s, %(agent)s, %(discardable)s,
            %(session_before)s::jsonb, %(explanation)s::jsonb, %(usage)s::jsonb, %(cost)s, %(started_at)s)
    returning id
),
session as (
    insert into sessions (id, workspace_id, conversation_id, agent, state, ended_at, end_reason)
    values (%(session)s, %(workspace)s, %(conversation)s, %(agent)s, %(state)s::jsonb,
            case when %(end_reason)s::text is not null then now() end, %(end_reason)s)
    on conflict (id) do update
    set state = excluded.state, updated_at = now(), ended_at = excluded.ended_at, end_reason = excluded.end_reason
    returning id
),
accounted as (
    update messages m
    set outcome = o.outcome, outcome_reason = o.reason, turn_id = (select id from turn)
    from jsonb_to_recordset(%(outcomes)s::jsonb) as o (id uuid, outcome text, reason text)
    where m.id = o.id and m.direction = 'in' and m.outcome is null
      -- Keeps the planner from reading the whole table for what it takes for a hundred outcomes.
      and m.id = any(array(select id from jsonb_to_recordset(%(outcomes)s::jsonb) as i (id uuid)))
),
planned as (
    insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent, state, kind,
                          text, content, turn_id, key, asks, essential, epoch, delay, trace)
    select b.id, %(workspace)s, %(channel)s, %(conversation)s, 'out', 'agent', true, 'planned', b.kind,
           b.text, b.content, (select id from turn), b.key, b.asks, b.essential, %(epoch)s, b.delay, %(trace)s
    from jsonb_to_recordset(%(bubbles)s::jsonb) as b (
        n int, id uuid, kind text, text text, content jsonb, key text, asks text, essential boolean, delay float8)
    order by b.n
)
select (select id from session) as session
