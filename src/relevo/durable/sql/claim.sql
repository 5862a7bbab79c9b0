-- Claim actors that are due: the oldest of each workspace in turn, so that no workspace waits behind another's flood.
-- `first` hops from workspace to workspace along the index, whatever the number of sleeping actors.
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
    select m.kind, m.key, m.due_at, row_number() over (partition by m.workspace_id order by m.due_at) as place
    from first cross join lateral (
        select kind, key, workspace_id, due_at from mailbox
        where workspace_id = first.workspace_id and due_at <= now() and lease_token is null
        order by due_at limit %(limit)s
        for update skip locked) m
    where first.due_at <= now()
),
picked as (
    select kind, key from due order by place, due_at limit %(limit)s
)
update mailbox m
set due_at = null, lease_token = gen_random_uuid(), lease_until = now() + %(lease)s * interval '1 second',
    leased_by = %(worker)s
from picked p
where m.kind = p.kind and m.key = p.key
returning m.kind, m.key, m.workspace_id, m.lease_token, m.attempts, m.crashes
