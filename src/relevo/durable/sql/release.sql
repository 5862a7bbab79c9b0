-- Let go of a run that was interrupted by a shutdown: due again at once, and nobody's fault.
update mailbox
set lease_token = null, lease_until = null, leased_by = null, due_at = now()
where kind = %(kind)s and key = %(key)s and lease_token = %(token)s
