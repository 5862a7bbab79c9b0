insert into deliveries (id, channel_id, received_at, body, problem)
select id, channel_id, received_at, body, problem
from unnest(%(ids)s::uuid[], %(channels)s::uuid[], %(received)s::timestamptz[], %(bodies)s::bytea[], %(problems)s::text[])
    as d (id, channel_id, received_at, body, problem)
on conflict (id) do nothing
