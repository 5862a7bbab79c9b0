with added as (
    insert into members (id, workspace_id, email, name, role)
    values (%(id)s, %(workspace)s, %(email)s, %(name)s, %(role)s)
    on conflict (workspace_id, email) do update
    set deactivated_at = null, name = excluded.name, role = excluded.role
    where members.deactivated_at is not null
    returning id, workspace_id
),
told as (
    insert into events (workspace_id, type, data)
    select workspace_id, 'member.added', jsonb_build_object('memberId', id) from added
)
select id from added
