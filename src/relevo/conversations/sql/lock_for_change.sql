-- A change from outside a run (a person, the API): the conversation's row first, as everybody locks it.
select v.id, v.workspace_id, v.channel_id, v.contact_id, v.owner, v.owner_member_id, v.person_active_at,
       v.agent_conversational, v.agent_crm,
       v.epoch, v.window_until > clock_timestamp() as window_open,
       c.opted_out_at is not null as opted_out,
       a.handoff_message, a.human_reply, a.people_hours, a.out_of_hours_message, a.language
from (select * from conversations
      where id = %(conversation)s and workspace_id = %(workspace)s for no key update) v
join agent_configs a on a.workspace_id = v.workspace_id
join contacts c on c.id = v.contact_id
