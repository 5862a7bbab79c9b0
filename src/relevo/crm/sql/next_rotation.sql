-- When time next does something in a workspace: an inbox falls silent, a deadline passes, a put-off task comes back.
select least(
    (select min(d.seen + a.away_after)
     from members m
     join agent_configs a on a.workspace_id = m.workspace_id
     join lateral (select max(seen_at) as seen from member_devices where member_id = m.id) d on true
     where m.workspace_id = %(workspace)s and m.presence = 'auto' and m.online_since is not null),
    (select min(case when t.snoozed_until is not null then t.snoozed_until
                     else least(t.act_by, case when t.overdue_at is null then t.due_at end) end)
     from tasks t where t.workspace_id = %(workspace)s and t.status = 'open')
) as due
