select s.id, s.agent, s.state, s.started_at, s.updated_at,
       (select coalesce(max(number), 1000) + 1 from orders where workspace_id = %(workspace)s) as next_order,
       (select jsonb_agg(to_jsonb(o) order by o.created_at desc) from (
            select number, status, lines, total, currency, fields, created_at,
                   session_id is not null and session_id = s.id as in_session
            from orders where conversation_id = %(conversation)s order by created_at desc limit 5) o) as orders
from (select 1) one
left join sessions s on s.conversation_id = %(conversation)s and s.ended_at is null
