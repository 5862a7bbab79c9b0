-- Everything up to here is handed over.
update relays
set xact = %(xact)s::xid8, event_id = %(id)s, moved_at = now(), failures = 0, failing_since = null, last_error = null
where name = %(name)s
