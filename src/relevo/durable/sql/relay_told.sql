-- Note that the engine was told of these; who was woken for another time meanwhile will be told again.
-- Locked in the order of their keys, as every wake does it.
with told as (
    select m.kind, m.key
    from unnest(%(kinds)s::text[], %(keys)s::uuid[], %(due)s::timestamptz[]) as t (kind, key, due_at)
    join mailbox m on m.kind = t.kind and m.key = t.key and m.due_at = t.due_at and m.lease_token is null
    order by m.kind, m.key
    for no key update of m
)
update mailbox m set announced_for = m.due_at, announced_at = now()
from told
where m.kind = told.kind and m.key = told.key and m.due_at is not null
