-- What came of the talk: orders, handoffs, conversations that began. Small tables, read directly.
with ordered as (
    select width_bucket(created_at, %(edges)s::timestamptz[]) as bucket, conversation_id, total, currency,
           status = 'cancelled' as cancelled
    from orders
    where workspace_id = %(workspace)s and created_at >= %(start)s and created_at < %(until)s
),
handed as (
    select width_bucket(created_at, %(edges)s::timestamptz[]) as bucket, reason from handoffs
    where workspace_id = %(workspace)s and created_at >= %(start)s and created_at < %(until)s
),
began as (
    -- By the index on the last message, which is never older than the conversation.
    select width_bucket(created_at, %(edges)s::timestamptz[]) as bucket from conversations
    where workspace_id = %(workspace)s and last_message_at >= %(start)s
      and created_at >= %(start)s and created_at < %(until)s
)
select 'order' as what, bucket, null as name, count(*) as count, null::bigint as total
from ordered where not cancelled group by bucket
union all
select 'cancelled', null, null, count(*), null from ordered where cancelled
union all
select 'buyers', null, null, count(distinct conversation_id), null from ordered where not cancelled
union all
select 'currency', null, currency, count(*), sum(total)::bigint from ordered where not cancelled group by currency
union all
select 'handoff', bucket, null, count(*), null from handed group by bucket
union all
select 'reason', null, reason, count(*), null from handed group by reason
union all
select 'began', bucket, null, count(*), null from began group by bucket
