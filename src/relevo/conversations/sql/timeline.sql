-- What happened in a conversation, newest first: what the customer wrote and what came of it, what was said without them
-- asking, and who had the conversation. Pages by (at, id).
with entries as (
    select 'inbound' as kind, m.id::text as id, m.created_at as at, m.id as message_id, null::bigint as event_id
    from messages m
    where m.conversation_id = %(conversation)s and m.workspace_id = %(workspace)s and m.direction = 'in'
      and (%(after_at)s::timestamptz is null or (m.created_at, m.id::text) < (%(after_at)s::timestamptz, %(after_id)s::text))
    union all
    select 'outbound', m.id::text, m.created_at, m.id, null
    from messages m
    where m.conversation_id = %(conversation)s and m.workspace_id = %(workspace)s and m.direction = 'out'
      and not exists (select from messages i where i.turn_id = m.turn_id and i.direction = 'in')
      and (%(after_at)s::timestamptz is null or (m.created_at, m.id::text) < (%(after_at)s::timestamptz, %(after_id)s::text))
    union all
    select 'event', e.id::text, e.created_at, null, e.id
    from events e
    where e.conversation_id = %(conversation)s and e.workspace_id = %(workspace)s
      and (e.type like 'conversation.%%' or e.type like 'task.%%' or e.type like 'order.%%' or e.type = 'agent/run.failed')
      and (%(after_at)s::timestamptz is null or (e.created_at, e.id::text) < (%(after_at)s::timestamptz, %(after_id)s::text))
    order by at desc, id desc
    limit %(limit)s
)
select n.kind, n.id, n.at, m.author, m.kind as message_kind, m.text, m.state, m.outcome, m.outcome_reason, m.drop_reason,
       m.error, m.not_before, p.name as member_name, t.agent, t.explanation, t.state as turn_state,
       (select jsonb_agg(jsonb_build_object('id', s.id, 'text', s.text, 'state', s.state, 'drop_reason', s.drop_reason,
                                            'error', s.error, 'accepted_at', s.accepted_at) order by s.arrival)
        from messages s where n.kind = 'inbound' and s.turn_id = m.turn_id and s.direction = 'out') as said,
       e.type as event_type, e.data as event_data,
       (select name from members where id = (e.data ->> 'memberId')::uuid) as event_member,
       o.type as owner_type, o.created_at as owner_since, o.data ->> 'by' as owner_by,
       (select name from members where id = (o.data ->> 'memberId')::uuid) as owner_member
from entries n
left join messages m on m.id = n.message_id
left join members p on p.id = m.member_id
left join turns t on t.id = m.turn_id
left join events e on e.id = n.event_id
left join lateral (
    select x.type, x.created_at, x.data from events x
    where m.outcome = 'ignored' and x.conversation_id = %(conversation)s
      and x.type in ('conversation.taken_over', 'conversation.handed_off', 'conversation.handed_back')
      and x.created_at <= m.created_at + interval '1 minute'
    order by x.id desc limit 1) o on true
order by n.at desc, n.id desc
