-- Handoffs whose member cannot or does not look after them go back into the queue, at their old place in it: the member
-- is away while the customer waits for an answer, or has not acted in time although another member is free.
with stranded as (
    select t.id, t.assignee_id,
           case when not member_is_online(m, a.away_after, clock_timestamp()) then 'offline' else 'not_acting' end as because
    from tasks t
    join agent_configs a on a.workspace_id = t.workspace_id
    join members m on m.id = t.assignee_id
    join conversations v on v.id = t.conversation_id
    where t.workspace_id = %(workspace)s and t.status = 'open' and t.kind = 'handoff'
      and (t.snoozed_until is null or t.snoozed_until <= clock_timestamp())
      and case when not member_is_online(m, a.away_after, clock_timestamp())
               then v.person_active_at is null or v.last_inbound_at > v.person_active_at
               else t.act_by <= clock_timestamp() and (v.person_active_at is null or v.person_active_at < t.assigned_at)
                    and exists (select from rotation(t.workspace_id) r
                                where r.online and r.load < r.capacity and r.member_id <> t.assignee_id) end
),
freed as (
    update tasks t
    set assignee_id = null, assigned_at = null, act_by = null, avoid_member_id = s.assignee_id,
        queued_because = s.because, queue_noted = false
    from stranded s where t.id = s.id
    returning t.id, t.workspace_id, t.conversation_id, s.assignee_id, s.because
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.queued',
       jsonb_build_object('taskId', id, 'memberId', assignee_id, 'because', because)
from freed
