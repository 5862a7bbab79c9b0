, kept_activity as (
    insert into insights_activity (workspace_id, at, conversation_id, by_customer, by_agent, by_people)
    select %(workspace)s, at, conversation_id, by_customer, by_agent, by_people from live_activity
),
kept_waits as (
    insert into insights_waits (workspace_id, at, who, seconds, count)
    select %(workspace)s, at, who, seconds, count from live_waits
),
kept_cost as (
    insert into insights_model_cost (workspace_id, at, usd)
    select %(workspace)s, date_bin('15 minutes', created_at, 'epoch'), sum(cost_usd) from turns
    where workspace_id = %(workspace)s and cost_usd > 0
      and created_at >= (select at from since) and created_at < %(until)s
    group by 2
)
insert into insights_progress (workspace_id, kept_until) values (%(workspace)s, %(until)s)
on conflict (workspace_id) do update set kept_until = excluded.kept_until
