-- Members whose inboxes fell silent are away now.
with lapsed as (
    update members m set online_since = null
    from agent_configs a
    where m.workspace_id = %(workspace)s and a.workspace_id = m.workspace_id and m.online_since is not null
      and not member_is_online(m, a.away_after, clock_timestamp())
    returning m.id, m.workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'member.away', jsonb_build_object('memberId', id) from lapsed
