-- What became of inbound messages that no turn answers.
update messages set outcome = %(outcome)s, outcome_reason = %(reason)s
where conversation_id = %(conversation)s and direction = 'in' and outcome is null
