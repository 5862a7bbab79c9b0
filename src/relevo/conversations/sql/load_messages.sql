-- What was really said lately, and what is still open: inbound, and outgoing that WhatsApp accepted. Oldest first.
select * from (
    select id, direction, author, kind, text, content, reply_to, wamid, key, asks, outcome, arrival,
           case when direction = 'in' then provider_at else coalesce(accepted_at, created_at) end as at,
           created_at,
           (direction = 'in' and outcome is null) as open
    from messages
    where conversation_id = %(conversation)s
      and (direction = 'in' or state in ('accepted', 'sent', 'delivered', 'read', 'played'))
    order by arrival desc
    limit %(limit)s
) latest
order by open, case when open then at end, arrival
