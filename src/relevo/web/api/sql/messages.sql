-- Messages as bubbles: what they quote, who reacted, who wrote. The innermost query chooses rows of one conversation as m.
select m.id, m.direction, m.author, m.member_id, b.name as member_name, m.sent_by_agent, m.kind, m.text, m.content,
       m.state, m.wamid, m.reply_to, m.turn_id, m.outcome, m.outcome_reason, m.drop_reason, m.error, m.provider_at,
       m.created_at, m.accepted_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at, m.arrival,
       q.quoted, coalesce(r.reactions, '[]'::jsonb) as reactions
from ({which}) m
left join members b on b.id = m.member_id
left join lateral (
    select jsonb_build_object('id', o.id, 'author', o.author, 'kind', o.kind, 'text', left(o.text, 300),
                              'member_name', (select name from members where id = o.member_id)) as quoted
    from messages o
    where m.reply_to is not null and o.channel_id = m.channel_id and o.wamid = m.reply_to
      and o.conversation_id = m.conversation_id) q on true
left join lateral (
    -- The last of each side counts; an empty one takes it back.
    select jsonb_agg(jsonb_build_object('id', l.id, 'author', l.author, 'member_name', l.member_name, 'emoji', l.text,
                                        'state', l.state, 'at', l.created_at) order by l.arrival) as reactions
    from (select distinct on (x.direction) x.id, x.author, x.text, x.state, x.created_at, x.arrival, y.name as member_name
          from messages x left join members y on y.id = x.member_id
          where x.conversation_id = m.conversation_id and x.kind = 'reaction' and x.reply_to = m.wamid
            and x.state not in ('failed', 'dropped')
          order by x.direction, x.arrival desc) l
    where l.text <> '') r on true
order by m.arrival desc
