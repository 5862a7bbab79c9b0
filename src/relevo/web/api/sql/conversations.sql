-- Conversations by id as the inbox shows them to a member (null: to nobody in particular), the most recently active first.
select
    v.id, v.channel_id, v.contact_id, c.name as contact_name, p.value as contact_phone, u.value as contact_username,
    c.tags as contact_tags, c.opted_out_at is not null as contact_opted_out,
    v.owner, v.owner_member_id, o.name as owner_member_name, v.owned_since, v.agent_conversational, v.agent_crm,
    s.agent_speaks, a.crm_agents_enabled and v.agent_crm is not false as crm_agent_works,
    s.agent_speaks and h.status = 'active' and (w.waiting or w.speaking) as agent_writing,
    v.epoch, v.handed_back_at, v.window_until, v.last_inbound_at, v.last_outbound_at, v.last_message_at, v.created_at,
    t.id as task_id, t.assignee_id as task_assignee_id,
    case when t.id is not null then jsonb_build_object(
        'id', t.id, 'reason', t.reason, 'priority', t.priority, 'assignee_id', t.assignee_id,
        'assignee_name', (select name from members where id = t.assignee_id), 'due_at', t.due_at,
        'overdue', t.overdue_at is not null, 'snoozed_until', t.snoozed_until, 'created_at', t.created_at) end as task,
    (select count(*) from tasks k where k.conversation_id = v.id and k.status = 'open') as open_tasks,
    case when m.id is not null then jsonb_build_object(
        'id', m.id, 'direction', m.direction, 'author', m.author, 'member_name', m.member_name, 'kind', m.kind,
        'text', left(m.text, 200), 'state', m.state, 'at', m.created_at) end as last_message,
    left(m.text, 200) as last_text, m.author as last_author,
    coalesce(n.unread, 0) as unread, n.first_unread_id,
    w.waiting as waiting_for_agent,
    coalesce(v.owner = 'person' and v.last_inbound_at > coalesce(v.person_active_at, v.owned_since, '-infinity'), false)
        as waiting_for_person,
    coalesce((select max(e.id) from events e where e.conversation_id = v.id and e.type <> 'inbox.read'), 0) as version
from conversations v
join agent_configs a on a.workspace_id = v.workspace_id
join channels h on h.id = v.channel_id
join contacts c on c.id = v.contact_id
left join members o on o.id = v.owner_member_id
left join lateral (select value from contact_identities where contact_id = c.id and kind = 'phone'
                   order by created_at desc limit 1) p on true
left join lateral (select value from contact_identities where contact_id = c.id and kind = 'username'
                   order by created_at desc limit 1) u on true
left join lateral (select * from tasks where conversation_id = v.id and kind = 'handoff' and status = 'open') t on true
left join lateral (select x.id, x.direction, x.author, x.kind, x.text, x.state, x.created_at, b.name as member_name
                   from messages x left join members b on b.id = x.member_id
                   where x.conversation_id = v.id and x.kind <> 'reaction' and x.state <> 'dropped'
                     and (x.state <> 'planned' or x.author <> 'agent')
                   order by x.arrival desc limit 1) m on true
cross join lateral (select a.agent_enabled and v.agent_conversational is not false as agent_speaks) s
cross join lateral (
    select exists (select from messages i
                   where i.conversation_id = v.id and i.direction = 'in' and i.outcome is null) as waiting,
           exists (select from messages i
                   where i.conversation_id = v.id and i.state in ('planned', 'sending', 'unknown')
                     and i.author = 'agent') as speaking) w
left join lateral (
    -- The newest hundred of them; older ones only make the count say "100 and more".
    select count(*)::int as unread, (array_agg(x.id order by x.arrival))[1] as first_unread_id
    from (select i.id, i.arrival
          from members d
          left join inbox_floors f on f.member_id = d.id
          left join conversation_reads r on r.member_id = d.id and r.conversation_id = v.id
          join messages i on i.conversation_id = v.id and i.arrival > coalesce(r.read_arrival, 0)
          where d.id = %(member)s::uuid and v.last_inbound_at > coalesce(f.read_until, d.created_at)
            and i.direction = 'in' and i.kind <> 'reaction' and i.outcome_reason is distinct from 'past chat'
            and i.created_at > coalesce(f.read_until, d.created_at)
          order by i.arrival desc limit 100) x) n on true
where v.workspace_id = %(workspace)s and v.id = any(%(ids)s::uuid[])
order by v.last_message_at desc, v.id desc
