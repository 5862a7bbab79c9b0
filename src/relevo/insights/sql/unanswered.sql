-- Who waits right now: for the agent, what no turn has accounted for; for people, what came since a person last acted.
select
    (select count(distinct m.conversation_id) from messages m
     where m.workspace_id = %(workspace)s and m.direction = 'in' and m.outcome is null) as for_agent,
    (select count(*) from conversations v
     where v.workspace_id = %(workspace)s and v.owner = 'person'
       and v.last_inbound_at > coalesce(v.person_active_at, v.owned_since, '-infinity')) as for_people
