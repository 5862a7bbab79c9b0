-- Conversations that were due when an event of theirs left need no telling besides.
with told as (
    select kind, key from mailbox
    where kind = 'conversation' and key = any(%(keys)s::uuid[]) and due_at <= %(read_at)s and lease_token is null
    order by kind, key
    for no key update
)
update mailbox m set announced_for = m.due_at, announced_at = now()
from told
where m.kind = told.kind and m.key = told.key and m.due_at <= %(read_at)s
