-- Tasks as the API shows them, newest first; conditions are added only where they apply.
select t.id, t.conversation_id, t.kind, t.priority, t.reason, t.summary, t.status, t.assignee_id, m.name as assignee_name,
       t.assigned_at, t.due_at, t.overdue_at is not null and t.status = 'open' as overdue, t.snoozed_until, t.created_at,
       t.done_at, t.done_by, c.id as contact_id, c.name as contact_name,
       l.cause as assignment_cause, l.why as assignment_why
from tasks t
join conversations v on v.id = t.conversation_id
join contacts c on c.id = v.contact_id
left join members m on m.id = t.assignee_id
left join lateral (select cause, why from assignments a where a.task_id = t.id order by a.id desc limit 1) l on true
where t.workspace_id = %(workspace)s{which}
order by t.created_at desc, t.id desc
limit %(limit)s
