with noted as (
    insert into task_comments (id, workspace_id, task_id, member_id, text)
    select %(id)s, workspace_id, id, %(by)s, %(text)s from tasks where id = %(task)s
    returning id, workspace_id, task_id, member_id, text
)
insert into events (workspace_id, conversation_id, type, data)
select n.workspace_id, t.conversation_id, 'task.commented',
       jsonb_build_object('taskId', n.task_id, 'commentId', n.id, 'memberId', n.member_id, 'text', n.text)
from noted n join tasks t on t.id = n.task_id
