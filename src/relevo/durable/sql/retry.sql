-- Let go after a run that raised: due again after the backoff, whatever else came meanwhile.
update mailbox
set lease_token = null, lease_until = null, leased_by = null,
    due_at = now() + %(backoff)s * interval '1 second', attempts = attempts + 1, last_error = %(error)s
where kind = %(kind)s and key = %(key)s and lease_token = %(token)s
