-- What the agent knows in a conversation, and what it did lately.
select a.conversational_agent_id as agent_id, a.language as shop_language,
       to_jsonb(s) - 'state' as session, coalesce(s.state, '{}'::jsonb) as state,
       (select to_jsonb(o) from orders o where o.session_id = s.id order by o.created_at desc limit 1) as order,
       coalesce((select jsonb_agg(jsonb_build_object('name', f.name, 'due_at', f.due_at) order by f.due_at)
                 from follow_ups f where f.conversation_id = v.id and f.state = 'planned'), '[]'::jsonb) as follow_ups,
       coalesce((select jsonb_agg(t order by t.created_at desc) from (
            select x.id, x.agent, x.state, x.explanation, x.usage, x.cost_usd, x.started_at, x.created_at,
                   (select jsonb_agg(jsonb_build_object('id', m.id, 'direction', m.direction, 'kind', m.kind,
                                                        'text', left(m.text, 300), 'state', m.state, 'outcome', m.outcome,
                                                        'outcome_reason', m.outcome_reason) order by m.arrival)
                    from messages m where m.turn_id = x.id) as messages
            from turns x where x.conversation_id = v.id order by x.created_at desc limit %(turns)s) t), '[]'::jsonb) as turns,
       u.turns as turn_count, u.cost_usd, u.input_tokens, u.output_tokens, u.calls
from conversations v
join agent_configs a on a.workspace_id = v.workspace_id
left join lateral (select * from sessions where conversation_id = v.id order by started_at desc limit 1) s on true
cross join lateral (
    select count(distinct t.id) as turns, coalesce(sum((c.item ->> 'usd')::float8), 0) as cost_usd,
           coalesce(sum((c.item ->> 'input_tokens')::bigint), 0)::bigint as input_tokens,
           coalesce(sum((c.item ->> 'output_tokens')::bigint), 0)::bigint as output_tokens, count(c.item) as calls
    from (select id, usage from turns where conversation_id = v.id order by created_at desc limit 2000) t
    left join lateral jsonb_array_elements(t.usage) c (item) on true) u
where v.id = %(conversation)s and v.workspace_id = %(workspace)s
