-- All a run needs to know to choose its next step, in one statement that locks nothing.
select
    v.id, v.workspace_id, v.channel_id, v.contact_id, v.agent_conversational, v.agent_crm, v.owner, v.epoch, v.restarts,
    v.handed_back_at, v.person_active_at, v.window_until, v.pair_tat, v.last_outbound_at,
    a.agent_enabled, a.crm_agents_enabled, a.conversational_agent_id, a.handoff_message, a.timer_preset,
    a.response_speed, a.burst_quiet_seconds, a.burst_max_seconds, a.language, a.people_hours, a.out_of_hours_message,
    case when v.owner = 'person' then v.person_active_at + a.release_after end as release_at,
    h.provider, h.phone_number_id, h.api_url, h.access_token, h.status as channel_status, h.paused_until,
    c.name as contact_name, c.tags as contact_tags, c.fields as contact_fields, c.opted_out_at, c.marketing_opted_out_at,
    p.value as phone, b.value as bsuid,
    n.count as unaccounted, n.first_at as first_unaccounted_at, n.last_at as last_unaccounted_at,
    n.last_text, n.last_trace,
    (select wamid from messages where conversation_id = v.id and direction = 'in'
     order by arrival desc limit 1) as last_wamid,
    m.id as pending_id, m.state as pending_state, m.author as pending_author, m.turn_id as pending_turn_id,
    m.epoch as pending_epoch, m.delay as pending_delay, m.not_before as pending_not_before,
    m.settle_at as pending_settle_at, m.attempts as pending_attempts, m.essential as pending_essential,
    m.kind as pending_kind, m.content as pending_content, m.created_at as pending_created_at,
    m.sending_at as pending_sending_at, m.trace as pending_trace,
    t.discardable as pending_discardable,
    coalesce((select bool_or(s.accepted_at is not null) from messages s
              where s.turn_id = m.turn_id and s.direction = 'out'), false) as pending_turn_said,
    f.id as follow_up_id, f.name as follow_up_name, f.due_at as follow_up_due_at, f.created_at as follow_up_planned_at,
    clock_timestamp() as now
from conversations v
join agent_configs a on a.workspace_id = v.workspace_id
join channels h on h.id = v.channel_id
join contacts c on c.id = v.contact_id
left join lateral (select value from contact_identities where contact_id = c.id and kind = 'phone'
                   order by created_at desc limit 1) p on true
left join lateral (select value from contact_identities where contact_id = c.id and kind = 'bsuid'
                   order by created_at desc limit 1) b on true
left join lateral (
    select count(*) as count, min(created_at) as first_at, max(created_at) as last_at,
           (array_agg(text order by provider_at desc, arrival desc))[1] as last_text,
           (array_agg(trace order by provider_at desc, arrival desc))[1] as last_trace
    from messages where conversation_id = v.id and direction = 'in' and outcome is null) n on true
left join lateral (
    select * from messages where conversation_id = v.id and state in ('planned', 'sending', 'unknown')
    -- What is under way first; then people's words before the agent's.
    order by state = 'planned', author = 'agent', arrival limit 1) m on true
left join turns t on t.id = m.turn_id
left join lateral (
    select * from follow_ups where conversation_id = v.id and state = 'planned' order by due_at limit 1) f on true
where v.id = %(conversation)s
