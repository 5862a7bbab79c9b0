select receive_messages(
    %(ids)s::uuid[], %(channels)s::uuid[], %(received)s::timestamptz[], %(bodies)b::bytea[], %(problems)s::text[],
    %(heard)s::timestamptz[], %(people)s::jsonb, %(rows)s::jsonb, %(quiet)s) as new
