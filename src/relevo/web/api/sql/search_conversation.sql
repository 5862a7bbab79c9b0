-- Messages of one conversation with these words, newest first: read one by one along the conversation, as that is short.
select m.id, m.conversation_id, m.direction, m.author, m.kind, m.text, m.created_at, m.arrival,
       c.id as contact_id, c.name as contact_name,
       (select value from contact_identities i where i.contact_id = c.id and i.kind = 'phone'
        order by i.created_at desc limit 1) as contact_phone
from (select * from messages m
      where m.text <> '' and m.workspace_id = %(workspace)s and m.conversation_id = %(conversation)s
        and search_words(m.workspace_id, 0::bigint, m.text) @@ %(words)s::tsquery
        and m.arrival < %(before)s and m.state <> 'dropped'
      order by m.arrival desc limit %(limit)s) m
join conversations v on v.id = m.conversation_id
join contacts c on c.id = v.contact_id
order by m.arrival desc
