select xact::text as xact, event_id as id, failures, failing_since, moved_at, now() as now from relays where name = %(name)s
