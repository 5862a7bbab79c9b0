-- Let go after a good run. What came meanwhile and what the run wants: the earlier counts.
update mailbox
set lease_token = null, lease_until = null, leased_by = null, due_at = least(due_at, %(due)s),
    attempts = 0, crashes = 0, last_error = null, failed_at = null
where kind = %(kind)s and key = %(key)s and lease_token = %(token)s
returning due_at < now() + interval '1 second' as soon
