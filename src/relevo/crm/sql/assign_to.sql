-- A person takes a task or gives it to somebody. Whoever carries it already is left alone.
with entry as (
    insert into assignments (workspace_id, task_id, conversation_id, member_id, previous_member_id, by_member_id, cause,
                             why, considered)
    select t.workspace_id, t.id, t.conversation_id, %(member)s, t.assignee_id, %(by)s, %(cause)s, %(why)s, '[]'::jsonb
    from tasks t
    where t.id = %(task)s and t.workspace_id = %(workspace)s and t.status = 'open'
      and t.assignee_id is distinct from %(member)s::uuid
    returning id, task_id, conversation_id, workspace_id, member_id
),
moved as (
    update tasks t
    set assignee_id = e.member_id, assigned_at = clock_timestamp(), avoid_member_id = null, queue_noted = false,
        snoozed_until = null,
        act_by = case when %(cause)s::text <> 'taken' then clock_timestamp() end + (select reassign_after from agent_configs a where a.workspace_id = t.workspace_id)
    from entry e where t.id = e.task_id
),
last as (
    update members m set last_assignment = e.id from entry e where m.id = e.member_id
)
insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, 'task.assigned',
       jsonb_build_object('taskId', task_id, 'memberId', member_id, 'cause', %(cause)s::text, 'why', %(why)s::text,
                          'assignmentId', id)
from entry
