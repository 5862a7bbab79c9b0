select s.id, s.agent, s.state, s.started_at, s.updated_at,
       (select coalesce(max(number), 1000) + 1 from orders where workspace_id = %(workspace)s) as next_order,
       (select coalesce(sum(cost_usd), 0) from turns
        where conversation_id = %(conversation)s and created_at > now() - interval '24 hours') as chat_usd,
       (select coalesce(sum(cost_usd), 0) from turns
        where workspace_id = %(workspace)s and cost_usd > 0 and created_at > now() - interval '24 hours') as shop_usd,
       (select jsonb_agg(to_jsonb(o) order by o.created_at desc) from (
            select number, status, lines, total, currency, fields, created_at,
                   session_id is not null and session_id = s.id as in_session
            from orders where conversation_id = %(conversation)s order by created_at desc limit 5) o) as orders
from (select 1) one
left join lateral (
    -- While people have the conversation the session is not over for good: the CRM agent goes on with it.
    select * from sessions
    where conversation_id = %(conversation)s and (ended_at is null or (%(paused)s and end_reason = 'handoff'))
    order by started_at desc limit 1) s on true
