-- How the installation is doing, cheaply: each figure comes from a small partial index, and sleeping actors cost nothing.
with recursive first as (
    (select workspace_id, due_at from mailbox
     where due_at is not null and lease_token is null
     order by workspace_id, due_at limit 1)
    union all
    select next.workspace_id, next.due_at
    from first cross join lateral (
        select workspace_id, due_at from mailbox
        where workspace_id > first.workspace_id and due_at is not null and lease_token is null
        order by workspace_id, due_at limit 1) next
),
due as (
    select m.due_at
    from first cross join lateral (
        select due_at from mailbox
        where workspace_id = first.workspace_id and due_at <= now() and lease_token is null
        order by due_at limit 10000) m
    where first.due_at <= now()
)
select
    (select count(*) from due) as queue_depth,
    (select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 from due) as queue_age,
    (select count(*) from mailbox where lease_token is not null) as leased,
    (select count(*) from mailbox where failed_at is not null) as failed,
    unanswered.count as unanswered,
    unanswered.age as oldest_unanswered,
    (select count(*) from messages where state in ('planned', 'sending', 'unknown')) as outbox,
    (select count(*) from set_aside_updates where replayed_at is null) as set_aside,
    (select count(*) from pg_stat_activity
     where datname = current_database() and application_name = 'relevo listen') as workers
from (
    select count(*) as count, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as age
    from messages where direction = 'in' and outcome is null) unanswered
