update mailbox m
set lease_until = now() + %(lease)s * interval '1 second'
from unnest(%(tokens)s::uuid[], %(kinds)s::text[], %(keys)s::uuid[]) as held (token, kind, key)
where m.kind = held.kind and m.key = held.key and m.lease_token = held.token
returning m.lease_token
