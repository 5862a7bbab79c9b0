-- What time does to tasks: put-off ones come back, late ones are noticed once, a member nobody can relieve has more time.
with back as (
    update tasks set snoozed_until = null
    where workspace_id = %(workspace)s and status = 'open' and snoozed_until <= clock_timestamp()
    returning id, workspace_id, conversation_id
),
late as (
    update tasks set overdue_at = clock_timestamp()
    where workspace_id = %(workspace)s and status = 'open' and due_at <= clock_timestamp() and overdue_at is null
      and snoozed_until is null
    returning id, workspace_id, conversation_id, assignee_id
),
told as (
    insert into events (workspace_id, conversation_id, type, data)
    select workspace_id, conversation_id, 'task.back', jsonb_build_object('taskId', id) from back
    union all
    select workspace_id, conversation_id, 'task.overdue', jsonb_build_object('taskId', id, 'memberId', assignee_id) from late
)
update tasks t set act_by = clock_timestamp() + a.reassign_after
from agent_configs a
where a.workspace_id = t.workspace_id and t.workspace_id = %(workspace)s and t.status = 'open'
  and t.act_by <= clock_timestamp() and t.id not in (select id from back) and t.id not in (select id from late)
