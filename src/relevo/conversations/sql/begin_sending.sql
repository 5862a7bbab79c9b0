-- The last look right before the POST. What forbids it here is seen again by the next look, which says what follows.
with v as (
    select c.* from (select * from conversations where id = %(conversation)s for no key update) c
    join lateral (select 1 from mailbox
                  where kind = 'conversation' and key = c.id and lease_token = %(token)s for share) held on true
),
begun as (
    update messages m
    set state = 'sending', sending_at = clock_timestamp(), attempts = m.attempts + 1, error = null, settle_at = null
    from v
    join agent_configs a on a.workspace_id = v.workspace_id
    join channels h on h.id = v.channel_id
    join contacts c on c.id = v.contact_id
    where m.id = %(message)s and m.state = 'planned'
      and h.status = 'active'
      and (m.author <> 'agent' or (m.epoch = v.epoch and a.agent_enabled))
      and (m.author <> 'agent' or c.opted_out_at is null or c.opted_out_at = m.created_at)
      and (m.kind = 'template' or v.window_until > clock_timestamp())
      and (m.author <> 'agent' or %(speaks_over)s or not exists (
          select from messages i where i.conversation_id = v.id and i.direction = 'in' and i.outcome is null))
    returning m.conversation_id
),
paced as (
    update conversations c set pair_tat = %(pair_tat)s
    from begun where c.id = begun.conversation_id
)
select (select count(*) from v) as held, (select count(*) from begun) as begun
