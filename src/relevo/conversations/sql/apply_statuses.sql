select * from receive_statuses(
    %(ids)s::uuid[], %(channels)s::uuid[], %(received)s::timestamptz[], %(bodies)b::bytea[], %(problems)s::text[],
    %(heard)s::timestamptz[], %(statuses)s::jsonb)
