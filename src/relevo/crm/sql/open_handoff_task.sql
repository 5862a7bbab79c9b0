-- The task of a handoff. One that is open already fails the transaction: no handoff shares another one's task.
with opened as (
    insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary, due_at)
    values (%(id)s, %(workspace)s, %(conversation)s, 'handoff', 'high', %(reason)s, %(summary)s,
            %(starts)s::timestamptz
            + (select task_due_after from agent_configs where workspace_id = %(workspace)s))
    returning id, workspace_id, conversation_id, kind, reason, due_at
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.opened',
       jsonb_build_object('taskId', id, 'kind', kind, 'reason', reason, 'dueAt', due_at)
from opened
