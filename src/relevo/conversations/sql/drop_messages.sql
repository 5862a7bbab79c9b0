-- Planned messages that will not be said. Essential ones of the same turn stay, whatever the reason for the others.
update messages
set state = 'dropped', drop_reason = %(reason)s
where state = 'planned'
  and (id = %(message)s or (%(whole_turn)s and turn_id = %(turn)s and not essential))
