-- Why what is open in a conversation has not been answered yet.
select a.agent_enabled, v.agent_conversational is not false as agent_on, v.owner, h.status as channel_status,
       h.status_reason, h.paused_until > now() as paused, b.lease_token is not null as working, b.due_at > now() as due_later,
       b.attempts, b.last_error, b.failed_at is not null as failed,
       coalesce(a.people_hours ->> 'timezone', 'UTC') as zone, a.language
from conversations v
join agent_configs a on a.workspace_id = v.workspace_id
join channels h on h.id = v.channel_id
left join mailbox b on b.kind = 'conversation' and b.key = v.id
where v.id = %(conversation)s and v.workspace_id = %(workspace)s
