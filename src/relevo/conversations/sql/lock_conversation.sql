-- The start of every write of a run: the conversation's row, then its lease, in the order everybody locks them.
-- No row: somebody else holds the lease now.
select v.epoch, v.restarts, a.agent_enabled, coalesce(v.agent_conversational, true) as agent_conversational,
       (select count(*) from messages m
        where m.conversation_id = v.id and m.direction = 'in' and m.outcome is null
          and not m.id = any(%(known)s::uuid[])) as newer
from (select * from conversations where id = %(conversation)s for no key update) v
join agent_configs a on a.workspace_id = v.workspace_id
join lateral (select 1 from mailbox
              where kind = 'conversation' and key = v.id and lease_token = %(token)s for share) held on true
