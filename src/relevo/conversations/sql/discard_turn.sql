-- Forget a turn none of whose words were said: its messages are dropped, what it answered is open again, the session
-- goes back to where it was. Nothing is left of it but its row, for the timeline.
with turn as (
    update turns set state = 'discarded' where id = %(turn)s and state = 'decided'
    returning id, conversation_id, session_id, session_before
),
dropped as (
    update messages m set state = 'dropped', drop_reason = %(reason)s
    from turn where m.turn_id = turn.id and m.direction = 'out' and m.state = 'planned'
),
reopened as (
    update messages m set outcome = null, outcome_reason = null, turn_id = null
    from turn where m.turn_id = turn.id and m.direction = 'in'
),
session_back as (
    update sessions s
    set state = coalesce(turn.session_before, '{}'::jsonb),
        ended_at = case when turn.session_before is null then now() end,
        end_reason = case when turn.session_before is null then 'discarded with its first turn' end
    from turn where s.id = turn.session_id
),
unplanned as (
    update follow_ups f set state = 'cancelled', reason = 'the turn was discarded'
    from turn where f.turn_id = turn.id and f.state = 'planned'
)
update conversations c set restarts = c.restarts + 1
from turn where c.id = turn.conversation_id
