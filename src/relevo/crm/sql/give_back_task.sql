with freed as (
    update tasks
    set avoid_member_id = assignee_id, assignee_id = null, assigned_at = null, act_by = null,
        queued_because = 'given_back', queue_noted = false
    where id = %(task)s and status = 'open' and assignee_id is not null
    returning id, workspace_id, conversation_id, avoid_member_id
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.queued',
       jsonb_build_object('taskId', id, 'memberId', avoid_member_id, 'because', 'given_back', 'by', %(by)s::uuid)
from freed
