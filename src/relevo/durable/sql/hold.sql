select 1 from mailbox
where kind = %(kind)s and key = %(key)s and lease_token = %(token)s
for share
