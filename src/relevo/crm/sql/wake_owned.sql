insert into mailbox (kind, key, workspace_id, due_at)
select 'conversation', id, workspace_id, now() from conversations
where workspace_id = %(workspace)s and owner = 'person' and person_active_at is not null
order by id
on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
