with snoozed as (
    update tasks set snoozed_until = %(until)s where id = %(task)s and status = 'open'
    returning id, workspace_id, conversation_id, snoozed_until
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.snoozed',
       jsonb_build_object('taskId', id, 'until', snoozed_until, 'by', %(by)s::uuid)
from snoozed
