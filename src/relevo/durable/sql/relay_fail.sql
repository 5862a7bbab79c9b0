update relays
set failures = failures + 1, failing_since = coalesce(failing_since, now()), last_error = %(error)s
where name = %(name)s
