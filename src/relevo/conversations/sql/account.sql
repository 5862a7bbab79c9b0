-- What became of inbound messages that no turn answers; `ids` null: of all that are open.
update messages set outcome = %(outcome)s, outcome_reason = %(reason)s
where conversation_id = %(conversation)s and direction = 'in' and outcome is null
  and (%(ids)s::uuid[] is null or id = any(%(ids)s::uuid[]))
