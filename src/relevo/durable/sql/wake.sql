-- A wake-up in the caller's transaction: it exists exactly if the caller commits. A burst is one row.
-- Workers are told only of what is due soon; for the rest they keep their own clock (see claim.sql).
with woken as (
    insert into mailbox (kind, key, workspace_id, due_at)
    select %(kind)s, key, workspace_id, due_at
    from unnest(%(keys)s::uuid[], %(workspaces)s::uuid[], %(due)s::timestamptz[]) as w (key, workspace_id, due_at)
    order by key
    on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
    returning due_at, lease_token
)
select pg_notify('relevo_wake', '')
where exists (select from woken where lease_token is null and due_at < now() + interval '1 second')
