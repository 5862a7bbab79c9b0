-- Conversations as the API shows them. Every parameter but the workspace may be null.
select
    v.id, v.channel_id, v.contact_id, c.name as contact_name, p.value as contact_phone, c.tags as contact_tags,
    v.owner, v.owner_member_id, v.owned_since, v.agent_conversational, v.agent_crm,
    a.agent_enabled and v.agent_conversational is not false as agent_speaks,
    a.crm_agents_enabled and v.agent_crm is not false as crm_agent_works,
    v.epoch, v.handed_back_at, v.window_until, v.last_inbound_at, v.last_outbound_at, v.last_message_at, v.created_at,
    t.id as task_id, t.assignee_id as task_assignee_id,
    m.text as last_text, m.author as last_author,
    exists (select from messages i where i.conversation_id = v.id and i.direction = 'in' and i.outcome is null)
        as waiting_for_agent,
    v.owner = 'person' and v.last_inbound_at > coalesce(v.person_active_at, v.owned_since, '-infinity')
        as waiting_for_person
from conversations v
join agent_configs a on a.workspace_id = v.workspace_id
join contacts c on c.id = v.contact_id
left join lateral (select value from contact_identities where contact_id = c.id and kind = 'phone'
                   order by created_at desc limit 1) p on true
left join lateral (select id, assignee_id from tasks
                   where conversation_id = v.id and kind = 'handoff' and status = 'open') t on true
left join lateral (select text, author from messages
                   where conversation_id = v.id and state <> 'dropped' order by arrival desc limit 1) m on true
where v.workspace_id = %(workspace)s
  and (%(conversation)s::uuid is null or v.id = %(conversation)s)
  and (%(owner)s::text is null or v.owner = %(owner)s)
  and (%(member)s::uuid is null or v.owner_member_id = %(member)s or t.assignee_id = %(member)s)
  and (%(channel)s::uuid is null or v.channel_id = %(channel)s)
  and (%(contact)s::uuid is null or v.contact_id = %(contact)s)
  and (%(search)s::text is null or c.name ilike %(search)s or p.value like %(search)s)
  and (%(after_last_message_at)s::timestamptz is null
       or (v.last_message_at, v.id) < (%(after_last_message_at)s::timestamptz, %(after_id)s::uuid))
order by v.last_message_at desc, v.id desc
limit %(limit)s
