with done as (
    update tasks set status = 'done', done_at = now(), done_by = %(by)s where id = %(task)s and status = 'open'
    returning id, workspace_id, conversation_id, kind
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.done', jsonb_build_object('taskId', id, 'kind', kind, 'memberId', %(by)s::uuid)
from done
