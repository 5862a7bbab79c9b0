-- An open session, its user, and the member they act as: in the workspace named, or else in their first.
select s.id as session_id, s.user_id, u.email, u.name, m.id as member_id, m.workspace_id, m.role,
       s.seen_at < now() - interval '1 minute' as stale
from user_sessions s
join users u on u.id = s.user_id and u.disabled_at is null
left join members m on m.user_id = u.id and m.deactivated_at is null
                   and (%(workspace)s::uuid is null or m.workspace_id = %(workspace)s::uuid)
where s.token_hash = %(hash)s and s.revoked_at is null and s.expires_at > now() and s.seen_at > now() - %(idle)s
order by m.created_at, m.id
limit 1
