-- Members as the API shows them, newest first.
select m.id, m.email, m.name, m.role, m.in_rotation, m.capacity, m.presence, m.created_at, m.user_id is not null as signs_in,
       member_is_online(m, a.away_after, now()) as online,
       (select count(*) from member_devices d where d.member_id = m.id and d.seen_at > now() - a.away_after) as devices,
       (select count(*) from tasks t
        where t.assignee_id = m.id and t.status = 'open' and t.kind = 'handoff'
          and (t.snoozed_until is null or t.snoozed_until <= now())) as load
from members m join agent_configs a on a.workspace_id = m.workspace_id
where m.workspace_id = %(workspace)s and m.deactivated_at is null
  and (%(member)s::uuid is null or m.id = %(member)s)
  and (%(after_id)s::uuid is null or m.id < %(after_id)s::uuid)
order by m.id desc
limit %(limit)s
