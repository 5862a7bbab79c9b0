-- Of the conversations that were active last, those whose customer's name has these words.
select v.id, v.contact_id, v.last_message_at
from (select id, contact_id, last_message_at from conversations
      where workspace_id = %(workspace)s order by last_message_at desc, id desc limit %(newest)s) v
-- `limit 1` keeps the planner from reading all names there are first: it takes `fold` for cheap.
cross join lateral (select name from contacts where id = v.contact_id limit 1) c
-- Cheaper by far than making words of two thousand names.
where (' ' || fold(c.name) || ' ') like all(%(patterns)s::text[])
order by v.last_message_at desc, v.id desc
limit %(limit)s
