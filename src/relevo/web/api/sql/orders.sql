select id, number, conversation_id, status, lines, total, currency, fields, created_at, updated_at, closed_at
from orders
where workspace_id = %(workspace)s
  and (%(one)s::uuid is null or id = %(one)s)
  and (%(conversation)s::uuid is null or conversation_id = %(conversation)s)
  and (%(status)s::text is null or status = %(status)s)
  and (%(after_number)s::int is null or number < %(after_number)s::int)
order by number desc
limit %(limit)s
