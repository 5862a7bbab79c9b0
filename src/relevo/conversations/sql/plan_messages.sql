-- Words that no turn decided: a handoff's announcement, a person's reply. Sent through the outbox like all others.
with planned as (
    insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent, member_id, state,
                          kind, text, content, key, essential, epoch, delay)
    select b.id, %(workspace)s, %(channel)s, %(conversation)s, 'out', %(author)s, %(author)s = 'agent', %(member)s,
           'planned', b.kind, b.text, b.content, b.key, true, %(epoch)s, b.delay
    from jsonb_to_recordset(%(bubbles)s::jsonb) as b (
        n int, id uuid, kind text, text text, content jsonb, key text, delay float8)
    order by b.n
    on conflict (id) do nothing
    returning id
)
select id from planned
