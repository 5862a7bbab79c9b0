-- Claim one actor for a wake-up from outside, if it is due or will be within `ahead` seconds. Always one row for an
-- actor that exists: without a token, another run has it, or nothing is due before `due_in` seconds.
-- Waits for the row's lock instead of skipping it: who holds it writes a wake-up and is done in a moment.
with mine as (
    select kind, key, workspace_id, due_at, lease_token, attempts, crashes from mailbox
    where kind = %(kind)s and key = %(key)s
    for no key update
),
taken as (
    update mailbox m
    set due_at = null, lease_token = gen_random_uuid(), lease_until = now() + %(lease)s * interval '1 second',
        leased_by = %(worker)s, announced_for = null
    from mine
    where m.kind = mine.kind and m.key = mine.key
      and mine.lease_token is null and mine.due_at <= now() + %(ahead)s * interval '1 second'
    returning m.lease_token
)
select mine.workspace_id, mine.attempts, mine.crashes, mine.lease_token is not null as leased,
       extract(epoch from mine.due_at - now())::float8 as due_in,
       (select lease_token from taken) as lease_token
from mine
