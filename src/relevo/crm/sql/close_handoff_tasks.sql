-- A handoff is over with its conversation's return to the agent.
with closed as (
    update tasks set status = 'done', done_at = now(), done_by = %(member)s
    where conversation_id = %(conversation)s and kind = 'handoff' and status = 'open'
    returning id, workspace_id, conversation_id
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.done',
       jsonb_build_object('taskId', id, 'memberId', %(member)s::uuid, 'because', 'handed back')
from closed
