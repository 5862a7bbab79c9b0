insert into deliveries (id, channel_id, received_at, body, problem, heard_until)
select id, channel_id, received_at, body, problem, heard_until
from unnest(%(ids)s::uuid[], %(channels)s::uuid[], %(received)s::timestamptz[], %(bodies)b::bytea[], %(problems)s::text[],
            %(heard)s::timestamptz[]) as d (id, channel_id, received_at, body, problem, heard_until)
on conflict (id) do nothing
