-- Given up for good: not due again until something new wakes the actor.
update mailbox
set lease_token = null, lease_until = null, leased_by = null,
    attempts = 0, crashes = 0, last_error = %(error)s, failed_at = now()
where kind = %(kind)s and key = %(key)s and lease_token = %(token)s
