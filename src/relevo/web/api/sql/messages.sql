-- Messages of one conversation, newest first.
select id, direction, author, member_id, sent_by_agent, kind, text, content, state, wamid, reply_to, turn_id, outcome,
       outcome_reason, drop_reason, error, provider_at, created_at, accepted_at, sent_at, delivered_at, read_at,
       failed_at, arrival
from messages
where workspace_id = %(workspace)s and conversation_id = %(conversation)s
  and (%(after_arrival)s::bigint is null or arrival < %(after_arrival)s::bigint)
order by arrival desc
limit %(limit)s
