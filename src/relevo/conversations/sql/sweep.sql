-- Conversations with something open and no wake-up for it: nothing acknowledged may be forgotten, whatever failed.
with forgotten as (
    select conversation_id, workspace_id, channel_id from messages
    where direction = 'in' and outcome is null and created_at < now() - %(age)s * interval '1 second'
    union
    select conversation_id, workspace_id, channel_id from messages
    where state in ('planned', 'sending', 'unknown') and created_at < now() - %(age)s * interval '1 second'
    union
    select f.conversation_id, f.workspace_id, c.channel_id
    from follow_ups f join conversations c on c.id = f.conversation_id
    where f.state = 'planned' and f.due_at < now() - %(age)s * interval '1 second'
)
insert into mailbox (kind, key, workspace_id, due_at)
select 'conversation', f.conversation_id, f.workspace_id, now()
from forgotten f
join channels h on h.id = f.channel_id and h.status = 'active'
left join mailbox m on m.kind = 'conversation' and m.key = f.conversation_id
where m.key is null or (m.due_at is null and m.lease_token is null)
order by f.conversation_id
limit 1000
on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
