-- Tasks as the API shows them, newest first. Every parameter but the workspace may be null.
select t.id, t.conversation_id, t.kind, t.priority, t.reason, t.summary, t.status, t.assignee_id, m.name as assignee_name,
       t.assigned_at, t.due_at, t.overdue_at is not null and t.status = 'open' as overdue, t.snoozed_until, t.created_at,
       t.done_at, t.done_by, c.id as contact_id, c.name as contact_name,
       l.cause as assignment_cause, l.why as assignment_why
from tasks t
join conversations v on v.id = t.conversation_id
join contacts c on c.id = v.contact_id
left join members m on m.id = t.assignee_id
left join lateral (select cause, why from assignments a where a.task_id = t.id order by a.id desc limit 1) l on true
where t.workspace_id = %(workspace)s
  and (%(task)s::uuid is null or t.id = %(task)s)
  and (%(status)s::text is null or t.status = %(status)s)
  and (%(kind)s::text is null or t.kind = %(kind)s)
  and (%(assignee)s::uuid is null or t.assignee_id = %(assignee)s)
  and (%(unassigned)s::boolean is null or (t.assignee_id is null) = %(unassigned)s)
  and (%(overdue)s::boolean is null or (t.overdue_at is not null and t.status = 'open') = %(overdue)s)
  and (%(snoozed)s::boolean is null or coalesce(t.snoozed_until > now(), false) = %(snoozed)s)
  and (%(conversation)s::uuid is null or t.conversation_id = %(conversation)s)
  and (%(after_created_at)s::timestamptz is null
       or (t.created_at, t.id) < (%(after_created_at)s::timestamptz, %(after_id)s::uuid))
order by t.created_at desc, t.id desc
limit %(limit)s
