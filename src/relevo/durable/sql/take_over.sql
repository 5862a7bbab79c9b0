-- Leases that ran out: their worker died, froze or lost the database. Their actors are due again at once.
with dead as (
    select kind, key from mailbox
    where lease_token is not null and lease_until < now()
    order by lease_until limit 1000
    for update skip locked
)
update mailbox m
set lease_token = null, lease_until = null, leased_by = null, crashes = m.crashes + 1, due_at = now()
from dead
where m.kind = dead.kind and m.key = dead.key
returning m.kind, m.key
