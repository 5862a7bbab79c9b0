-- Messages with these words, of the buckets they name: newest first. `beginning`, where given: a pattern of a word that is
-- looked for in the texts of what the words find.
select m.id, m.conversation_id, m.direction, m.author, m.kind, m.text, m.created_at, m.arrival,
       c.id as contact_id, c.name as contact_name,
       (select value from contact_identities i where i.contact_id = c.id and i.kind = 'phone'
        order by i.created_at desc limit 1) as contact_phone
from (select m.* from message_words w join messages m on m.id = w.message_id
      where w.words @@ %(words)s::tsquery and w.arrival < %(before)s
        and m.workspace_id = %(workspace)s and m.state <> 'dropped'
        and (%(beginning)s::text is null or ' ' || fold(m.text) like %(beginning)s)
      order by m.arrival desc limit %(limit)s) m
join conversations v on v.id = m.conversation_id
join contacts c on c.id = v.contact_id
order by m.arrival desc
