-- Rows are locked in the order of their keys, as every wake does it.
with held as (
    select m.kind, m.key
    from unnest(%(tokens)s::uuid[], %(kinds)s::text[], %(keys)s::uuid[]) as h (token, kind, key)
    join mailbox m on m.kind = h.kind and m.key = h.key and m.lease_token = h.token
    order by m.kind, m.key
    for no key update of m
)
update mailbox m
set lease_until = now() + %(lease)s * interval '1 second'
from held
where m.kind = held.kind and m.key = held.key
returning m.lease_token
