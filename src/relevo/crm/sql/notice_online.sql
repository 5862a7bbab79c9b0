-- Note whether a member is online by now; an event where that is news.
with seen as (
    select m.id, member_is_online(m, a.away_after, clock_timestamp()) as online
    from members m join agent_configs a on a.workspace_id = m.workspace_id
    where m.id = %(member)s and m.workspace_id = %(workspace)s
),
noted as (
    update members m set online_since = case when s.online then clock_timestamp() end
    from seen s where m.id = s.id and s.online is distinct from (m.online_since is not null)
    returning m.id, m.workspace_id, s.online
)
insert into events (workspace_id, type, data)
select workspace_id, case when online then 'member.online' else 'member.away' end, jsonb_build_object('memberId', id)
from noted
