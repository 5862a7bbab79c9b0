-- What came of a POST. A status may have come before the answer; then the message is already further on.
with v as (
    select c.id from (select * from conversations where id = %(conversation)s for no key update) c
    join lateral (select 1 from mailbox
                  where kind = 'conversation' and key = c.id and lease_token = %(token)s for share) held on true
),
ended as (
    update messages m
    set state = %(state)s,
        wamid = coalesce(m.wamid, %(wamid)s),
        accepted_at = case when %(state)s = 'accepted' then clock_timestamp() else m.accepted_at end,
        failed_at = case when %(state)s = 'failed' then clock_timestamp() end,
        settle_at = %(settle_at)s,
        not_before = %(not_before)s,
        error = %(error)s::jsonb
    from v
    where m.id = %(message)s and m.state = 'sending'
    returning m.id
),
said as (
    update conversations c
    set last_outbound_at = clock_timestamp(), last_message_at = clock_timestamp(), restarts = 0
    from v where c.id = v.id and %(state)s = 'accepted'
)
select (select count(*) from v) as held, (select count(*) from ended) as ended
