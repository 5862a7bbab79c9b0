-- What a shop's own systems need to know of an event without asking back.
select e.id, e.xact::text::bigint as xact, e.workspace_id, e.conversation_id, e.type, e.data, e.created_at,
       (select jsonb_build_object('id', m.id, 'direction', m.direction, 'author', m.author, 'kind', m.kind, 'text', m.text,
                                  'wamid', m.wamid, 'member_id', m.member_id)
        from messages m where m.id = (e.data ->> 'messageId')::uuid and m.workspace_id = e.workspace_id) as message,
       (select jsonb_build_object('id', c.id, 'name', c.name, 'phone',
                    (select value from contact_identities i where i.contact_id = c.id and i.kind = 'phone'
                     order by i.created_at desc limit 1))
        from conversations v join contacts c on c.id = v.contact_id
        where v.id = e.conversation_id and v.workspace_id = e.workspace_id) as contact
from events e
where e.workspace_id = %(workspace)s and e.id = any(%(ids)s::bigint[])
order by e.xact, e.id
