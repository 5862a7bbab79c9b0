-- Actors that are due and whose engine was not told, the oldest of each workspace in turn. One that was told and still
-- waits is told again: after `grace` seconds, then after as long again each time, for engines forget what they accepted.
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
)
select m.kind, m.key, m.workspace_id, m.due_at
from first cross join lateral (
    select kind, key, workspace_id, due_at, row_number() over (order by due_at) as place
    from (
        select kind, key, workspace_id, due_at from mailbox
        where workspace_id = first.workspace_id and due_at <= now() and lease_token is null and kind <> %(relay)s
          and (announced_for is distinct from due_at
               or announced_at < now() - greatest(%(grace)s * interval '1 second', least((now() - due_at) / 2, interval '5 minutes')))
        order by due_at limit %(limit)s) oldest) m
where first.due_at <= now()
order by m.place, m.due_at limit %(limit)s
