select id, provider, phone_number_id, phone, status, status_reason, paused_until, created_at
from channels
where workspace_id = %(workspace)s
  and (%(one)s::uuid is null or id = %(one)s)
  and (%(after_id)s::uuid is null or id < %(after_id)s::uuid)
order by id desc
limit %(limit)s
