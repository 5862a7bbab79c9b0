, activity as (
    select at, conversation_id, by_customer, by_agent, by_people from insights_activity
    where workspace_id = %(workspace)s and at >= %(start)s and at < %(until)s
    union all
    select * from live_activity
),
of_conversation as materialized (
    -- Back to int: sums of bigint are numeric, which is slow.
    select width_bucket(at, %(edges)s::timestamptz[]) as bucket, conversation_id, sum(by_customer)::int as by_customer,
           sum(by_agent)::int as by_agent, sum(by_people)::int as by_people
    from activity group by 1, 2
),
whole as (
    select conversation_id, sum(by_customer) as by_customer, sum(by_agent) as by_agent, sum(by_people) as by_people
    from of_conversation group by 1
),
handed as (
    select distinct conversation_id from handoffs
    where workspace_id = %(workspace)s and created_at >= %(start)s and created_at < %(until)s
)
select 'series' as what, bucket, null as who, null::float8 as seconds, count(*)::bigint as count,
       sum(by_customer)::bigint as by_customer, sum(by_agent)::bigint as by_agent, sum(by_people)::bigint as by_people,
       null::bigint as asked, null::bigint as alone
from of_conversation group by bucket
union all
select 'whole', null, null, null, count(*), coalesce(sum(by_customer), 0)::bigint, coalesce(sum(by_agent), 0)::bigint,
       coalesce(sum(by_people), 0)::bigint, count(*) filter (where by_customer > 0),
       count(*) filter (where by_customer > 0 and by_agent > 0 and by_people = 0 and h.conversation_id is null)
from whole left join handed h using (conversation_id)
union all
select 'wait', null, who, seconds, sum(count)::bigint, null, null, null, null, null
from (select who, seconds, count from insights_waits
      where workspace_id = %(workspace)s and at >= %(start)s and at < %(until)s
      union all
      select who, seconds, count from live_waits) w
group by who, seconds
