with gone as (
    update members set deactivated_at = now(), online_since = null, presence = 'offline'
    where id = %(member)s and workspace_id = %(workspace)s and deactivated_at is null
    returning id, workspace_id
),
closed as (
    delete from member_devices d using gone where d.member_id = gone.id
),
freed as (
    update tasks t
    set assignee_id = null, assigned_at = null, act_by = null, avoid_member_id = gone.id, queued_because = 'offline',
        queue_noted = false
    from gone where t.assignee_id = gone.id and t.status = 'open'
),
told as (
    insert into events (workspace_id, type, data)
    select workspace_id, 'member.removed', jsonb_build_object('memberId', id) from gone
)
select id from gone
