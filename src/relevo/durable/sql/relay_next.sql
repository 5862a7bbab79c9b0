-- Seconds until the next actor is due, besides the relay itself and those due already.
with recursive first as (
    (select workspace_id from mailbox
     where due_at is not null and lease_token is null
     order by workspace_id, due_at limit 1)
    union all
    select next.workspace_id
    from first cross join lateral (
        select workspace_id from mailbox
        where workspace_id > first.workspace_id and due_at is not null and lease_token is null
        order by workspace_id, due_at limit 1) next
)
select extract(epoch from min(n.due_at) - clock_timestamp())::float8 as seconds
from first cross join lateral (
    select due_at from mailbox
    where workspace_id = first.workspace_id and due_at > now() and lease_token is null and kind <> %(relay)s
    order by due_at limit 1) n
